import type { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import type { WebhookClientConfig } from "#api/generated/apiextensions-v1.ts";
import { isJsonObject } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { type Random, uuid } from "#machinery/random.ts";
import { internalError } from "#machinery/status-error.ts";
import type { WebhookCaller } from "../../admission/webhooks/webhook-caller.ts";

/** Turns objects into another version of their kind. @throws StatusError (500) where that cannot be done */
export type Convert = (objects: readonly KubeObject[], apiVersion: string) => Promise<readonly KubeObject[]>;

const timeoutSeconds = 30;
/** So much of one call's objects, at the least one: the answer is about as long, and bounded. */
const mostCharacters = 2 * 1024 * 1024;

/** Has the definition's webhook convert (API reference: apiextensions/v1 ConversionReview). Objects that need no conversion are not sent. */
export function webhookConversion({ spec }: CustomResourceDefinition, caller: WebhookCaller, random: Random): Convert {
  const { clientConfig = {}, conversionReviewVersions = [] } = spec.conversion.webhook ?? {};
  const reviewVersion = conversionReviewVersions.find((version) => version === "v1" || version === "v1beta1") ?? "v1";
  return async (objects, apiVersion) => {
    const converted = new Map<KubeObject, KubeObject>();
    for (const batch of batches(objects.filter((object) => object.apiVersion !== apiVersion))) {
      const results = await convertBatch(batch, apiVersion);
      for (const [index, object] of batch.entries()) converted.set(object, results[index] ?? object);
    }
    return objects.map((object) => converted.get(object) ?? object);
  };

  async function convertBatch(batch: readonly KubeObject[], desiredAPIVersion: string): Promise<readonly KubeObject[]> {
    const [first] = batch;
    const named = `conversion webhook for ${first?.apiVersion ?? ""}, Kind=${first?.kind ?? ""}`;
    const request = { uid: uuid(random), desiredAPIVersion, objects: batch };
    try {
      const review = { apiVersion: `apiextensions.k8s.io/${reviewVersion}`, kind: "ConversionReview", request };
      const answer = await caller.call(clientConfig as WebhookClientConfig, timeoutSeconds, review);
      const objects = convertedObjects(answer, reviewVersion === "v1" ? request.uid : undefined);
      if (objects.length !== batch.length) throw new InvalidAnswer(`returned ${objects.length} objects, expected ${batch.length}`);
      return batch.map((original, index) => checked(objects[index], original, desiredAPIVersion));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw internalError(error instanceof InvalidAnswer ? `${named} ${why}` : `${named} failed: ${why}`);
    }
  }
}

/** The webhook has answered, but not with the objects. */
class InvalidAnswer extends Error {}

/** @param uid what the answer has to repeat */
function convertedObjects(answer: unknown, uid: string | undefined): readonly unknown[] {
  const response = isJsonObject(answer) ? answer["response"] : undefined;
  if (!isJsonObject(response)) throw new Error("no response provided");
  if (uid !== undefined && response["uid"] !== uid) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response["uid"] ?? "")}`);
  }
  const result = isJsonObject(response["result"]) ? response["result"] : {};
  const { status = "", message = "" } = result;
  if (status !== "Success") {
    throw new Error(String((message === "" ? `response.result.status was '${String(status as string)}', not 'Success'` : message) as string));
  }
  const { convertedObjects: objects } = response;
  return Array.isArray(objects) ? objects : [];
}

/** The converted object, if it is the same one; of its metadata only labels and annotations may change. */
function checked(object: unknown, original: KubeObject, apiVersion: string): KubeObject {
  const invalid = (why: string): Error => new InvalidAnswer(`returned invalid converted object: ${why}`);
  if (!isJsonObject(object) || !isJsonObject(object["metadata"])) throw invalid("missing metadata");
  const { metadata, ...rest } = object as unknown as KubeObject;
  if (rest.apiVersion !== apiVersion) {
    throw invalid(`invalid groupVersion (expected ${apiVersion}, received ${String(rest.apiVersion)})`);
  }
  if (rest.kind !== original.kind) throw invalid(`must have the same kind: ${original.kind} != ${String(rest.kind)}`);
  for (const field of ["name", "namespace", "uid"] as const) {
    const [before, after] = [original.metadata[field] ?? "", metadata[field] ?? ""];
    if (before !== after) throw invalid(`must have the same ${field === "uid" ? "UID" : field}: ${before} != ${after}`);
  }
  const { labels: _labels, annotations: _annotations, ...kept } = original.metadata;
  const { labels, annotations } = metadata;
  return { ...rest, metadata: { ...kept, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) } };
}

function batches(objects: readonly KubeObject[]): readonly (readonly KubeObject[])[] {
  const all: KubeObject[][] = [];
  let characters = mostCharacters;
  for (const object of objects) {
    const size = JSON.stringify(object).length;
    if (characters + size > mostCharacters) {
      all.push([]);
      characters = 0;
    }
    characters += size;
    all.at(-1)?.push(object);
  }
  return all;
}
