import { generateKeyPairSync } from "node:crypto";
import type { KeyPair, Subject } from "./authority.ts";

/** Where a cluster has its certificates and keys from: made when first asked for, and the same from then on. */
export interface Certificates {
  authority(name: string, commonName: string): Promise<KeyPair>;
  issued(name: string, authority: KeyPair, subject: Subject): Promise<KeyPair>;
  /** Private key for signing service account tokens. */
  signingKey(name: string): Promise<string>;
}

/** A private key for signing tokens: PKCS#8 PEM, P-256 (ES256), which is made a thousand times faster than an RSA key. */
export function createSigningKey(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }) as string;
}

/** Certificates that end with the process. What makes them is loaded when the first is asked for. */
export function certificatesInMemory(now: () => number): Certificates {
  const made = new Map<string, Promise<unknown>>();
  const once = <T>(name: string, make: () => Promise<T>): Promise<T> => {
    if (!made.has(name)) made.set(name, make());
    return made.get(name) as Promise<T>;
  };
  return {
    authority: (name, commonName) => once(name, async () => (await import("./authority.ts")).createAuthority(commonName, now())),
    issued: (name, authority, subject) => once(name, async () => (await import("./authority.ts")).issue(authority, subject, now())),
    signingKey: (name) => once(name, async () => createSigningKey()),
  };
}
