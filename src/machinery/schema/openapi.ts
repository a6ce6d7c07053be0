import { structuralDefinition } from "../structural-schema/openapi.ts";
import type { Field, Message, StructuralRoot, Type } from "./message.ts";
import type { OpenApiSchema, OpenApiVersion } from "./openapi-schema.ts";

export interface OpenApiGroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** An object that is listed, or sent or answered at all: its message, and the names that it goes by. */
export interface OpenApiRoot {
  readonly message: Message;
  readonly groupVersionKinds: readonly OpenApiGroupVersionKind[];
  /** Adds the definition of its list, whose items refer to it. */
  readonly hasList?: boolean;
}

const metaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1";
const scalarNames: { readonly [is: string]: string } = {
  Time: `${metaPrefix}.Time`, MicroTime: `${metaPrefix}.MicroTime`, Duration: `${metaPrefix}.Duration`, FieldsV1: `${metaPrefix}.FieldsV1`,
  Quantity: "io.k8s.apimachinery.pkg.api.resource.Quantity", IntOrString: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
  RawExtension: "io.k8s.apimachinery.pkg.runtime.RawExtension",
  JSON: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
};

/**
 * The definitions of these objects and of everything that they refer to, by name and sorted: `definitions` of an OpenAPI 2
 * document, `components.schemas` of an OpenAPI 3 one. `listMetadata` is meta/v1 ListMeta, for lists.
 */
export function openApiDefinitions(roots: readonly OpenApiRoot[], listMetadata: Message, version: OpenApiVersion): { [name: string]: OpenApiSchema } {
  const writer = new DefinitionWriter(version);
  for (const root of roots) {
    writer.add(root.message, root.groupVersionKinds);
    if (root.hasList === true) writer.addList(root, listMetadata);
  }
  return writer.sorted();
}

/** Collects definitions while following references, so that none is missing and none is there twice. */
class DefinitionWriter {
  readonly #version: OpenApiVersion;
  readonly #definitions = new Map<string, OpenApiSchema>();

  constructor(version: OpenApiVersion) {
    this.#version = version;
  }

