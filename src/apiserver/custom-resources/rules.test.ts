import { describe, expect, it } from "vitest";
import { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import type { JSONSchemaProps } from "#api/generated/apiextensions-v1.ts";
import type { New } from "#machinery/kind.ts";
import { serverForTest } from "../testing/api-server.ts";
import { serverWith, specOf, widget, widgets } from "./testing/definitions.ts";

type Rule = New<NonNullable<JSONSchemaProps["x-kubernetes-validations"]>[number]>;

const integers = { low: { type: "integer" }, high: { type: "integer" }, name: { type: "string", maxLength: 20 } };

/** Widgets whose spec has to meet a rule. */
function ruled(...rules: readonly Rule[]): ReturnType<typeof widgets> {
  return widgets(specOf(integers, { "x-kubernetes-validations": rules }));
}

describe("a rule", () => {
  it.each<[Rule, string]>([
    [{ rule: "self.low <= self.high" }, 'spec: Invalid value: "object": failed rule: self.low <= self.high'],
    [{ rule: "self.low <= self.high", message: "low above high" }, 'spec: Invalid value: "object": low above high'],
    [{ rule: "self.low <= self.high", messageExpression: "self.name + ' has low above high'" }, 'spec: Invalid value: "object": it has low above high'],
    [{ rule: "self.low <= self.high", message: "no", fieldPath: ".low" }, 'spec.low: Invalid value: "object": no'],
    [{ rule: "self.low <= self.high", message: "no", reason: "FieldValueForbidden" }, "spec: Forbidden: no"],
    [{ rule: "self.low / 0 == 1" }, 'spec: Invalid value: "object": division by zero evaluating rule: self.low / 0 == 1'],
  ])("%j is told where it is broken", async (rule, message) => {
    const { resource } = await serverWith(ruled(rule));
    await expect(resource.create(widget("a", { low: 5, high: 1, name: "it" }))).rejects.toMatchObject({
      code: 422, message: `Widget.example.com "a" is invalid: ${message}`,
    });
  });

  it("may compare with what was before", async () => {
    const { resource } = await serverWith(ruled({ rule: "self.low == oldSelf.low", message: "low stays" }));
    const created = await resource.create(widget("a", { low: 1 }));
    await expect(resource.update({ ...created, spec: { low: 2 } })).rejects.toMatchObject({ message: expect.stringContaining("low stays") as string });
    expect((await resource.update({ ...created, spec: { low: 1, high: 3 } })).spec).toEqual({ low: 1, high: 3 });
  });

  it("may be about new objects as well where what was before is optional", async () => {
    const { resource } = await serverWith(ruled({ rule: "oldSelf.hasValue() || self.low == 0", message: "begins at 0", optionalOldSelf: true }));
    await expect(resource.create(widget("a", { low: 1 }))).rejects.toMatchObject({ message: expect.stringContaining("begins at 0") as string });
    const created = await resource.create(widget("a", { low: 0 }));
    expect((await resource.update({ ...created, spec: { low: 7 } })).spec).toEqual({ low: 7 });
  });

  it("is not looked at while the structure is wrong", async () => {
    const { resource } = await serverWith(ruled({ rule: "self.low <= self.high" }));
    await expect(resource.create(widget("a", { low: "x" }))).rejects.toMatchObject({
      message: expect.stringContaining("some validation rules were not checked because the object was invalid") as string,
    });
  });

  it("that was broken before may stay broken where nothing changes", async () => {
    const { server, resource } = await serverWith(widgets(specOf(integers)));
    const created = await resource.create(widget("a", { low: 5, high: 1 }));
    await server.of(CustomResourceDefinition).patch("", "widgets.example.com", "application/json-patch+json", [
      { op: "add", path: "/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations", value: [{ rule: "self.low <= self.high" }] },
    ]);
    expect((await resource.update({ ...created, metadata: { ...created.metadata, labels: { a: "b" } } })).metadata.labels).toEqual({ a: "b" });
    const current = await resource.get("default", "a");
    await expect(resource.update({ ...current, spec: { low: 6, high: 1 } })).rejects.toMatchObject({ code: 422 });
  });

  it.each<[Rule, string]>([
    [{ rule: "self.nothing == 1" }, "rule: Invalid value: {\"Rule\":\"self.nothing == 1\",\"Message\":\"\",\"MessageExpression\":\"\",\"Reason\":null,\"FieldPath\":\"\",\"OptionalOldSelf\":null}: compilation failed: ERROR: <input>:1:5: undefined field 'nothing'"],
    [{ rule: "self.low" }, "cel expression must evaluate to a bool"],
    [{ rule: "self.low > 1", messageExpression: "self.low" }, "messageExpression must evaluate to a string"],
    [{ rule: "self.low > 1", optionalOldSelf: true }, "optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule"],
  ])("%j does not compile, and its definition is refused", async (rule, message) => {
    const server = await serverForTest();
    await expect(server.of(CustomResourceDefinition).create(ruled(rule))).rejects.toMatchObject({ code: 422, message: expect.stringContaining(message) as string });
  });

  it("that costs too much is refused with its definition", async () => {
    const server = await serverForTest();
    const list = { names: { type: "array", items: { type: "string" }, "x-kubernetes-validations": [{ rule: "self.all(x, self.all(y, x == y))" }] } };
    await expect(server.of(CustomResourceDefinition).create(widgets(specOf(list)))).rejects.toMatchObject({
      code: 422, message: expect.stringContaining("Forbidden: estimated rule cost exceeds budget by factor of more than 100x") as string,
    });
  });

  it("about the past needs values that can be told to be the same", async () => {
    const server = await serverForTest();
    const list = { names: { type: "array", maxItems: 3, items: { type: "string", maxLength: 5, "x-kubernetes-validations": [{ rule: "self == oldSelf" }] } } };
    await expect(server.of(CustomResourceDefinition).create(widgets(specOf(list)))).rejects.toMatchObject({
      message: expect.stringContaining("oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[spec].properties[names]") as string,
    });
  });
});
