import type { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import { validateApproval } from "#api/certificates/validation/certificate-signing-request.ts";
import { equal } from "#machinery/equality.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { invalid, modified } from "#machinery/status-error.ts";
import { formatTime } from "#machinery/time.ts";
import type { Answer } from "../answer.ts";
import { readObject } from "../body/decode-body.ts";
import { mutate, validateAdmission } from "../endpoints/admit.ts";
import { currentObject } from "../endpoints/get.ts";
import { patched, readPatch } from "../endpoints/patch.ts";
import { recordWriter } from "../endpoints/record-writer.ts";
import { type ResourceContext, storageOf } from "../endpoints/resource-context.ts";
import { rewrite } from "../endpoints/rewrite.ts";

type Conditions = CertificateSigningRequest["status"]["conditions"];

/** GET, PUT and PATCH of `certificatesigningrequests/NAME/approval`: somebody decides whether a certificate is to be issued. */
export async function certificateApproval(context: ResourceContext): Promise<Answer> {
  const { kind } = context.served;
  if (context.info.verb === "get") {
    await storageOf(context, "get").current();
    return { is: "object", code: 200, kind, object: currentObject(context) };
  }
  const wanted = context.info.verb === "patch" ? await patching(context) : await replacing(context);
  const object = await rewrite(context, (current) => decided(context, current as CertificateSigningRequest, wanted(current)));
  return { is: "object", code: 200, kind, object };
}

async function patching(context: ResourceContext): Promise<(current: KubeObject) => CertificateSigningRequest> {
  const request = await readPatch(context);
  return (current) => patched(context, context.served.kind, request, current) as KubeObject as CertificateSigningRequest;
}

async function replacing(context: ResourceContext): Promise<(current: KubeObject) => CertificateSigningRequest> {
  const { kind } = context.served;
  const body = (await readObject(kind, context)) as KubeObject as CertificateSigningRequest;
  return ({ metadata }) => {
    const asked = body.metadata.resourceVersion;
    if (asked && asked !== metadata.resourceVersion) throw modified(kind.resource, metadata.name);
    return body;
  };
}

/** The current request with the wanted conditions: nothing else can be changed here. */
async function decided(context: ResourceContext, current: CertificateSigningRequest, { status }: CertificateSigningRequest): Promise<KubeObject> {
  const { kind } = context.served;
  const { name } = current.metadata;
  const now = formatTime(context.parts.clock.now());
  const conditions = timed(status.conditions, current.status.conditions, now);
  const next: CertificateSigningRequest = { ...current, status: { ...current.status, conditions } };
  if (equal(next, current)) return current;
  const recorded = recordWriter(context, next, current) as KubeObject;
  const admitted = await mutate(context, { operation: "UPDATE", name, object: recorded, oldObject: current });
  const problems = validateApproval(admitted as CertificateSigningRequest, current);
  if (problems.length > 0) throw invalid({ group: kind.group, resource: kind.kind }, name, problems);
  await validateAdmission(context, { operation: "UPDATE", name, object: admitted, oldObject: current });
  return admitted;
}

function timed(conditions: Conditions = [], old: Conditions = [], now: string): NonNullable<Conditions> {
  return conditions.map((condition) => {
    const before = old.find(({ type, status }) => type === condition.type && status === condition.status);
    const { lastUpdateTime = now, lastTransitionTime = before?.lastTransitionTime ?? now } = condition;
    return { ...condition, lastUpdateTime, lastTransitionTime };
  });
}
