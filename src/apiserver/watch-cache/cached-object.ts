import type { KubeObject } from "#machinery/kind.ts";
import { decodeStored, spliceResourceVersion, withResourceVersion } from "./stored-bytes.ts";

/** A way to write objects as bytes. Compared by identity: each encoding is one value. */
export interface ObjectEncoding {
  readonly mediaType: string;
  encode(object: KubeObject): Uint8Array;
}

/** One version of one object, held once for all its readers, with its bytes: made when first asked for, and once. Immutable to them. */
export class CachedObject {
  /** With its resourceVersion. */
  readonly object: KubeObject;
  readonly revision: number;
  /** As stored, until `json` has been asked for. */
  #stored: Uint8Array | undefined;
  #json: Uint8Array | undefined;
  #other: { readonly encoding: ObjectEncoding; readonly bytes: Uint8Array } | undefined;

  private constructor(object: KubeObject, revision: number, stored: Uint8Array | undefined) {
    this.object = object;
    this.revision = revision;
    this.#stored = stored;
  }

  /** @param decoded what the bytes say, where the caller knows already */
  static stored(bytes: Uint8Array, revision: number, decoded?: KubeObject): CachedObject {
    return new CachedObject(withResourceVersion(decoded ?? decodeStored(bytes), revision), revision, bytes);
  }

  /** An object whose bytes are not stored like this: changed on its way out, or never stored. */
  static of(object: KubeObject, revision: number): CachedObject {
    return new CachedObject(object, revision, undefined);
  }

  get name(): string {
    return this.object.metadata.name;
  }

  get namespace(): string {
    return this.object.metadata.namespace ?? "";
  }

  json(): Uint8Array {
    if (this.#json === undefined) {
      this.#json = this.#stored ? spliceResourceVersion(this.#stored, this.object) : Buffer.from(JSON.stringify(this.object));
      this.#stored = undefined;
    }
    return this.#json;
  }

  /** The newest other encoding that was asked for is kept. */
  encoded(encoding: ObjectEncoding): Uint8Array {
    if (this.#other?.encoding !== encoding) this.#other = { encoding, bytes: encoding.encode(this.object) };
    return this.#other.bytes;
  }
}
