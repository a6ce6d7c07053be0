import { describe, expect, it } from "vitest";
import { fieldErrorText } from "#machinery/field-errors.ts";
import type { ObjectMeta } from "./generated/meta-v1.ts";
import { subdomainName, validateMetadata, validateMetadataUpdate } from "./object-meta.ts";

const sound: ObjectMeta = { name: "web", namespace: "default", uid: "u1", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };
const wrong = (change: Partial<ObjectMeta>): string[] =>
  validateMetadata({ ...sound, ...change }, { namespaced: true, validateName: subdomainName }).map(fieldErrorText);
const forbiddenChange = (change: Partial<ObjectMeta>, old: Partial<ObjectMeta> = {}): string[] =>
  validateMetadataUpdate({ ...sound, ...old, ...change }, { ...sound, ...old }).map(fieldErrorText);

describe("metadata", () => {
  it("needs a name of the kind's form and a namespace", () => {
    expect(wrong({})).toEqual([]);
    expect(wrong({ name: "" })).toEqual(["metadata.name: Required value: name or generateName is required"]);
    expect(wrong({ name: "Web_1" })[0]).toMatch(/^metadata.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain must consist of/);
    expect(wrong({ namespace: "" })).toEqual(["metadata.namespace: Required value"]);
    expect(wrong({ generateName: "web-" })).toEqual([]);
  });

  it("bounds annotations", () => {
    expect(wrong({ annotations: { a: "é".repeat(131_072) } })).toEqual(["metadata.annotations: Too long: may not be more than 262144 bytes"]);
    expect(wrong({ annotations: { a: "x".repeat(262_143), "b c": "" } })[0]).toContain('metadata.annotations: Invalid value: "b c"');
  });

  it("checks labels, finalizers and owners", () => {
    expect(wrong({ labels: { app: "-" } })[0]).toContain('metadata.labels: Invalid value: "-": a valid label must be');
    expect(wrong({ finalizers: ["mine"] })[0]).toContain("name is neither a standard finalizer name nor is it fully qualified");
    expect(wrong({ finalizers: ["a.b/c", "orphan"] })).toEqual([]);
    const owner = { apiVersion: "v1", kind: "Pod", name: "a", uid: "1", controller: true };
    expect(wrong({ ownerReferences: [owner, { ...owner, uid: "2" }] })[0]).toContain("Only one reference can have Controller set to true");
    expect(wrong({ ownerReferences: [{ ...owner, uid: "" }] })).toEqual(['metadata.ownerReferences.uid: Invalid value: "": must not be empty']);
  });

  it("stays what it is in an update", () => {
    expect(forbiddenChange({ labels: { a: "b" } })).toEqual([]);
    expect(forbiddenChange({ name: "other" })).toEqual(['metadata.name: Invalid value: "other": field is immutable']);
    expect(forbiddenChange({ finalizers: ["a.b/c"] }, { deletionTimestamp: "2026-01-01T00:00:00Z" })).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/c"}',
    ]);
  });
});
