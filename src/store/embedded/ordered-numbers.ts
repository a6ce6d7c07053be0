const upper = 0x1_0000_0000;

/** Writes a whole number from 0 to 2^53 as eight bytes that sort as the numbers do. Returns where they end. */
export function writeNumber(number: number, target: Buffer, offset: number): number {
  target.writeUInt32BE(Math.floor(number / upper), offset);
  return target.writeUInt32BE(number % upper, offset + 4);
}

export function readNumber(source: Buffer, offset: number): number {
  return source.readUInt32BE(offset) * upper + source.readUInt32BE(offset + 4);
}
