import { duplicateValue, type FieldError, invalidValue, notSupportedValue, requiredValue, tooMany } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { cIdentifierProblems, dns1123SubdomainProblems, qualifiedNameProblems } from "#machinery/names.ts";
import type { MatchCondition, ParamKind, ParamRef, Variable } from "../../generated/admissionregistration-v1.ts";
import { type PolicyScope, type Prepared, prepareConditions } from "../cel/policy-programs.ts";
import { checkDistinct, checkLabelSelector, checkName, checkPresent, invalid, isEmpty } from "../../field-checks.ts";

const mostConditions = 64;

/** What keeps an expression from being run, told at its field. */
export function expressionErrors({ problem }: Prepared, expression: string, path: FieldPath): FieldError[] {
  return problem === undefined ? [] : [invalidValue(path, expression, problem)];
}

/** Conditions by name, each an expression. @param hasParams of a policy, whether it has settings; absent for webhooks */
export function validateMatchConditions(conditions: readonly MatchCondition[], path: FieldPath, hasParams?: boolean): FieldError[] {
  if (conditions.length > mostConditions) return [tooMany(path, conditions.length, mostConditions)];
  const prepared = prepareConditions(conditions, hasParams);
  return [
    ...conditions.flatMap(({ name, expression }, index) => [
      ...(expression.trim() === "" ? [requiredValue(path.index(index).child("expression"))]
        : prepared.slice(index, index + 1).flatMap((each) => expressionErrors(each, expression, path.index(index).child("expression")))),
      ...checkName(name, path.index(index).child("name"), qualifiedNameProblems),
    ]),
    ...checkDistinct(conditions, ({ name }) => name, (index) => path.index(index).child("name")),
  ];
}

export function validateVariables(variables: readonly Variable[], scope: PolicyScope, path: FieldPath): FieldError[] {
  return variables.flatMap(({ name, expression }, index) => {
    const at = path.index(index);
    const isKnown = variables.findIndex((other) => other.name === name) < index;
    return [
      ...(name === "" ? [requiredValue(at.child("name"), "name is not specified")]
        : cIdentifierProblems(name).length > 0 ? [invalidValue(at.child("name"), name, "name is not a valid CEL identifier")] : []),
      ...(isKnown ? [duplicateValue(at.child("name"), name)] : []),
      ...(expression.trim() === "" ? [requiredValue(at.child("expression"), "expression is not specified")]
        : scope.variables.slice(index, index + 1).flatMap((each) => expressionErrors(each, expression, at.child("expression")))),
    ];
  });
}

export function validateParamKind({ apiVersion = "", kind = "" }: ParamKind, path: FieldPath): FieldError[] {
  const at = path.child("apiVersion");
  if (apiVersion === "") return [requiredValue(at), ...checkPresent(kind, path.child("kind"))];
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return [
    ...(isEmpty(version) ? [invalidValue(at, apiVersion, "must be a group and a version")] : []),
    ...(isEmpty(group) ? [] : invalid(at, group, dns1123SubdomainProblems(group ?? ""))),
    ...checkPresent(kind, path.child("kind")),
  ];
}

/** Which objects hold the settings. */
export function validateParamRef({ name = "", namespace, selector, parameterNotFoundAction: action }: ParamRef, path: FieldPath): FieldError[] {
  const both = "name and selector are mutually exclusive";
  const isTwofold = name !== "" && selector !== undefined;
  return [
    ...(isTwofold ? [invalidValue(path.child("name"), name, both), invalidValue(path.child("selector"), selector, both)] : []),
    ...(name === "" && selector === undefined ? [requiredValue(path, "one of name or selector must be specified")] : []),
    ...(isEmpty(namespace) ? [] : invalid(path.child("namespace"), namespace, dns1123SubdomainProblems(namespace ?? ""))),
    ...checkLabelSelector(selector, path.child("selector")),
    ...(action === undefined ? [requiredValue(path.child("parameterNotFoundAction"))] : []),
  ];
}

const validationActions = ["Audit", "Deny", "Warn"];

/** What happens to requests that break a rule. */
export function validateActions(actions: readonly string[]): FieldError[] {
  const path = fieldPath("spec", "validationActions");
  if (actions.length === 0) return [requiredValue(path, "at least one validation action is required")];
  const errors = actions.flatMap((action, index) => [
    ...(validationActions.includes(action) ? [] : [notSupportedValue(path.index(index), action, validationActions)]),
    ...(actions.indexOf(action) < index ? [duplicateValue(path.index(index), action)] : []),
  ]);
  if (!actions.includes("Deny") || !actions.includes("Warn")) return errors;
  const why = "must not contain both Deny and Warn "
    + "(repeating the same validation failure information in the API response and headers serves no purpose)";
  return [...errors, invalidValue(path, actions, why)];
}
