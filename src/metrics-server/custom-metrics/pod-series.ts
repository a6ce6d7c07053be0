import type { Figure } from "./exposition.ts";
import { type Metric, metricOf, type Rule } from "./rules.ts";

/** A metric's value at one pod, for one set of labels. */
export interface PodValue {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** When it was found out, in milliseconds. */
  readonly at: number;
  /** Of a rate: over how long it is taken. */
  readonly windowSeconds: number | undefined;
}

interface Sample {
  readonly at: number;
  readonly value: number;
}

interface Series {
  readonly figure: Figure;
  readonly metric: Metric;
  /** The oldest first; a single one unless its growth is of interest. */
  readonly samples: readonly Sample[];
}

/** Samples apart by more than this tell nothing of each other. */
const longestGapMilliseconds = 300_000;
const mostSamples = 64;

/** What one pod told, as far as it is needed: the last figures, and of those that are served as rates some before. */
export class PodSeries {
  #series = new Map<string, Series>();

  /** Takes a whole page. What is no longer on it is forgotten. */
  take(figures: readonly Figure[], rules: readonly Rule[], at: number): void {
    const next = new Map<string, Series>();
    for (const figure of figures) {
      const metric = metricOf(figure, rules);
      if (!metric) continue;
      const key = `${figure.name}${JSON.stringify(Object.entries(figure.labels).toSorted(([one], [other]) => (one < other ? -1 : 1)))}`;
      next.set(key, { figure, metric, samples: samplesAfter(this.#series.get(key), { at, value: figure.value }, metric) });
    }
    this.#series = next;
  }

  get size(): number {
    return this.#series.size;
  }

  /** @param name of all metrics when absent */
  values(name?: string): readonly PodValue[] {
    return [...this.#series.values()].flatMap(({ figure, metric, samples }) => {
      const last = samples.at(-1);
      if (!last || (name !== undefined && metric.name !== name)) return [];
      const measured = metric.rateMilliseconds === undefined ? { value: last.value, windowSeconds: undefined } : rateOf(samples);
      return measured ? [{ metric: metric.name, labels: figure.labels, at: last.at, ...measured }] : [];
    });
  }
}

function samplesAfter(before: Series | undefined, sample: Sample, { rateMilliseconds }: Metric): readonly Sample[] {
  if (rateMilliseconds === undefined || !before) return [sample];
  const known = before.samples.filter(({ at }) => sample.at - at <= longestGapMilliseconds);
  // One sample from before the window marks its beginning.
  const first = known.findLastIndex(({ at }) => sample.at - at >= rateMilliseconds);
  return [...known.slice(Math.max(first, 0)).slice(1 - mostSamples), sample];
}

/** Growth per second. A counter that has become smaller has begun anew from zero. */
function rateOf(samples: readonly Sample[]): { readonly value: number; readonly windowSeconds: number } | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at === first.at) return undefined;
  const growth = samples.slice(1).reduce((sum, { value }, index) => {
    const before = samples[index]?.value ?? 0;
    return sum + (value >= before ? value - before : value);
  }, 0);
  const seconds = (last.at - first.at) / 1000;
  return { value: growth / seconds, windowSeconds: Math.round(seconds) };
}
