import type { Taint, Toleration } from "../generated/core-v1.ts";

/** Whether one of the tolerations lets a pod bear the taint (API reference: core/v1 Toleration). */
export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some((toleration) => matches(toleration, taint));
}

function matches({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator ?? "Equal") {
    case "Exists":
      return true;
    case "Equal":
      return (value ?? "") === (taint.value ?? "");
    case "Lt":
      return isInteger(value) && isInteger(taint.value) && Number(taint.value) < Number(value);
    case "Gt":
      return isInteger(value) && isInteger(taint.value) && Number(taint.value) > Number(value);
  }
}

function isInteger(text: string | undefined): boolean {
  return /^-?\d+$/.test(text ?? "");
}
