import { ageOf } from "#machinery/age.ts";
import type { Column, KubeObject } from "#machinery/kind.ts";
import { type LabelSelectorObject, SelectorError, selectorFromLabels, selectorFromObject } from "#machinery/label-selectors.ts";

/** What stands in a cell where there is nothing to tell. */
export const none = "<none>";

/** For kinds whose age does not stand at its usual place, which is after the columns that are always shown. */
export const ageColumn: Column<KubeObject> = {
  name: "Age", type: "string", description: "How long ago the object was made.",
  value: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
};

export const createdAtColumn: Column<KubeObject> = {
  name: "Created At", type: "string", description: "When the object was made.",
  value: ({ metadata }) => metadata.creationTimestamp,
};

/** Labels as `a=b,c=d`, sorted by key. */
export function labelsText(labels: { readonly [key: string]: string } | undefined): string {
  return selectorFromLabels(labels).toString() || none;
}

export function selectorText(selector: LabelSelectorObject | undefined): string {
  try {
    return selectorFromObject(selector).toString() || none;
  } catch (error) {
    if (error instanceof SelectorError) return "<error>";
    throw error;
  }
}

/** The first three, and how many there are beyond. */
export function firstThree(items: readonly string[], nothing: string): string {
  if (items.length === 0) return nothing;
  const shown = items.slice(0, 3).join(",");
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}

/** Containers of a pod template, for wide tables. */
interface Templated {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { readonly name: string; readonly image?: string }[] } } };
}

export const containersColumn: Column<Templated> = {
  name: "Containers", type: "string", priority: 1, description: "Names of the containers in the pod template.",
  value: ({ spec }) => spec.template.spec.containers.map(({ name }) => name).join(","),
};

export const imagesColumn: Column<Templated> = {
  name: "Images", type: "string", priority: 1, description: "Images of the containers in the pod template.",
  value: ({ spec }) => spec.template.spec.containers.map(({ image = "" }) => image).join(","),
};
