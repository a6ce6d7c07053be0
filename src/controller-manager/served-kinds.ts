import type { Kind, KindReference, Verb } from "#machinery/kind.ts";

/** The kinds that the API serves at present: custom ones come and go. */
export interface ServedKinds {
  list(): readonly ServedKind[];
  /** Groups with versions whose server does not answer: what they have may be more or less than the list says. */
  undiscovered(): readonly string[];
  /** Calls back whenever the list has changed. Returns how to stop. */
  subscribe(changed: () => void): () => void;
}

/** Every `Kind` is one. */
export interface ServedKind extends KindReference {
  readonly verbs: readonly Verb[];
  readonly subresources?: Kind["subresources"];
}

/** Kinds that stay as they are. */
export function fixedKinds(kinds: readonly ServedKind[]): ServedKinds {
  return { list: () => kinds, undiscovered: () => [], subscribe: () => () => undefined };
}

/** As objects name their kind: `apps/v1` and `Deployment`. The version does not matter, for all versions are the same objects. */
export function findKind(kinds: ServedKinds, apiVersion: string, kind: string): ServedKind | undefined {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  return kinds.list().find((candidate) => candidate.kind === kind && candidate.group === group && candidate.verbs.includes("list"));
}
