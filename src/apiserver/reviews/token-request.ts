import { TokenRequest } from "#api/authentication/token-request.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { Secret } from "#api/core/secret.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import type { BoundObjectReference } from "#api/generated/authentication-v1.ts";
import type { Clock } from "#machinery/clock.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import { quote } from "#machinery/quote.ts";
import { badRequest, conflict, invalid, notFound } from "#machinery/status-error.ts";
import { formatTime } from "#machinery/time.ts";
import type { BoundClaims, ObjectClaim } from "../authentication/service-account/claims.ts";
import type { TokenIssuer } from "../authentication/service-account/issuer.ts";
import { readObject } from "../body/decode-body.ts";
import { validateAdmission } from "../endpoints/admit.ts";
import type { Objects } from "../request.ts";
import type { ResourceRoute } from "../route.ts";

export interface TokenRequestOptions {
  readonly issuer: TokenIssuer;
  readonly objects: Objects;
  readonly clock: Clock;
  /** For whom tokens are meant when nobody is named: this API server. */
  readonly audiences: readonly string[];
}

const leastSeconds = 600;
const mostSeconds = 2 ** 32;
/** What the volume that every pod gets asks for. Old clients read its token only once, so it lives a year and warns after an hour. */
const podTokenSeconds = 3607;
const extendedSeconds = 365 * 24 * 60 * 60;

/** POST …/serviceaccounts/NAME/token: a token for the account, bound to an object if asked for (KEP-1205). */
export function tokenRequestRoute(options: TokenRequestOptions): ResourceRoute {
  return {
    group: "", version: "v1", resource: "serviceaccounts", subresource: "token", verbs: ["create"],
    async answer(context) {
      const { namespace, name } = context.resource;
      const request = await readObject(TokenRequest, context);
      const account = options.objects.get(ServiceAccount, namespace, name);
      if (!account) throw notFound(ServiceAccount.resource, name);
      checkRequest(request, namespace, name);
      const asked = { ...request, metadata: { ...request.metadata, name, namespace } } as unknown as TokenRequest;
      await validateAdmission(context, { operation: "CREATE", name, object: asked });
      const object = await issueToken(options, asked, account);
      return { is: "object", code: 201, kind: TokenRequest as unknown as Kind, object };
    },
  };
}

async function issueToken(options: TokenRequestOptions, request: TokenRequest, account: ServiceAccount): Promise<KubeObject> {
  const { issuer, clock } = options;
  const { audiences = [], boundObjectRef, expirationSeconds } = request.spec;
  const meantFor = audiences.length > 0 ? audiences : options.audiences;
  const isForUs = meantFor.every((each) => options.audiences.includes(each));
  const isExtended = isForUs && expirationSeconds === podTokenSeconds && boundObjectRef?.kind === "Pod";
  const now = clock.now();
  const { name, namespace, uid } = account.metadata;
  const claims: BoundClaims = {
    namespace, serviceaccount: { name, uid },
    ...(boundObjectRef ? boundClaims(options.objects, account, boundObjectRef) : {}),
    ...(isExtended ? { warnafter: Math.floor(now / 1000) + expirationSeconds } : {}),
  };
  const lifetimeSeconds = isExtended ? extendedSeconds : expirationSeconds;
  const token = await issuer.issue({ audiences: meantFor, lifetimeSeconds, claims });
  return {
    ...request,
    metadata: { ...request.metadata, creationTimestamp: formatTime(now) },
    spec: { ...request.spec, audiences: meantFor },
    status: { token, expirationTimestamp: formatTime(now + expirationSeconds * 1000) },
  } as KubeObject;
}

type RequestBody = { readonly metadata: { readonly name?: string; readonly namespace?: string }; readonly spec: TokenRequest["spec"] };

function checkRequest({ metadata, spec }: RequestBody, namespace: string, name: string): void {
  if (metadata.name && metadata.name !== name) throw badRequest("token request name must match the service account name");
  if (metadata.namespace && metadata.namespace !== namespace) throw badRequest("token request namespace must match the service account namespace");
  const { expirationSeconds } = spec;
  const wrong = expirationSeconds < leastSeconds ? "may not specify a duration less than 10 minutes"
    : expirationSeconds > mostSeconds ? "may not specify a duration larger than 2^32 seconds" : undefined;
  if (wrong === undefined) return;
  const message = `Invalid value: ${expirationSeconds}: ${wrong}`;
  const cause = { field: "spec.expirationSeconds", reason: "FieldValueInvalid", message };
  throw invalid({ group: "authentication.k8s.io", resource: "TokenRequest" }, name, [cause]);
}

/** @throws StatusError where the object is not there, is another one by now, or is none of the account's */
function boundClaims(objects: Objects, account: ServiceAccount, reference: BoundObjectReference): Partial<BoundClaims> {
  const { namespace } = account.metadata;
  switch (`${reference.apiVersion ?? ""}/${reference.kind ?? ""}`) {
    case "v1/Pod": {
      const pod = boundObject(objects, Pod, namespace, reference);
      if (pod.spec.serviceAccountName !== account.metadata.name) {
        throw badRequest(`cannot bind token for serviceaccount ${quote(account.metadata.name)} to pod running with different serviceaccount name.`);
      }
      const node = pod.spec.nodeName ? nodeClaim(objects, pod.spec.nodeName) : undefined;
      return { pod: claimOf(pod), ...(node ? { node } : {}) };
    }
    case "v1/Secret": return { secret: claimOf(boundObject(objects, Secret, namespace, reference)) };
    case "v1/Node": return { node: claimOf(boundObject(objects, Node, "", reference)) };
    default: throw badRequest(`cannot bind token to object of type ${reference.apiVersion ?? ""}, Kind=${reference.kind ?? ""}`);
  }
}

function boundObject<T extends KubeObject>(objects: Objects, kind: Kind<T>, namespace: string, { name = "", uid }: BoundObjectReference): T {
  const found = objects.get(kind, namespace, name);
  if (!found) throw notFound(kind.resource, name);
  if (uid && uid !== found.metadata.uid) {
    throw conflict(kind.resource, name, `the UID in the bound object reference (${uid}) does not match the UID in record. ` +
      "The object might have been deleted and then recreated");
  }
  return found;
}

function nodeClaim(objects: Objects, name: string): ObjectClaim {
  return { name, uid: objects.get(Node, "", name)?.metadata.uid ?? "" };
}

function claimOf({ metadata: { name, uid } }: KubeObject): ObjectClaim {
  return { name, uid };
}
