import { describe, expect, it } from "vitest";
import { invalid } from "#machinery/status-error.ts";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { validateObject, validateObjectUpdate } from "../../validate-object.ts";
import { CustomResourceDefinition } from "../custom-resource-definition.ts";

interface Change {
  readonly spec?: object;
  readonly version?: object;
  readonly metadata?: object;
  readonly status?: object;
}

function definition({ spec, version, metadata, status }: Change = {}): CustomResourceDefinition {
  const only = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } }, ...version };
  const { object } = decodeObject(CustomResourceDefinition, {
    metadata: { name: "widgets.example.com", ...metadata },
    spec: { group: "example.com", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" }, versions: [only], ...spec },
    ...(status ? { status } : {}),
  }, "Strict");
  if (!status) CustomResourceDefinition.prepareForCreate?.(object);
  return object as unknown as CustomResourceDefinition;
}

function problems(change: Change, old?: Change): readonly string[] {
  const causes = old ? validateObjectUpdate(CustomResourceDefinition, definition(change), definition(old)) : validateObject(CustomResourceDefinition, definition(change));
  return causes.map(({ field, message }) => `${field}: ${message}`);
}

/** A version whose schema is an object with these properties. */
function properties(own: object, more: object = {}): Change {
  return { version: { schema: { openAPIV3Schema: { type: "object", properties: own, ...more } } } };
}

const at = "spec.validation.openAPIV3Schema";

describe("a definition", () => {
  it.each<[string, Change, readonly string[]]>([
    ["with nothing wrong", {}, []],
    ["with a name of its own", { metadata: { name: "x.example.com" } }, ['metadata.name: Invalid value: "x.example.com": must be spec.names.plural+"."+spec.group']],
    ["with a group without a dot", { metadata: { name: "widgets.example" }, spec: { group: "example" } }, ['spec.group: Invalid value: "example": should be a domain with at least one dot']],
    ["of another scope", { spec: { scope: "World" } }, ['spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"']],
    ["without a storage version", { version: { storage: false }, status: { acceptedNames: { plural: "", kind: "" }, storedVersions: ["v1"] } }, [expect.stringContaining("must have exactly one version marked as storage version") as string]],
    ["without a schema", { version: { schema: undefined } }, ["spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required"]],
    ["whose list kind is its kind", { spec: { names: { plural: "widgets", kind: "Widget", listKind: "Widget" } } }, ['spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same']],
    ["that keeps unknown fields as of old", { spec: { preserveUnknownFields: true } }, ["spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"]],
    ["of a protected group", { metadata: { name: "widgets.x.k8s.io" }, spec: { group: "x.k8s.io" } }, ['metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111']],
    ["with a column of no type", { version: { additionalPrinterColumns: [{ name: "A", type: "text", jsonPath: "spec" }] } }, [
      'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
    ]],
    ["that scales elsewhere", { version: { subresources: { scale: { specReplicasPath: ".status.n", statusReplicasPath: ".status.n" } } } }, ['spec.subresources.scale.specReplicasPath: Invalid value: ".status.n": should be a json path under .spec']],
    ["that converts by nobody", { spec: { conversion: { strategy: "Webhook", webhook: { conversionReviewVersions: ["v7"] } } } }, [
      "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
      'spec.conversion.conversionReviewVersions: Invalid value: ["v7"]: must include at least one of v1, v1beta1',
    ]],
    ["that converts without encryption", { spec: { conversion: { strategy: "Webhook", webhook: { conversionReviewVersions: ["v1"], clientConfig: { url: "http://a/b?c" } } } } }, [
      'spec.conversion.webhookClientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
      'spec.conversion.webhookClientConfig.url: Invalid value: "c": query parameters are not permitted in the URL',
    ]],
    ["that selects by a list", { version: { ...properties({ spec: { type: "object", properties: { a: { type: "array", items: { type: "string" } } } } }).version, selectableFields: [{ jsonPath: ".spec.a" }, { jsonPath: ".spec.b" }] } }, [
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec.a": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[1].jsonPath: Invalid value: ".spec.b": is an invalid path: does not refer to a valid field',
    ]],
  ])("%s", (_name, change, expected) => {
    expect(problems(change)).toEqual(expected);
  });
});

