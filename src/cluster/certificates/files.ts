import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { KeyPair, Subject } from "./authority.ts";
import { type Certificates, createSigningKey } from "./certificates.ts";

/** Certificates that are valid for less than this are made anew. */
const renewWithinMilliseconds = 30 * 24 * 3600 * 1000;

/**
 * A directory of certificates and keys: what is missing, about to expire, or made for other hosts is made anew. Keys are 0600. What
 * makes certificates is loaded only when one must be made.
 */
export class CertificateFiles implements Certificates {
  readonly #directory: string;
  readonly #now: () => number;

  constructor(directory: string, now: () => number) {
    this.#directory = directory;
    this.#now = now;
  }

  async authority(name: string, commonName: string): Promise<KeyPair> {
    const known = this.#read(name);
    if (known) return known;
    const { createAuthority } = await import("./authority.ts");
    return this.#write(name, await createAuthority(commonName, this.#now()));
  }

  async issued(name: string, authority: KeyPair, subject: Subject): Promise<KeyPair> {
    const known = this.#read(name);
    if (known && this.#isGood(known, authority, subject)) return known;
    const { issue } = await import("./authority.ts");
    return this.#write(name, await issue(authority, subject, this.#now()));
  }

  async signingKey(name: string): Promise<string> {
    const file = path.join(this.#directory, `${name}.key`);
    if (existsSync(file)) return readFileSync(file, "utf8");
    const key = createSigningKey();
    writeWhole(file, key, 0o600);
    return key;
  }

  #isGood(pair: KeyPair, authority: KeyPair, subject: Subject): boolean {
    const certificate = new X509Certificate(pair.certificate);
    const answersTo = (host: string): boolean => certificate.checkHost(host) !== undefined || certificate.checkIP(host) !== undefined;
    return (
      Date.parse(certificate.validTo) - this.#now() > renewWithinMilliseconds &&
      certificate.checkIssued(new X509Certificate(authority.certificate)) &&
      (subject.hosts ?? []).every(answersTo)
    );
  }

  #read(name: string): KeyPair | undefined {
    const [certificate, key] = [path.join(this.#directory, `${name}.crt`), path.join(this.#directory, `${name}.key`)];
    if (!existsSync(certificate) || !existsSync(key)) return undefined;
    return { certificate: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
  }

  #write(name: string, pair: KeyPair): KeyPair {
    writeWhole(path.join(this.#directory, `${name}.key`), pair.key, 0o600);
    writeWhole(path.join(this.#directory, `${name}.crt`), pair.certificate, 0o644);
    return pair;
  }
}

/** Readers see the old file or the new one, never half of it. */
function writeWhole(file: string, text: string, mode: number): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}
