import type { X509Certificate } from "node:crypto";
import { unauthorized } from "#machinery/status-error.ts";
import type { Clock } from "#machinery/clock.ts";
import type { User } from "../request.ts";
import type { Authenticator, Credentials } from "./authenticator.ts";

const credentialIdKey = "authentication.kubernetes.io/credential-id";

/**
 * X.509 client certificates: the subject's common name is the user, each organization a group. The TLS layer has verified the
 * chain when the connection was made; only the time is checked again, since connections outlive certificates.
 */
export class ClientCertificateAuthenticator implements Authenticator {
  readonly name = "client-certificate";
  readonly #clock: Clock;
  readonly #trusts: (certificate: X509Certificate) => boolean;
  readonly #read = new WeakMap<X509Certificate, CertificateUser>();

  /** @param trusts which of the verified certificates name users; all when absent */
  constructor(clock: Clock, trusts: (certificate: X509Certificate) => boolean = () => true) {
    this.#clock = clock;
    this.#trusts = trusts;
  }

  async authenticate({ certificate }: Credentials): Promise<User | undefined> {
    if (!certificate || !this.#trusts(certificate)) return undefined;
    let read = this.#read.get(certificate);
    if (!read) {
      read = readCertificate(certificate);
      this.#read.set(certificate, read);
    }
    const now = this.#clock.now();
    if (now < read.validFrom || now > read.validTo) throw unauthorized();
    return read.user;
  }
}

interface CertificateUser {
  /** Absent: the certificate names nobody. */
  readonly user: User | undefined;
  readonly validFrom: number;
  readonly validTo: number;
}

function readCertificate(certificate: X509Certificate): CertificateUser {
  const { CN: name, O: groups } = subjectOf(certificate);
  const fingerprint = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
  const user = name[0] === undefined ? undefined : {
    name: name[0], groups, extra: { [credentialIdKey]: [`X509SHA256=${fingerprint}`] },
  };
  return { user, validFrom: Date.parse(certificate.validFrom), validTo: Date.parse(certificate.validTo) };
}

/** Node writes the subject as one attribute a line, `+` between those of one relative name, and a backslash before special characters. */
function subjectOf(certificate: X509Certificate): { readonly CN: readonly string[]; readonly O: readonly string[] } {
  const found: { CN: string[]; O: string[] } = { CN: [], O: [] };
  for (const attribute of certificate.subject.split(/\n|(?<!\\)\+/)) {
    const [, key, value] = /^(CN|O)=(.*)$/.exec(attribute) ?? [];
    if ((key === "CN" || key === "O") && value) found[key].push(value.replace(/\\(.)/g, "$1"));
  }
  return found;
}
