import { type LabelSelector, type LabelSelectorObject, selectorFromLabels, selectorFromObject } from "#machinery/label-selectors.ts";

/** Objects never change once stored, so what is read from one stays true as long as it lives. */
const byObject = new WeakMap<object, LabelSelector>();

/** The selector that a workload holds; read once per object, for every pod is held against many of them. */
export function selectorOf(selector: LabelSelectorObject): LabelSelector {
  return remembered(selector, selectorFromObject);
}

/** As `selectorOf`, of the older form, which demands labels (services). */
export function labelsSelectorOf(labels: Readonly<Record<string, string>>): LabelSelector {
  return remembered(labels, selectorFromLabels);
}

function remembered<T extends object>(object: T, read: (object: T) => LabelSelector): LabelSelector {
  const known = byObject.get(object);
  if (known) return known;
  const selector = read(object);
  byObject.set(object, selector);
  return selector;
}
