/** A number as a fraction of whole numbers. */
interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** As `%.3f`: rounded to `precision` digits after the point, halves to even. The number is finite. */
export function fixedDecimal(value: number, precision: number): string {
  const digits = String(rounded(scaled(fractionOf(Math.abs(value)), precision))).padStart(precision + 1, "0");
  const whole = digits.slice(0, digits.length - precision);
  return `${signOf(value)}${whole}${precision === 0 ? "" : `.${digits.slice(-precision)}`}`;
}

/** As `%.3e`: one digit before the point, and the power of ten. The number is finite. */
export function scientificDecimal(value: number, precision: number): { readonly mantissa: string; readonly exponent: number } {
  let exponent = value === 0 ? 0 : Number(value.toExponential().split("e")[1]);
  let digits = String(rounded(scaled(fractionOf(Math.abs(value)), precision - exponent)));
  if (digits.length > precision + 1) {
    exponent++;
    digits = digits.slice(0, precision + 1);
  }
  const padded = digits.padStart(precision + 1, "0");
  return { mantissa: `${signOf(value)}${padded.charAt(0)}${precision === 0 ? "" : `.${padded.slice(1)}`}`, exponent };
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

/** Exactly what the 64 bits of a double say. */
function fractionOf(value: number): Fraction {
  let [numerator, halvings] = [value, 0];
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    halvings++;
  }
  return { numerator: BigInt(numerator), denominator: 1n << BigInt(halvings) };
}

function scaled({ numerator, denominator }: Fraction, tens: number): Fraction {
  const factor = 10n ** BigInt(Math.abs(tens));
  return tens < 0 ? { numerator, denominator: denominator * factor } : { numerator: numerator * factor, denominator };
}

function rounded({ numerator, denominator }: Fraction): bigint {
  const quotient = numerator / denominator;
  const rest = (numerator % denominator) * 2n;
  const up = rest > denominator || (rest === denominator && quotient % 2n === 1n);
  return up ? quotient + 1n : quotient;
}
