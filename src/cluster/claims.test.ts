import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Claims } from "./claims.ts";

let root: string;
let claims: Claims;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "knarr-claims-"));
  claims = new Claims(join(root, "claims"));
  mkdirSync(join(root, "one"));
  mkdirSync(join(root, "two"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("what one cluster has, another cannot have", () => {
  expect(claims.take("network", "0", join(root, "one"))).toBe(true);
  expect(claims.take("network", "0", join(root, "two"))).toBe(false);
  expect(claims.take("network", "1", join(root, "two"))).toBe(true);
  expect(claims.take("network", "0", join(root, "one")), "again").toBe(true);
  expect(() => claims.demand("network", "0", join(root, "two"))).toThrow(`belongs to the cluster in ${join(root, "one")}`);
});

test("a claim lapses when it is released, or its cluster's directory is gone", () => {
  claims.take("name", "a", join(root, "one"));
  claims.take("name", "b", join(root, "two"));
  claims.release(join(root, "one"));
  expect(claims.holder("name", "a")).toBeUndefined();
  rmSync(join(root, "two"), { recursive: true });
  expect(claims.take("name", "b", join(root, "one"))).toBe(true);
});
