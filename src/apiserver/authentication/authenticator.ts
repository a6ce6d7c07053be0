import type { X509Certificate } from "node:crypto";
import type { User } from "../request.ts";

/** What a connection and its request bring along. */
export interface Credentials {
  /** The bearer token, without `Bearer `. */
  readonly token?: string;
  /** The client's certificate; the TLS layer has verified its chain against the cluster's client CA. */
  readonly certificate?: X509Certificate;
  /** Header by lower-case name, for front-proxy authentication. */
  header(name: string): string | undefined;
  /** All headers as sent, one entry a line, lower-case names: a value may contain commas, so repeated ones are not joined. */
  headers(): Iterable<readonly [name: string, value: string]>;
}

/** One way to tell who asks. */
export interface Authenticator {
  readonly name: string;
  /** `undefined`: these credentials are not for me. @throws StatusError (401) where they are and are not good. */
  authenticate(credentials: Credentials): Promise<User | undefined>;
}
