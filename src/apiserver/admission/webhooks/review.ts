import { isJsonArray, isJsonObject, type Json, type JsonObject } from "#machinery/json.ts";
import { type Random, uuid } from "#machinery/random.ts";
import { userInfoOf } from "../../reviews/user-info.ts";
import type { AdmissionRequest } from "../admission.ts";

/** What a webhook is asked (API reference: admission/v1 AdmissionReview). */
export interface AdmissionReview {
  readonly apiVersion: string;
  readonly kind: "AdmissionReview";
  readonly request: { readonly uid: string } & JsonObject;
}

/** What a webhook says. */
export interface Verdict {
  readonly allowed: boolean;
  /** How it refuses. */
  readonly status: { readonly code: number; readonly message: string; readonly reason: string };
  /** A JSON patch, still in its text. */
  readonly patch: string | undefined;
  readonly warnings: readonly string[];
}

/** An answer that is none. */
export class ReviewError extends Error {
  override readonly name = "ReviewError";
}

const optionsOf: { readonly [operation: string]: string } = { CREATE: "CreateOptions", UPDATE: "UpdateOptions", DELETE: "DeleteOptions" };

/** @param versions those that the webhook understands, the best first */
export function reviewOf(request: AdmissionRequest, versions: readonly string[], random: Random): AdmissionReview {
  const { object = null, oldObject = null } = request;
  const version = versions.find((each) => each === "v1" || each === "v1beta1") ?? "v1";
  const content = { uid: uuid(random), ...requestContent(request), object, oldObject };
  return { apiVersion: `admission.k8s.io/${version}`, kind: "AdmissionReview", request: content as unknown as AdmissionReview["request"] };
}

/** What is told of a request besides its objects. */
export function requestContent(request: AdmissionRequest): JsonObject {
  const { kind, subresource, name, operation, user, dryRun, options } = request;
  const resource = { group: kind.group, version: kind.version, resource: kind.plural };
  const ofObject = kindOf(request);
  const optionsKind = optionsOf[operation];
  // A namespace is within itself.
  const namespace = kind.group === "" && kind.plural === "namespaces" ? name : request.namespace;
  return {
    kind: ofObject, resource, requestKind: ofObject, requestResource: resource,
    ...(subresource === undefined ? {} : { subResource: subresource, requestSubResource: subresource }),
    ...(name === "" ? {} : { name }), ...(namespace === "" ? {} : { namespace }),
    operation, userInfo: userInfoOf(user) as unknown as JsonObject, dryRun,
    options: optionsKind === undefined ? null : { kind: optionsKind, apiVersion: "meta.k8s.io/v1", ...options as JsonObject },
  };
}

/** A subresource such as `binding` has bodies of another kind. */
function kindOf({ kind, object, oldObject }: AdmissionRequest): JsonObject {
  const apiVersion = (object ?? oldObject)?.apiVersion ?? kind.apiVersion;
  const slash = apiVersion.indexOf("/");
  return { group: slash < 0 ? "" : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind: (object ?? oldObject)?.kind ?? kind.kind };
}

/** @throws ReviewError where this is no answer to the review */
export function verdictOf({ apiVersion, request: { uid } }: AdmissionReview, answer: unknown): Verdict {
  const review = isJsonObject(answer) ? answer : fail("expected response to be of type AdmissionReview");
  if (review["apiVersion"] !== apiVersion || review["kind"] !== "AdmissionReview") {
    fail(`expected webhook response of ${apiVersion}, Kind=AdmissionReview, got ${textOf(review["apiVersion"])}, Kind=${textOf(review["kind"])}`);
  }
  const response = isJsonObject(review["response"]) ? review["response"] : fail("webhook response was absent");
  const isFirst = apiVersion.endsWith("/v1");
  if (isFirst && response["uid"] !== uid) fail(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(textOf(response["uid"]))}`);
  const { allowed, status, warnings } = response;
  return {
    allowed: allowed === true, status: statusOf(status), patch: patchOf(response, isFirst),
    warnings: isJsonArray(warnings) ? warnings.map(textOf) : [],
  };
}

function statusOf(status: Json | undefined): Verdict["status"] {
  const { code, message, reason } = isJsonObject(status) ? status : {};
  return { code: typeof code === "number" ? code : 0, message: textOf(message), reason: textOf(reason) };
}

function patchOf(response: JsonObject, needsType: boolean): string | undefined {
  const { patch, patchType } = response;
  const hasType = patchType !== undefined && patchType !== null;
  if (typeof patch !== "string" || patch === "") {
    return hasType && needsType ? fail("webhook returned response.patchType but not response.patch") : undefined;
  }
  if (needsType && !hasType) fail("webhook returned response.patch but not response.patchType");
  if (needsType && patchType !== "JSONPatch") fail(`unsupported patch type ${JSON.stringify(patchType)}`);
  return Buffer.from(patch, "base64").toString("utf8");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function fail(why: string): never {
  throw new ReviewError(why);
}
