import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { addToKubeconfig, checkKubeconfig, removeFromKubeconfig } from "./kubeconfig.ts";

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "knarr-kubeconfig-"));
  file = path.join(directory, ".kube", "config");
});
afterEach(() => rmSync(directory, { recursive: true }));

const access = { name: "knarr", server: "https://127.0.0.1:6443", certificateAuthority: "CA", certificate: "CERT", key: "KEY" };

test("access is added to a file that is not there yet, readable by its owner alone", () => {
  addToKubeconfig(file, access);
  const config = parse(readFileSync(file, "utf8"));
  expect(config["current-context"]).toBe("knarr");
  expect(config.users[0].user["client-key-data"]).toBe(Buffer.from("KEY").toString("base64"));
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("what others wrote stays, and is as before once our access is taken away", () => {
  addToKubeconfig(file, { ...access, name: "work" });
  const before = parse(readFileSync(file, "utf8"));
  addToKubeconfig(file, access);
  addToKubeconfig(file, { ...access, server: "https://127.0.0.1:7443" });
  expect(parse(readFileSync(file, "utf8")).contexts.map(({ name }: { name: string }) => name)).toEqual(["work", "knarr"]);
  removeFromKubeconfig(file, "knarr");
  expect(parse(readFileSync(file, "utf8"))).toEqual({ ...before, "current-context": "" });
});

test("a file that is no kubeconfig is left alone", () => {
  addToKubeconfig(file, access);
  writeFileSync(file, "- just\n- a list\n");
  expect(() => addToKubeconfig(file, access)).toThrow(`${file} cannot be used (no kubeconfig): mend it, move it away, or name another file in KUBECONFIG`);
  expect(readFileSync(file, "utf8")).toBe("- just\n- a list\n");
});

test("what stands in the way is told before anything is begun", () => {
  expect(() => checkKubeconfig(file), "not there yet").not.toThrow();
  addToKubeconfig(file, access);
  writeFileSync(file, "{ not yaml");
  expect(() => checkKubeconfig(file)).toThrow("cannot be used (not YAML)");
  expect(() => checkKubeconfig(directory)).toThrow("cannot be used (EISDIR)");
});

test("a link to a kubeconfig stays a link", () => {
  addToKubeconfig(file, access);
  const link = path.join(directory, "link");
  symlinkSync(file, link);
  removeFromKubeconfig(link, "knarr");
  expect(readlinkSync(link)).toBe(file);
  expect(parse(readFileSync(file, "utf8")).contexts).toEqual([]);
});
