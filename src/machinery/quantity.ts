/**
 * Amounts such as `100m`, `1.5Gi` and `12e6` (API reference: resource.Quantity).
 *
 * Held exactly, in billionths: whatever is finer is rounded away from zero, so that a request for a very small
 * amount is never a request for nothing. A quantity remembers the notation that it was written in.
 */
export interface Quantity {
  /** The amount times 10⁹. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
  /** The text that it was read from, where that counts as canonical already. */
  readonly text?: string;
}

export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** A text is not a quantity. The messages are those that clients know. */
export class QuantityError extends Error {
  override readonly name = "QuantityError";
}

const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";
const wrongNumber = "unable to parse numeric part of quantity";

const nano = 1_000_000_000n;
const largestBinary = ((1n << 63n) - 1n) * nano;
/** Texts and exponents beyond these are refused: nobody means them, and they would take long to compute with. */
const longestText = 512;
const largestExponent = 1000;

const decimalExponents = new Map([["n", -9], ["u", -6], ["m", -3], ["", 0], ["k", 3], ["M", 6], ["G", 9], ["T", 12], ["P", 15], ["E", 18]]);
const decimalSuffixes = new Map([...decimalExponents].map(([suffix, exponent]) => [exponent, suffix]));
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const binaryExponents = new Map(binarySuffixes.slice(1).map((suffix, index) => [suffix, (index + 1) * 10]));

const zero: Quantity = { nanos: 0n, format: "DecimalSI", text: "0" };

/** A cluster speaks of few different amounts, again and again: these are known, up to a number of them. */
const known = new Map<string, Quantity>();
const mostKnown = 1000;
const longestKnown = 32;

/** Reads a quantity. @throws QuantityError */
export function parseQuantity(text: string): Quantity {
  const found = known.get(text);
  if (found !== undefined) return found;
  const quantity = parseAnew(text);
  if (known.size >= mostKnown) known.clear();
  if (text.length <= longestKnown) known.set(text, quantity);
  return quantity;
}

function parseAnew(text: string): Quantity {
  if (text === "0") return zero;
  if (text === "" || text.length > longestText) throw new QuantityError(wrongFormat);
  const { negative, whole, fraction, suffix } = split(text);
  const { base, exponent, format } = interpret(suffix);
  const digits = whole + fraction;
  const magnitude = digits === "" ? 0n : BigInt(digits);
  if (base === 10) {
    const nanos = scaled(magnitude, exponent - fraction.length + 9);
    return { nanos: negative ? -nanos : nanos, format, ...asWritten(text, isCanonicalDecimal(digits, exponent - fraction.length)) };
  }
  const exact = scaled(magnitude << BigInt(exponent), 9 - fraction.length);
  const nanos = exact > largestBinary ? largestBinary : exact;
  const small = nanos > 0n && nanos < nano;
  return {
    nanos: negative ? -nanos : nanos,
    format: small ? "DecimalSI" : "BinarySI",
    ...asWritten(text, isCanonicalBinary(whole, fraction, exponent, magnitude)),
  };
}

/** A quantity of `value` whole units, such as bytes or cores. */
export function quantityOf(value: number | bigint, format: QuantityFormat = "DecimalSI"): Quantity {
  return { nanos: BigInt(value) * nano, format };
}

/** A quantity of `value` thousandths, such as millicores. */
export function milliQuantityOf(value: number | bigint, format: QuantityFormat = "DecimalSI"): Quantity {
  return { nanos: BigInt(value) * 1_000_000n, format };
}

/** The canonical text: no fraction, and the largest suffix that loses nothing. */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text;
  if (quantity.nanos === 0n) return "0";
  const format = quantity.format === "BinarySI" && !suitsBinary(quantity.nanos) ? "DecimalSI" : quantity.format;
  return format === "BinarySI" ? formatBinary(quantity.nanos / nano) : formatDecimal(quantity.nanos, format);
}

/** Rewrites a text in its canonical form. @throws QuantityError */
export function canonicalQuantity(text: string): string {
  return formatQuantity(parseQuantity(text));
}

/** Whether `text` reads as a quantity. */
export function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch {
    return false;
  }
}

/** Negative, 0 or positive as `left` is less than, equal to or greater than `right`; notations do not matter. */
export function compareQuantities(left: Quantity | string, right: Quantity | string): number {
  const a = nanosOf(left);
  const b = nanosOf(right);
  return a < b ? -1 : a > b ? 1 : 0;
}

