/** What a certificate signing request asks for (PKCS #10, RFC 2986), as far as anybody decides by it. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  /** In bytes: 4 or 16 each. */
  readonly ipAddresses: readonly Uint8Array[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

/** A text is no certificate request. */
export class CertificateRequestError extends Error {
  override readonly name = "CertificateRequestError";
}

const oids = { commonName: "550403", organization: "55040a", extensionRequest: "2a864886f70d01090e", subjectAlternativeName: "551d11" };
const tags = { sequence: 0x30, octets: 0x04, attributes: 0xa0, email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 };
const armour = /^\s*-----BEGIN CERTIFICATE REQUEST-----\r?\n([A-Za-z0-9+/=\s]+)-----END CERTIFICATE REQUEST-----\s*$/;

/** @param pem one PEM block @throws CertificateRequestError */
export function parseCertificateRequest(pem: string): CertificateRequest {
  const body = armour.exec(pem)?.[1];
  if (body === undefined) throw new CertificateRequestError("PEM block type must be CERTIFICATE REQUEST");
  const whole = elementsOf(bytesOf(body))[0];
  const [information] = whole?.tag === tags.sequence ? elementsOf(whole.content) : [];
  const [, subject, publicKey, attributes] = information?.tag === tags.sequence ? elementsOf(information.content) : [];
  if (subject?.tag !== tags.sequence || publicKey?.tag !== tags.sequence) throw new CertificateRequestError("asn1: structure error");
  const names = namesOf(subject);
  const alternatives = attributes?.tag === tags.attributes ? alternativeNames(attributes) : [];
  const texts = (tag: number): string[] => alternatives.filter((element) => element.tag === tag).map(({ content }) => textOf(content));
  return {
    commonName: names.find(({ oid }) => oid === oids.commonName)?.value ?? "",
    organizations: names.filter(({ oid }) => oid === oids.organization).map(({ value }) => value),
    dnsNames: texts(tags.dns), emailAddresses: texts(tags.email), uris: texts(tags.uri),
    ipAddresses: alternatives.filter(({ tag }) => tag === tags.ip).map(({ content }) => content),
  };
}

/** A name is a sequence of sets of pairs of what is told and how it reads. */
function namesOf(subject: Element): readonly { readonly oid: string; readonly value: string }[] {
  return elementsOf(subject.content).flatMap((set) => elementsOf(set.content)).map((pair) => {
    const [oid, value] = elementsOf(pair.content);
    return { oid: hexOf(oid), value: value ? textOf(value.content) : "" };
  });
}

function alternativeNames(attributes: Element): readonly Element[] {
  const pairs = elementsOf(attributes.content).map(({ content }) => elementsOf(content));
  const [, values] = pairs.find(([oid]) => hexOf(oid) === oids.extensionRequest) ?? [];
  const extensions = values ? elementsOf(values.content).flatMap(({ content }) => elementsOf(content)) : [];
  const extension = extensions.map(({ content }) => elementsOf(content)).find(([oid]) => hexOf(oid) === oids.subjectAlternativeName);
  const value = extension?.find(({ tag }) => tag === tags.octets);
  return value ? elementsOf(value.content).flatMap(({ content }) => elementsOf(content)) : [];
}

/** One value in DER (ITU-T X.690 §8.1). */
interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** What is written one after the other. @throws CertificateRequestError where a length leads beyond the end */
function elementsOf(bytes: Uint8Array): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1] ?? 0;
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    let length = first < 0x80 ? first : 0;
    for (let index = 0; index < lengthBytes; index++) length = length * 256 + (bytes[at + 2 + index] ?? 0);
    const start = at + 2 + lengthBytes;
    if (lengthBytes > 4 || first === 0x80 || start + length > bytes.length) throw new CertificateRequestError("asn1: syntax error");
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64.replaceAll(/\s/g, "")), (character) => character.charCodeAt(0));
  } catch {
    throw new CertificateRequestError("PEM block type must be CERTIFICATE REQUEST");
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function hexOf(element: Element | undefined): string {
  return [...(element?.content ?? [])].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