describe("a schema", () => {
  it.each<[string, Change, readonly string[]]>([
    ["without types", properties({ a: {} }), [`${at}.properties[a].type: Required value: must not be empty for specified object fields`]],
    ["of a list of anything", properties({ a: { type: "array" } }), [`${at}.properties[a].items: Required value: must be specified`]],
    ["of no known type", properties({ a: { type: "text" } }), [`${at}.properties[a].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`]],
    ["with a type in an alternative", properties({ a: { type: "object", anyOf: [{ type: "string" }] } }), [`${at}.properties[a].anyOf[0].type: Forbidden: must be empty to be structural`]],
    ["with an alternative about nothing", properties({ a: { type: "object" } }, { oneOf: [{ properties: { b: { minimum: 1 } } }] }), [
      `${at}.properties[b]: Required value: because it is defined in ${at}.oneOf[0].properties[b]`,
    ]],
    ["with numbers or texts", properties({ a: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] } }), []],
    ["with fields and any fields", properties({ a: { type: "object", properties: { b: { type: "string" } }, additionalProperties: { type: "string" } } }), [
      `${at}.properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
    ]],
    ["with a reference", properties({ a: { type: "object", $ref: "#/x" } }), [`${at}.properties[a].$ref: Forbidden: $ref is not supported`]],
    ["with unique items", properties({ a: { type: "array", items: { type: "string" }, uniqueItems: true } }), [
      `${at}.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ]],
    ["with a broken pattern", properties({ a: { type: "string", pattern: "a[" } }), [
      `${at}.properties[a].pattern: Invalid value: "a[": must be a valid regular expression, but isn't: error parsing regexp: missing closing ]: \`[\``,
    ]],
    ["of metadata", properties({ metadata: { type: "object", properties: { labels: { type: "object" } } } }), [
      `${at}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
    ]],
    ["of names", properties({ metadata: { type: "object", properties: { name: { type: "string", pattern: "^a" } } } }), []],
    ["with a default of another type", properties({ a: { type: "integer", default: "x" } }), [
      `${at}.properties[a].default: Invalid value: "string":  in body must be of type integer: "string"`,
    ]],
    ["with a default that it does not know", properties({ a: { type: "object", properties: { b: { type: "string" } }, default: { c: 1 } } }), [
      `${at}.properties[a].default: Invalid value: {"c":1}: must not have unknown fields`,
    ]],
    ["with a list map without keys", properties({ a: { type: "array", "x-kubernetes-list-type": "map", items: { type: "object" } } }), [
      `${at}.properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
    ]],
    ["with a list map whose keys may be missing", properties({
      a: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["b"], items: { type: "object", properties: { b: { type: "string" } } } },
    }), [
      `${at}.properties[a].items.properties[b].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ]],
    ["with a set of objects", properties({ a: { type: "array", "x-kubernetes-list-type": "set", items: { type: "object" } } }), [
      `${at}.properties[a].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
    ]],
    ["with an embedded object of no shape", properties({ a: { type: "object", "x-kubernetes-embedded-resource": true } }), [
      `${at}.properties[a].properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
    ]],
    ["with a rule without an expression", properties({ a: { type: "string", "x-kubernetes-validations": [{ rule: " ", reason: "Because" }] } }), [
      `${at}.properties[a].x-kubernetes-validations[0].rule: Required value: rule is not specified`,
      `${at}.properties[a].x-kubernetes-validations[0].reason: Unsupported value: "Because": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"`,
    ]],
  ])("%s", (_name, change, expected) => {
    expect(problems(change)).toEqual(expected);
  });

  it("is spoken of at its version where versions differ", () => {
    const versions = [
      { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } },
      { name: "v2", served: true, storage: false, schema: { openAPIV3Schema: { type: "string" } } },
    ];
    expect(problems({ spec: { versions } })).toEqual(['spec.versions[1].schema.openAPIV3Schema.type: Invalid value: "string": must be object at the root']);
  });
});

describe("an update", () => {
  it("does not move the kind, nor its scope once it is established", () => {
    const conditions = [{ type: "Established", status: "True" }];
    const status = { acceptedNames: { plural: "widgets", kind: "Widget" }, storedVersions: ["v1"], conditions };
    expect(problems({ spec: { scope: "Cluster", group: "example.org" }, metadata: { name: "widgets.example.org" }, status }, { status })).toEqual(expect.arrayContaining([
      'spec.scope: Invalid value: "Cluster": field is immutable', 'spec.group: Invalid value: "example.org": field is immutable',
    ]));
  });

  it("keeps versions in which objects may be stored", () => {
    const status = { acceptedNames: { plural: "widgets", kind: "Widget" }, storedVersions: ["v1", "v1beta1"] };
    expect(problems({ status }, {})).toEqual([
      'status.storedVersions[1]: Invalid value: "v1beta1": missing from spec.versions; v1beta1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1beta1 and removes v1beta1 from status.storedVersions',
    ]);
  });
});

it("is refused by its whole name", () => {
  const causes = validateObject(CustomResourceDefinition, definition({ spec: { scope: "World" } }));
  const { group, kind } = CustomResourceDefinition;
  const { metadata } = definition() as KubeObject;
  expect(invalid({ group, resource: kind }, metadata.name, causes).message).toBe(
    'CustomResourceDefinition.apiextensions.k8s.io "widgets.example.com" is invalid: spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
  );
});