export function addQuantities(left: Quantity, right: Quantity): Quantity {
  return { nanos: left.nanos + right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

export function subtractQuantities(left: Quantity, right: Quantity): Quantity {
  return { nanos: left.nanos - right.nanos, format: left.nanos === 0n ? right.format : left.format };
}

export function negateQuantity(quantity: Quantity): Quantity {
  return { nanos: -quantity.nanos, format: quantity.format };
}

export function multiplyQuantity(quantity: Quantity, factor: number | bigint): Quantity {
  return { nanos: quantity.nanos * BigInt(factor), format: quantity.format };
}

/** −1, 0 or 1. */
export function quantitySign(quantity: Quantity | string): number {
  const nanos = nanosOf(quantity);
  return nanos < 0n ? -1 : nanos > 0n ? 1 : 0;
}

/** Whole units, rounded away from zero. Beyond 2⁵³ the number is approximate. @throws QuantityError */
export function value(quantity: Quantity | string): number {
  return typeof quantity === "string" ? (quickly(quantity, 1) ?? roundedUp(parseQuantity(quantity).nanos, nano)) : roundedUp(quantity.nanos, nano);
}

/** Thousandths, rounded away from zero. Beyond 2⁵³ the number is approximate. @throws QuantityError */
export function milliValue(quantity: Quantity | string): number {
  if (typeof quantity !== "string") return roundedUp(quantity.nanos, 1_000_000n);
  return quickly(quantity, 1000) ?? roundedUp(parseQuantity(quantity).nanos, 1_000_000n);
}

/** The amount as a number of units, with fractions; approximate. @throws QuantityError */
export function approximateValue(quantity: Quantity | string): number {
  return Number(nanosOf(quantity)) / 1e9;
}

function nanosOf(quantity: Quantity | string): bigint {
  return typeof quantity === "string" ? parseQuantity(quantity).nanos : quantity.nanos;
}

function roundedUp(nanos: bigint, unit: bigint): number {
  const whole = nanos / unit;
  const remainder = nanos % unit;
  if (remainder === 0n) return Number(whole);
  return Number(remainder > 0n ? whole + 1n : whole - 1n);
}

/** Reads what nearly every quantity looks like – a few digits and m, Ki, Mi, Gi or nothing – without bigints. */
function quickly(text: string, unitsPerWhole: number): number | undefined {
  let end = 0;
  let digits = 0;
  for (; end < text.length && end < 10; end++) {
    const digit = text.charCodeAt(end) - 48;
    if (digit < 0 || digit > 9) break;
    digits = digits * 10 + digit;
  }
  if (end === 0) return undefined;
  switch (text.length - end) {
    case 0:
      return digits * unitsPerWhole;
    case 1:
      return text.charCodeAt(end) === 109 /* m */ ? Math.ceil((digits * unitsPerWhole) / 1000) : undefined;
    case 2: {
      if (text.charCodeAt(end + 1) !== 105 /* i */ || digits > 1_000_000) return undefined;
      const shift = text.charCodeAt(end);
      const factor = shift === 75 ? 1024 : shift === 77 ? 1_048_576 : shift === 71 ? 1_073_741_824 : undefined;
      const result = factor === undefined ? undefined : digits * factor * unitsPerWhole;
      return result !== undefined && Number.isSafeInteger(result) ? result : undefined;
    }
    default:
      return undefined;
  }
}

interface Parts {
  readonly negative: boolean;
  /** Digits before the point, without leading zeros. */
  readonly whole: string;
  readonly fraction: string;
  readonly suffix: string;
}

const shape = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

function split(text: string): Parts {
  const match = shape.exec(text);
  if (match === null) throw new QuantityError(wrongFormat);
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match;
  return { negative: sign === "-", whole, fraction, suffix };
}

function interpret(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } {
  const decimal = decimalExponents.get(suffix);
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: "DecimalSI" };
  const binary = binaryExponents.get(suffix);
  if (binary !== undefined) return { base: 2, exponent: binary, format: "BinarySI" };
  const exponent = /^[eE][+-]?[0-9]+$/.test(suffix) ? Number(suffix.slice(1)) : Number.NaN;
  if (Number.isNaN(exponent)) throw new QuantityError(wrongSuffix);
  if (Math.abs(exponent) > largestExponent) throw new QuantityError(wrongNumber);
  return { base: 10, exponent, format: "DecimalExponent" };
}

/** magnitude × 10^exponent, rounded up to a whole number. */
function scaled(magnitude: bigint, exponent: number): bigint {
  if (exponent >= 0) return magnitude * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return (magnitude + divisor - 1n) / divisor;
}

function asWritten(text: string, canonical: boolean): { text?: string } {
  return canonical ? { text } : {};
}

/** Upstream keeps a text as it is when these hold, even where it could be written shorter (`1.500`, `+5`). */
function isCanonicalDecimal(digits: string, scale: number): boolean {
  return scale % 3 === 0 && scale >= -9 && digits !== "" && digits.length <= 18 && !digits.endsWith("000") && !digits.startsWith("0");
}

function isCanonicalBinary(whole: string, fraction: string, exponent: number, magnitude: bigint): boolean {
  const precision = 15 - Math.max(1, whole.length) - Math.trunc((exponent * 3) / 10) - 1;
  return fraction === "" && precision >= 0 && (magnitude & 7n) !== 0n;
}

function suitsBinary(nanos: bigint): boolean {
  const magnitude = nanos < 0n ? -nanos : nanos;
  return magnitude >= 1024n * nano && magnitude % nano === 0n;
}

function formatBinary(units: bigint): string {
  let mantissa = units;
  let step = 0;
  while (step < binarySuffixes.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    step++;
  }
  return `${mantissa}${binarySuffixes[step]}`;
}

function formatDecimal(nanos: bigint, format: QuantityFormat): string {
  let mantissa = nanos;
  let exponent = -9;
  while (mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  const suffix = format === "DecimalSI" ? decimalSuffixes.get(exponent) : undefined;
  return `${mantissa}${suffix ?? (exponent === 0 ? "" : `e${exponent}`)}`;
}
