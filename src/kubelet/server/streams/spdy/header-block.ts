/** Longest block that deflate can store. */
const longestStored = 65_535;
/** Begins a zlib stream without a preset dictionary (RFC 1950 §2.2). */
const zlibHead = Buffer.from([0x78, 0x01]);
/** An empty stored block: it makes a reader hand out what it has (RFC 1951 §3.2.4). */
const flush = Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]);

/**
 * Writes the headers of streams (SPDY/3.1 §2.6.10). All blocks of a connection are one zlib stream; ours is stored, not packed: the
 * few headers of a connection are short, and so it needs neither a compressor nor SPDY's dictionary.
 */
export class HeaderBlocks {
  #begun = false;

  /** @param headers with lower-case names @throws Error when they are longer than a stored block */
  encode(headers: { readonly [name: string]: string }): Buffer {
    const pairs = Object.entries(headers);
    const plain = Buffer.concat([number(pairs.length), ...pairs.flatMap((pair) => pair.flatMap(text))]);
    if (plain.length > longestStored) throw new Error(`${plain.length} bytes of headers are too many`);
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(plain.length, 1);
    stored.writeUInt16LE(~plain.length & 0xffff, 3);
    const head = this.#begun ? Buffer.alloc(0) : zlibHead;
    this.#begun = true;
    return Buffer.concat([head, stored, plain, flush]);
  }
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): Buffer[] {
  const bytes = Buffer.from(value);
  return [number(bytes.length), bytes];
}
