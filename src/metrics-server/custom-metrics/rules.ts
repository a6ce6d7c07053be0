import type { Figure } from "./exposition.ts";

/** How figures of certain series become metrics. */
export interface Rule {
  fits(figure: Figure): boolean;
  metricOf(figure: Figure): Metric;
  /** They become none. */
  readonly isIgnored: boolean;
}

export interface Metric {
  readonly name: string;
  /** Over how long its growth is taken; absent: the figure is taken as it is. */
  readonly rateMilliseconds: number | undefined;
}

const defaultRateMilliseconds = 60_000;

/** Counters are served as rates under their names without `_total` or `_seconds_total`, as Prometheus' adapter does; the rest as it is. */
export const defaultRule: Rule = {
  fits: () => true,
  metricOf: ({ name, isCounter }) =>
    isCounter ? { name: name.replace(/(_seconds)?_total$/, ""), rateMilliseconds: defaultRateMilliseconds } : { name, rateMilliseconds: undefined },
  isIgnored: false,
};

/** What a figure is served as. @param rules the last of which fits everything */
export function metricOf(figure: Figure, rules: readonly Rule[]): Metric | undefined {
  const rule = rules.find((each) => each.fits(figure));
  return rule === undefined || rule.isIgnored ? undefined : rule.metricOf(figure);
}
