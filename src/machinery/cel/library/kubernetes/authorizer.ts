import { dns1123LabelProblems, dns1123SubdomainProblems } from "../../../names.ts";
import { declare, type FunctionDeclaration, member } from "../../types/declarations.ts";
import { boolType, stringType, structWithoutFields, type StructType, type Type } from "../../types/type.ts";
import { EvaluationError, Opaque } from "../../values/value.ts";
import type { Library } from "../library.ts";

/** What an expression asks: may this user (the requester when absent) do that? */
export interface AuthorizationQuestion {
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  /** Of a request that is not for a resource. */
  readonly path?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  readonly verb: string;
}

export interface AuthorizationAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  /** What went wrong, when no answer could be found. */
  readonly error?: string;
}

/** Answers at once; throws whatever has to interrupt the evaluation when it cannot (authorization.ts). */
export type Ask = (question: AuthorizationQuestion) => AuthorizationAnswer;

const named = (name: string): StructType => structWithoutFields(`kubernetes.authorization.${name}`);
export const authorizerType = named("Authorizer");
const pathCheckType = named("PathCheck");
const groupCheckType = named("GroupCheck");
export const resourceCheckType = named("ResourceCheck");
const decisionType = named("Decision");

/** A question as far as it has been put. */
class Check extends Opaque {
  readonly type: Type;
  readonly question: Omit<AuthorizationQuestion, "verb">;
  readonly ask: Ask;

  constructor(type: Type, question: Omit<AuthorizationQuestion, "verb">, ask: Ask) {
    super();
    this.type = type;
    this.question = question;
    this.ask = ask;
  }

  with(type: Type, more: Omit<AuthorizationQuestion, "verb">): Check {
    return new Check(type, { ...this.question, ...more }, this.ask);
  }

  equals(other: Check): boolean {
    return JSON.stringify(this.question) === JSON.stringify(other.question);
  }
}

class Decision extends Opaque {
  readonly answer: AuthorizationAnswer;

  constructor(answer: AuthorizationAnswer) {
    super();
    this.answer = answer;
  }

  get type(): Type {
    return decisionType;
  }

  equals({ answer }: Decision): boolean {
    return this.answer.allowed === answer.allowed && this.answer.reason === answer.reason && this.answer.error === answer.error;
  }
}

/** The variable `authorizer`. */
export function authorizerValue(ask: Ask): Opaque {
  return new Check(authorizerType, {}, ask);
}

/** The variable `authorizer.requestResource`. */
export function requestResourceValue(resource: Omit<AuthorizationQuestion, "verb">, ask: Ask): Opaque {
  return new Check(resourceCheckType, resource, ask);
}

/** Authorization checks (API concepts, "Common Expression Language": authorizer and authorizer selectors libraries). */
export const authorizerLibrary: Library = {
  types: new Map([authorizerType, pathCheckType, groupCheckType, resourceCheckType, decisionType].map((type) => [type.name, type])),
  functions: [
    declare("path", member("authorizer_path", [authorizerType, stringType], pathCheckType, (check: Check, path: string) =>
      check.with(pathCheckType, { path: notBlank(path, "path") }))),
    declare("group", member("authorizer_group", [authorizerType, stringType], groupCheckType, (check: Check, group: string) =>
      check.with(groupCheckType, { group }))),
    declare("serviceAccount",
      member("authorizer_serviceaccount", [authorizerType, stringType, stringType], authorizerType, asServiceAccount)),
    declare("resource", member("groupcheck_resource", [groupCheckType, stringType], resourceCheckType, (check: Check, resource: string) =>
      check.with(resourceCheckType, { resource: notBlank(resource, "resource") }))),
    detail("subresource", "resourcecheck_subresource"), detail("namespace", "resourcecheck_namespace"), detail("name", "resourcecheck_name"),
    detail("fieldSelector", "authorizer_fieldselector"), detail("labelSelector", "authorizer_labelselector"),
    declare("check",
      member("pathcheck_check", [pathCheckType, stringType], decisionType, decide),
      member("resourcecheck_check", [resourceCheckType, stringType], decisionType, decide)),
    declare("errored", member("decision_errored", [decisionType], boolType, ({ answer }: Decision) => answer.error !== undefined)),
    declare("error", member("decision_error", [decisionType], stringType, ({ answer }: Decision) => answer.error ?? "")),
    declare("allowed", member("decision_allowed", [decisionType], boolType, ({ answer }: Decision) => answer.allowed)),
    declare("reason", member("decision_reason", [decisionType], stringType, ({ answer }: Decision) => answer.reason)),
  ],
};

function detail(name: "subresource" | "namespace" | "name" | "fieldSelector" | "labelSelector", id: string): FunctionDeclaration {
  return declare(name, member(id, [resourceCheckType, stringType], resourceCheckType, (check: Check, value: string) =>
    check.with(resourceCheckType, { [name]: value })));
}

function asServiceAccount(check: Check, namespace: string, name: string): Check {
  if (dns1123SubdomainProblems(name).length > 0) throw new EvaluationError("Invalid service account name");
  if (dns1123LabelProblems(namespace).length > 0) throw new EvaluationError("Invalid service account namespace");
  return check.with(authorizerType, { serviceAccount: { namespace, name } });
}

function decide(check: Check, verb: string): Decision {
  return new Decision(check.ask({ ...check.question, verb }));
}

function notBlank(text: string, what: string): string {
  if (text.trim() === "") throw new EvaluationError(`${what} must not be empty`);
  return text;
}
