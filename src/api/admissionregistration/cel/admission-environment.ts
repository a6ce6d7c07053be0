import { kubernetesEnvironment } from "#machinery/cel/cel.ts";
import type { Environment } from "#machinery/cel/environment.ts";
import { authorizerType, resourceCheckType } from "#machinery/cel/library/kubernetes/authorizer.ts";
import { jsonPatchLibrary, kubernetesLibraries } from "#machinery/cel/library/kubernetes/kubernetes.ts";
import type { Library } from "#machinery/cel/library/library.ts";
import { messageType } from "#machinery/cel/schema/message.ts";
import { boolType, dynType, listOf, mapOf, stringType, type StructType, type Type } from "#machinery/cel/types/type.ts";
import { builtInSchemas } from "../../define-kind.ts";

/** Objects with these fields and no others. */
function structOf(name: string, fields: { readonly [name: string]: Type }): StructType {
  const known = new Map(Object.entries(fields).map(([field, type]) => [field, { name: field, type }]));
  return { is: "struct", name, field: (field) => known.get(field), fieldNames: () => known.keys() };
}

const kindType = structOf("kubernetes.GroupVersionKind", { group: stringType, version: stringType, kind: stringType });
const resourceType = structOf("kubernetes.GroupVersionResource", { group: stringType, version: stringType, resource: stringType });
const userType = structOf("kubernetes.UserInfo", {
  username: stringType, uid: stringType, groups: listOf(stringType), extra: mapOf(stringType, listOf(stringType)),
});

/** What is known of a request besides its objects (API reference: admission/v1 AdmissionRequest). */
const requestType = structOf("kubernetes.AdmissionRequest", {
  kind: kindType, resource: resourceType, subResource: stringType, requestKind: kindType, requestResource: resourceType,
  requestSubResource: stringType, name: stringType, namespace: stringType, operation: stringType, userInfo: userType, dryRun: boolType,
  options: dynType,
});

/** What conditions of webhooks may name: the objects, the request, and what its user may do. */
export function conditionEnvironment(base: Environment = kubernetesEnvironment): Environment {
  return base.with([
    ["object", dynType], ["oldObject", dynType], ["request", requestType], ["authorizer", authorizerType],
    ["authorizer.requestResource", resourceCheckType],
  ]);
}

/** What policies may name besides: the namespace, and objects with settings where the policy has any. */
export function policyEnvironment(hasParams: boolean, base?: Environment): Environment {
  return conditionEnvironment(base).with([
    ["namespaceObject", messageType(builtInSchemas.message("core/v1.Namespace"))], ...(hasParams ? [["params", dynType] as const] : []),
  ]);
}

/** What a mutation's expression may make: operations of a JSON patch, and objects of any fields that it names `Object`, `Object.spec` … */
export function mutationLibraries(expression: string): readonly Library[] {
  const named = [...expression.matchAll(/\bObject(?:\.[A-Za-z_]\w*)*(?=\s*\{)/g)].map(([name]) => name);
  const types = [jsonPatchType, ...[...new Set(named)].map(anyObject)];
  return [...kubernetesLibraries, jsonPatchLibrary, { types: new Map(types.map((type) => [type.name, type])) }];
}

const jsonPatchType = structOf("JSONPatch", { op: stringType, path: stringType, from: stringType, value: dynType });

/** Objects with whatever fields they are given. */
function anyObject(name: string): StructType {
  const known = new Set<string>();
  return {
    is: "struct", name, fieldNames: () => known,
    field(field) {
      known.add(field);
      return { name: field, type: dynType };
    },
  };
}

/** With the variables of a policy, each of which may use those before it. */
export function withVariable(environment: Environment, name: string, type: Type): Environment {
  return environment.with([[`variables.${name}`, type]]);
}
