import { describe, expect, test } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { seededRandom } from "#machinery/random.ts";
import { writeOf } from "../../testing/writes.ts";
import { reviewOf, verdictOf } from "./review.ts";

const pod = { apiVersion: "v1", kind: "Pod", metadata: { namespace: "web", name: "p" } } as const;
const review = reviewOf(writeOf(Pod, { object: pod }), ["v2", "v1", "v1beta1"], seededRandom(1));
const answer = (response: object, more: object = {}): object => ({
  apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid: review.request.uid, allowed: true, ...response }, ...more,
});

test("a webhook is told all there is to tell, in the first version that both know", () => {
  expect(review).toMatchObject({
    apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview",
    request: {
      kind: { group: "", version: "v1", kind: "Pod" }, resource: { group: "", version: "v1", resource: "pods" }, namespace: "web", name: "p",
      operation: "CREATE", userInfo: { username: "ann" }, object: pod, oldObject: null, dryRun: false,
      options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
    },
  });
  expect(reviewOf(writeOf(Pod, { object: pod }), ["v1beta1"], seededRandom(1)).apiVersion).toBe("admission.k8s.io/v1beta1");
});

test("its answer is read", () => {
  const patch = Buffer.from('[{"op":"remove","path":"/a"}]').toString("base64");
  expect(verdictOf(review, answer({ patch, patchType: "JSONPatch", warnings: ["careful"] }))).toEqual({
    allowed: true, status: { code: 0, message: "", reason: "" }, patch: '[{"op":"remove","path":"/a"}]', warnings: ["careful"],
  });
  expect(verdictOf(review, answer({ allowed: false, status: { code: 418, message: "no" } }))).toMatchObject({ allowed: false, status: { code: 418, message: "no" } });
});

describe("no answer is", () => {
  test.each<[string, unknown, string]>([
    ["a text", "yes", "expected response to be of type AdmissionReview"],
    ["one of another version", answer({}, { apiVersion: "admission.k8s.io/v1beta1" }),
      "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got admission.k8s.io/v1beta1, Kind=AdmissionReview"],
    ["one that says nothing", answer({}, { response: null }), "webhook response was absent"],
    ["one to another question", answer({ uid: "other" }), `expected response.uid="${review.request.uid}", got "other"`],
    ["a patch of no type", answer({ patch: "W10=" }), "webhook returned response.patch but not response.patchType"],
    ["a patch of another type", answer({ patch: "W10=", patchType: "Merge" }), 'unsupported patch type "Merge"'],
    ["a type of no patch", answer({ patchType: "JSONPatch" }), "webhook returned response.patchType but not response.patch"],
  ])("%s", (_case, given, why) => {
    expect(() => verdictOf(review, given)).toThrow(why);
  });
});
