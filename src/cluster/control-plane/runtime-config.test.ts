import { describe, expect, test } from "vitest";
import { kindsAskedFor } from "./runtime-config.ts";

const names = (text: string): string[] => kindsAskedFor(text).map(({ apiVersion, plural }) => `${apiVersion}/${plural}`).toSorted();

describe("the versions that are switched on", () => {
  test("are none unless asked for", () => {
    expect(names("")).toEqual([]);
    expect(names("api/beta=false")).toEqual([]);
  });

  test("may be a group's version, or one resource of it", () => {
    expect(names("networking.k8s.io/v1beta1")).toEqual(["networking.k8s.io/v1beta1/ipaddresses", "networking.k8s.io/v1beta1/servicecidrs"]);
    expect(names("networking.k8s.io/v1beta1/ipaddresses=true")).toEqual(["networking.k8s.io/v1beta1/ipaddresses"]);
  });

  test("are those that the most precise word switches on, in whatever order", () => {
    expect(names("storage.k8s.io/v1beta1=false,api/beta=true")).not.toContain("storage.k8s.io/v1beta1/volumeattributesclasses");
    expect(names("api/beta")).toContain("resource.k8s.io/v1beta2/resourceclaims");
    expect(names("api/alpha")).toEqual([]);
    expect(names("api/all, api/alpha=false")).toEqual(names("api/beta=true"));
  });

  test.each([
    ["apps/v1=false", "--runtime-config: apps/v1 cannot be switched. What can: admissionregistration.k8s.io/v1beta1, api/all, "],
    ["networking.k8s.io/v1beta7", "--runtime-config: networking.k8s.io/v1beta7 cannot be switched"],
    ["api/beta=maybe", '--runtime-config: api/beta is "maybe", and has to be true or false'],
  ])("%s is refused", (text, message) => {
    expect(() => names(text)).toThrow(message);
  });
});
