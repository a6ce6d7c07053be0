import { describe, expect, it } from "vitest";
import type { Draft, KubeObject } from "#machinery/kind.ts";
import type { Message } from "#machinery/schema/message.ts";
import { decodeMessage } from "#machinery/schema/decode.ts";
import { decodeObject, fillDefaults } from "#machinery/schema/decode-object.ts";
import { decodeProtobuf } from "#machinery/schema/protobuf/decode.ts";
import { encodeMessage } from "#machinery/schema/protobuf/encode.ts";
import { openEnvelope, wrapInEnvelope } from "#machinery/schema/protobuf/envelope.ts";
import { builtInSchemas } from "./define-kind.ts";
import { earlierVersions } from "./earlier-versions.ts";
import { kinds } from "./kinds.ts";
import { examples } from "./testing/examples.ts";
import { factsFolder, readFact } from "./testing/facts.ts";
import { validateObject, validateObjectUpdate } from "./validate-object.ts";

describe.each(kinds.map((kind) => ({ name: `${kind.apiVersion} ${kind.kind}`, kind })))("$name", ({ name, kind }) => {
  const decoded = (): Draft<KubeObject> => decodeObject(kind, examples[name], "Strict").object;

  it("has a schema with metadata", () => {
    expect(kind.schema.isKind).toBe(true);
    expect(kind.schema.fields.get("metadata")).toBeDefined();
  });

  it("takes its example without fault, new and unchanged", () => {
    expect(validateObject(kind, decoded() as KubeObject)).toEqual([]);
    expect(validateObjectUpdate(kind, decoded() as KubeObject, decoded() as KubeObject)).toEqual([]);
  });

  it("is the same after its defaults were filled in again", () => {
    const object = decoded();
    expect(decodeObject(kind, object, "Strict").object).toEqual(object);
  });

  it("comes through JSON and protobuf unchanged", () => {
    const { apiVersion, kind: kindName, ...fields } = decoded();
    expect(decodeMessage(kind.schema, JSON.parse(JSON.stringify(fields))).value).toEqual(fields);
    const draft = { apiVersion, kind: kindName, ...decodeProtobuf(kind.schema, encodeMessage(kind.schema, fields)) } as Draft<KubeObject>;
    fillDefaults(kind, draft);
    expect(draft).toEqual({ apiVersion, kind: kindName, ...fields });
    expect([apiVersion, kindName]).toEqual([kind.apiVersion, kind.kind]);
  });

  it("fills every cell of its row", () => {
    const object = decoded();
    object.metadata.creationTimestamp = "2026-01-01T00:00:00Z";
    kind.prepareForCreate?.(object);
    for (const column of kind.columns ?? []) expect(column.value(object as KubeObject, 0), column.name).toBeDefined();
  });

  it("selects by fields that its schema has", () => {
    for (const field of kind.selectableFields ?? []) expect(hasField(kind.schema, (kind.fieldAliases?.[field] ?? field).split(".")), field).toBe(true);
  });
});

function hasField(message: Message, [first = "", ...rest]: readonly string[]): boolean {
  const type = message.fields.get(first)?.type;
  return type !== undefined && (rest.length === 0 || (type.is === "message" && hasField(type.message, rest)));
}

it("describes every message and field", () => {
  const all = [...builtInSchemas.names()].map((name) => builtInSchemas.message(name));
  const silent = all.flatMap(({ name, description, declared }) => [
    ...(description === "" ? [name] : []),
    ...declared.filter((field) => field.name !== "..." && field.description === "").map((field) => `${name}.${field.name}`),
  ]);
  expect(silent).toEqual([]);
});

const messages = [
  ...[...builtInSchemas.names()].map((name) => builtInSchemas.message(name)).filter((message) => message.isKind),
  ...earlierVersions.map(({ schema }) => schema),
];

describe.skipIf(factsFolder === undefined).each(messages.map((message) => ({ name: message.name, message })))("upstream's $name (needs facts)", ({ message }) => {
  const file = `roundtrip/${fileName(message)}`;
  const json = readFact(`${file}.json`);
  const protobuf = readFact(`${file}.pb`);

  it.skipIf(json === undefined)("has no field that we do not know", () => {
    const given: unknown = JSON.parse(new TextDecoder().decode(json));
    const { value, problems } = decodeMessage(message, given);
    expect(problems).toEqual([]);
    expect(value).toEqual(given);
  });

  it.skipIf(json === undefined || protobuf === undefined)("is byte for byte the same in protobuf", () => {
    const { apiVersion, kind, ...given } = JSON.parse(new TextDecoder().decode(json)) as { apiVersion: string; kind: string };
    expect(decodeProtobuf(message, openEnvelope(protobuf!).raw)).toEqual(decodeMessage(message, given).value);
    const raw = encodeMessage(message, given);
    expect(hex(wrapInEnvelope({ apiVersion, kind, raw }))).toBe(hex(protobuf!));
  });
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** `rbac/v1.Role` → `rbac.authorization.k8s.io.v1.Role` */
function fileName(message: Message): string {
  const groups: { readonly [short: string]: string } = {
    meta: "core", core: "core", apps: "apps", autoscaling: "autoscaling", policy: "policy", flowcontrol: "flowcontrol.apiserver.k8s.io",
  };
  const [, short = "", version = "", kind = ""] = /^(\w+)\/(\w+)\.(\w+)$/.exec(message.name) ?? [];
  const group = groups[short] ?? (short === "rbac" || short === "authorization" || short === "authentication"
    ? `${short === "rbac" ? "rbac.authorization" : short}.k8s.io` : `${short}.k8s.io`);
  return `${group}.${version}.${kind}`;
}
