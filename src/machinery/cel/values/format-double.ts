/** The shortest text that reads back as the number, as Go's `%g` writes it: `1.5`, `1e+06`, `+Inf`. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const [mantissa = "0", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  const sign = Object.is(value, -0) ? "-" : "";
  if (exponent >= -4 && exponent < 6) return sign + plainDecimal(value);
  const magnitude = Math.abs(exponent);
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${magnitude < 10 ? "0" : ""}${magnitude}`;
}

/** Without an exponent, whatever the size. */
export function plainDecimal(value: number): string {
  const [mantissa = "0", exponentText = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const point = Number(exponentText) + 1;
  const sign = value < 0 ? "-" : "";
  if (point <= 0) return digits === "0" ? `${sign}0` : `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + "0".repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