  sorted(): { [name: string]: OpenApiSchema } {
    return Object.fromEntries([...this.#definitions].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  add(message: Message, groupVersionKinds: readonly OpenApiGroupVersionKind[] = []): void {
    const known = this.#definitions.get(message.openapiName);
    if (known !== undefined && (groupVersionKinds.length === 0 || "x-kubernetes-group-version-kind" in known)) return;
    this.#definitions.set(message.openapiName, {});
    // OpenAPI 2 cannot say what a union may be, so nothing is said of it in either version.
    if (message.union) return void this.#definitions.set(message.openapiName, described(message.description));
    if (message.structural) return this.#addStructural(message, message.structural, groupVersionKinds);
    const properties = Object.fromEntries([...message.fields].toSorted(byName).map(([name, field]) => [name, this.#property(field)]));
    const required = [...message.fields.values()].filter(({ presence }) => presence === "required").map(({ name }) => name);
    this.#definitions.set(message.openapiName, {
      ...described(message.description),
      type: "object",
      ...(required.length === 0 ? {} : { required }),
      ...(message.isKind || message.fields.size > 0 ? { properties: message.isKind ? { ...typeMeta, ...properties } : properties } : {}),
      ...(message.atomic ? { "x-kubernetes-map-type": "atomic" } : {}),
      ...(groupVersionKinds.length === 0 ? {} : { "x-kubernetes-group-version-kind": groupVersionKinds }),
    });
  }

  #addStructural(message: Message, { schema, metadata }: StructuralRoot, groupVersionKinds: readonly OpenApiGroupVersionKind[]): void {
    this.add(metadata);
    const named = this.#describedReference(metadata.openapiName, "Standard object's metadata: name, namespace, labels and the like.");
    this.#definitions.set(message.openapiName, {
      ...structuralDefinition(schema, { version: this.#version, typeMeta, metadata: named }),
      ...(groupVersionKinds.length === 0 ? {} : { "x-kubernetes-group-version-kind": groupVersionKinds }),
    });
  }

  addList({ message, groupVersionKinds }: OpenApiRoot, listMetadata: Message): void {
    this.add(listMetadata);
    this.#definitions.set(`${message.openapiName}List`, {
      description: `A list of objects of kind ${groupVersionKinds[0]?.kind ?? ""}.`,
      type: "object",
      required: ["items"],
      properties: {
        ...typeMeta,
        items: { description: "The objects.", type: "array", items: this.#reference(message.openapiName) },
        metadata: this.#describedReference(listMetadata.openapiName, "About the list as a whole."),
      },
      "x-kubernetes-group-version-kind": groupVersionKinds.map(({ group, version, kind }) => ({ group, version, kind: `${kind}List` })),
    });
  }

  #property(field: Field): OpenApiSchema {
    const { type, description } = field;
    const more = {
      ...(this.#version === 3 && field.default !== undefined ? { default: field.default } : {}),
      ...(field.minimum === undefined ? {} : { minimum: field.minimum }),
      ...(field.maximum === undefined ? {} : { maximum: field.maximum }),
      ...listExtensions(field),
      ...patchExtensions(field),
    };
    const name = this.#definitionOf(type);
    return name === undefined ? { ...described(description), ...this.#type(type), ...more } : this.#describedReference(name, description, more);
  }

  /** Name of the definition that the type has, which is added with everything in it. */
  #definitionOf(type: Type): string | undefined {
    if (type.is === "message") {
      this.add(type.message);
      return type.message.openapiName;
    }
    const name = scalarNames[type.is];
    if (name !== undefined && !this.#definitions.has(name)) this.#definitions.set(name, scalarDefinition(type.is, this.#version));
    return name;
  }

  #type(type: Type): OpenApiSchema {
    const name = this.#definitionOf(type);
    if (name !== undefined) return this.#reference(name);
    switch (type.is) {
      case "string":
        return { type: "string", ...(this.#version === 3 && type.values ? { enum: type.values } : {}) };
      case "list":
        return { type: "array", items: this.#type(type.of) };
      case "WrappedStrings":
        return { type: "array", items: { type: "string" } };
      case "map":
        return { type: "object", additionalProperties: this.#type(type.of) };
      default:
        return plainScalars[type.is] ?? {};
    }
  }

  #reference(name: string): OpenApiSchema {
    return { $ref: `${this.#version === 2 ? "#/definitions/" : "#/components/schemas/"}${name}` };
  }

  /** In OpenAPI 3 nothing may stand beside a `$ref`, so it is wrapped. */
  #describedReference(name: string, description: string, more: OpenApiSchema = {}): OpenApiSchema {
    const reference = this.#reference(name);
    const besides = { ...described(description), ...more };
    return this.#version === 2 || Object.keys(besides).length === 0 ? { ...besides, ...reference } : { ...besides, allOf: [reference] };
  }
}

const plainScalars: { readonly [is: string]: OpenApiSchema } = {
  bool: { type: "boolean" }, int32: { type: "integer", format: "int32" }, int64: { type: "integer", format: "int64" },
  double: { type: "number", format: "double" }, bytes: { type: "string", format: "byte" },
};

const typeMeta = {
  apiVersion: { description: "APIVersion defines which group and version of the API the object is written in, such as apps/v1.", type: "string" },
  kind: { description: "What the object is, such as Deployment.", type: "string" },
};

function scalarDefinition(is: string, version: OpenApiVersion): OpenApiSchema {
  switch (is) {
    case "Time":
      return { description: "A point in time, in seconds (RFC 3339).", type: "string", format: "date-time" };
    case "MicroTime":
      return { description: "A point in time, in microseconds (RFC 3339).", type: "string", format: "date-time" };
    case "Duration":
      return { description: "A length of time, such as 1h30m0s.", type: "string" };
    case "Quantity": {
      const description = "An amount, such as 100m, 1.5Gi or 12e6.";
      return version === 2 ? { description, type: "string" } : { description, oneOf: [{ type: "string" }, { type: "number" }] };
    }
    case "IntOrString": {
      const description = "A whole number, or a text such as a percentage or the name of a port.";
      if (version === 2) return { description, type: "string", format: "int-or-string" };
      return { description, format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] };
    }
    case "FieldsV1":
      return { description: "A set of fields, as a tree.", type: "object" };
    case "RawExtension":
      return { description: "An object of any shape.", type: "object" };
    default:
      return { description: "Any JSON value." };
  }
}

function listExtensions({ type, list, atomic, granular }: Field): OpenApiSchema {
  if (type.is === "list") {
    if (list?.is === "untyped") return {};
    const keys = list?.is === "map" ? { "x-kubernetes-list-map-keys": list.keys } : {};
    return { ...keys, "x-kubernetes-list-type": list?.is ?? "atomic" };
  }
  // Bytes are a list to those who read definitions.
  if (atomic === true) return { [type.is === "bytes" ? "x-kubernetes-list-type" : "x-kubernetes-map-type"]: "atomic" };
  return granular === true ? { "x-kubernetes-map-type": "granular" } : {};
}

function patchExtensions({ patch }: Field): OpenApiSchema {
  if (patch === undefined) return {};
  const strategies = [...(patch.merge ? ["merge"] : []), ...(patch.retainKeys ? ["retainKeys"] : []), ...(patch.replace ? ["replace"] : [])];
  return {
    ...(patch.mergeKey === undefined ? {} : { "x-kubernetes-patch-merge-key": patch.mergeKey }),
    ...(strategies.length === 0 ? {} : { "x-kubernetes-patch-strategy": strategies.join(",") }),
  };
}

function described(description: string): OpenApiSchema {
  return description === "" ? {} : { description };
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
