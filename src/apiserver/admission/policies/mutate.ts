import { type Prepared, type PolicyScope, prepareMutation, scopeOf } from "#api/admissionregistration/cel/policy-programs.ts";
import type { MutatingAdmissionPolicy } from "#api/admissionregistration/mutating-admission-policy.ts";
import type { Mutation } from "#api/generated/admissionregistration-v1.ts";
import type { Variables } from "#machinery/cel/plan/frame.ts";
import { unwrap } from "#machinery/cel/values/unwrap.ts";
import { EvaluationError, type Value } from "#machinery/cel/values/value.ts";
import { equal } from "#machinery/equality.ts";
import { applyJsonPatch } from "#machinery/json-patch.ts";
import { isJsonObject, type Json, type JsonObject } from "#machinery/json.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import { mergeConfiguration } from "#machinery/server-side-apply/merge.ts";
import { StatusError } from "#machinery/status-error.ts";
import { meets } from "./conditions.ts";

interface PreparedPolicy {
  readonly scope: PolicyScope;
  readonly mutations: readonly (Prepared & { readonly mutation: Mutation })[];
}

const prepared = new WeakMap<MutatingAdmissionPolicy, PreparedPolicy>();

/** The policy's programs, made once. */
function programsOf(policy: MutatingAdmissionPolicy): PreparedPolicy {
  let programs = prepared.get(policy);
  if (!programs) {
    const mutations = (policy.spec.mutations ?? []).map((mutation) => ({ mutation, ...prepareMutation(mutation, policy.spec) }));
    prepared.set(policy, (programs = { scope: scopeOf(policy.spec), mutations }));
  }
  return programs;
}

/** Why a policy could not change an object. */
export class MutationError extends Error {
  override readonly name = "MutationError";
}

/**
 * The object after all mutations of a policy; the very object where it does not concern it.
 * @param variablesOf what expressions see of the object as it is at that point @throws MutationError
 */
export function mutated(
  policy: MutatingAdmissionPolicy, kind: Kind, object: KubeObject, variablesOf: (object: KubeObject, scope: PolicyScope) => Variables,
): KubeObject {
  const { scope, mutations } = programsOf(policy);
  const { matchConditions = [], paramKind } = policy.spec;
  const met = matchConditions.length === 0 || meets(matchConditions, variablesOf(object, scope), paramKind !== undefined);
  if (met === false) return object;
  if (met !== true) throw new MutationError(met.failure);
  return mutations.reduce((current, { mutation, program, problem }) => {
    const { value, error } = program?.evaluate(variablesOf(current, scope)) ?? { value: undefined, error: problem };
    if (value === undefined) throw new MutationError(error);
    return decoded(kind, current, changed(mutation, kind, current, value));
  }, object);
}

function changed({ patchType }: Mutation, kind: Kind, object: KubeObject, value: Value): Json {
  try {
    const data = unwrap(value);
    if (patchType === "JSONPatch") return applyJsonPatch(object as unknown as Json, data);
    return mergeConfiguration(object as unknown as JsonObject, isJsonObject(data) ? withoutIdentity(data) : {}, kind.schema);
  } catch (error) {
    if (error instanceof EvaluationError || error instanceof StatusError) throw new MutationError(error.message);
    throw error;
  }
}

/** What an object is called stays. */
function withoutIdentity(configuration: JsonObject): JsonObject {
  for (const field of ["apiVersion", "kind"]) {
    if (configuration[field] !== undefined) throw new MutationError(`error applying patch: invalid ApplyConfiguration: may not mutate ${field}`);
  }
  return configuration;
}

function decoded(kind: Kind, before: KubeObject, after: Json): KubeObject {
  if (equal(after, before)) return before;
  try {
    return decodeObject(kind, after, "Ignore").object as KubeObject;
  } catch (error) {
    if (error instanceof StatusError) throw new MutationError(error.message);
    throw error;
  }
}
