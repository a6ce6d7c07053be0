import type { Draft } from "#machinery/kind.ts";
import type { Secret as SecretObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateSecret, validateSecretUpdate } from "./validation/data.ts";

export type Secret = SecretObject;

export const Secret = defineKind<Secret>({
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  scope: "Namespaced",
  message: "core/v1.Secret",
  columns: [
    { name: "Type", type: "string", description: "What it is for.", value: ({ type }) => type },
    { name: "Data", type: "string", description: "How many keys it holds.", value: ({ data = {} }) => String(Object.keys(data).length) },
  ],
  selectableFields: ["type"],
  defaults: encodeStringData,
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
});

/** `stringData` is for writers only: it becomes part of `data`, in base64. */
function encodeStringData(draft: Draft<Secret>): void {
  if (draft.stringData === undefined) return;
  const encoded = Object.entries(draft.stringData).map(([key, text]) => [key, base64(text)]);
  draft.data = { ...draft.data, ...Object.fromEntries(encoded) as { [key: string]: string } };
  delete draft.stringData;
}

function base64(text: string): string {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
}
