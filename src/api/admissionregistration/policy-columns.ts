import type { ParamKind, ParamRef } from "../generated/admissionregistration-v1.ts";
import { selectorText } from "../columns.ts";

const unset = "<unset>";

/** `v1/ConfigMap` */
export function paramKindText(kind: ParamKind | undefined): string {
  return kind ? `${kind.apiVersion ?? ""}/${kind.kind ?? ""}` : unset;
}

/** `settings/strict`, `*` where the namespace is that of the request; or the selector. */
export function paramRefText(reference: ParamRef | undefined): string {
  if (!reference) return unset;
  const { name = "", namespace = "*", selector } = reference;
  return `${namespace}/${name === "" ? selectorText(selector) : name}`;
}
