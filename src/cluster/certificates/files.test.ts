import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CertificateFiles } from "./files.ts";

let directory: string;
let now: number;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "knarr-certificates-"));
  now = Date.parse("2026-01-01T00:00:00Z");
});
afterEach(() => rmSync(directory, { recursive: true }));

const files = (): CertificateFiles => new CertificateFiles(directory, () => now);
const server = { commonName: "kube-apiserver", usages: ["server"], hosts: ["localhost", "127.0.0.1"] } as const;

test("an issued certificate carries user, groups, hosts and is signed by the authority", async () => {
  const authority = await files().authority("ca", "knarr-ca");
  const { certificate } = await files().issued("admin", authority, { ...server, commonName: "admin", organizations: ["system:masters", "crew"] });
  const read = new X509Certificate(certificate);
  expect(read.subject).toBe("O=system:masters\nO=crew\nCN=admin");
  expect(read.checkHost("localhost")).toBe("localhost");
  expect(read.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(read.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
});

test("keys are readable by their owner alone", async () => {
  await files().authority("ca", "knarr-ca");
  await files().signingKey("sa");
  for (const file of ["ca.key", "sa.key"]) expect(statSync(path.join(directory, file)).mode & 0o777).toBe(0o600);
});

test("a certificate is kept until it nears its end or must answer to another host", async () => {
  const authority = await files().authority("ca", "knarr-ca");
  const first = await files().issued("apiserver", authority, server);
  expect(await files().issued("apiserver", authority, server)).toEqual(first);
  const wider = await files().issued("apiserver", authority, { ...server, hosts: [...server.hosts, "10.96.0.1"] });
  expect(wider).not.toEqual(first);
  now += 340 * 24 * 3600 * 1000;
  expect(await files().issued("apiserver", authority, server)).not.toEqual(wider);
});
