import type { Kind, KubeObject } from "#machinery/kind.ts";

/** The fields by which watchers are found quickly, of kinds whose every change concerns few of many watchers. */
const indexedFields: readonly { readonly group: string; readonly plural: string; readonly field: string; valueOf(object: KubeObject): string }[] = [
  { group: "", plural: "pods", field: "spec.nodeName", valueOf: (pod) => (pod as { spec?: { nodeName?: string } }).spec?.nodeName ?? "" },
];

export function indexedFieldOf(kind: Kind): string | undefined {
  return indexOf(kind)?.field;
}

export function indexedValueOf(kind: Kind): ((object: KubeObject) => string) | undefined {
  return indexOf(kind)?.valueOf;
}

function indexOf({ group, plural }: Kind): (typeof indexedFields)[number] | undefined {
  return indexedFields.find((index) => index.group === group && index.plural === plural);
}
