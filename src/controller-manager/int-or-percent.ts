/** A number, or a percentage of `total` rounded up or down (API reference: IntOrString). What is neither counts as 0. */
export function scaledValue(value: number | string | undefined, total: number, round: "up" | "down"): number {
  if (typeof value === "number") return value;
  const percent = /^(\d{1,9})%$/.exec(value ?? "")?.[1];
  if (percent === undefined) return 0;
  const exact = (Number(percent) * total) / 100;
  return round === "up" ? Math.ceil(exact) : Math.floor(exact);
}
