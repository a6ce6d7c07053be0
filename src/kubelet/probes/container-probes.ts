import type { Probe } from "#api/generated/core-v1.ts";
import type { Clock } from "#machinery/clock.ts";
import type { Random } from "#machinery/random.ts";
import type { AnyContainer } from "../containers.ts";
import type { ActionTarget } from "../lifecycle.ts";
import type { ContainerHealth } from "../pod-plan.ts";
import type { Attempt } from "./attempt.ts";
import { type ProbeKind, ProbeWorker } from "./probe-worker.ts";
import type { Prober } from "./prober.ts";

export interface ContainerProbesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly prober: Prober;
  readonly container: AnyContainer;
  readonly startedAt: number;
  /** What the API knows of a container that ran before this kubelet did; absent: the container is new. */
  readonly known: { readonly started: true; readonly ready: boolean } | undefined;
  readonly target: () => ActionTarget;
  readonly tried: (kind: ProbeKind, attempt: Attempt) => void;
  readonly changed: () => void;
}

/** The probes of one running container. Liveness and readiness wait until the startup probe, if there is one, has succeeded. */
export class ContainerProbes {
  readonly #options: ContainerProbesOptions;
  readonly #workers = new Map<ProbeKind, ProbeWorker>();
  #ending = false;

  constructor(options: ContainerProbesOptions) {
    this.#options = options;
    const { container: { startupProbe }, known } = options;
    this.#begin("startup", startupProbe, known?.started);
    if (startupProbe === undefined || known !== undefined) this.#beginOthers();
  }

  get health(): ContainerHealth {
    const verdict = (kind: ProbeKind): boolean | undefined => this.#workers.get(kind)?.verdict;
    return { startup: verdict("startup"), liveness: verdict("liveness"), readiness: verdict("readiness") };
  }

  /** The pod is to end: only its readiness is still of interest. */
  end(): void {
    this.#ending = true;
    for (const kind of ["startup", "liveness"] as const) this.#workers.get(kind)?.stop();
  }

  stop(): void {
    for (const worker of this.#workers.values()) worker.stop();
  }

  #beginOthers(): void {
    const { container: { livenessProbe, readinessProbe }, known } = this.#options;
    if (!this.#ending) this.#begin("liveness", livenessProbe, undefined);
    this.#begin("readiness", readinessProbe, known?.ready === true ? true : undefined);
  }

  #begin(kind: ProbeKind, probe: Probe | undefined, known: boolean | undefined): void {
    if (probe === undefined) return;
    const { clock, prober, target, tried } = this.#options;
    const worker = new ProbeWorker({
      kind, probe, clock, prober, target, known,
      firstAt: this.#firstAt(probe),
      tried: (attempt) => tried(kind, attempt),
      decided: (verdict) => this.#decided(kind, verdict),
    });
    this.#workers.set(kind, worker);
    if (kind === "startup" && known === true) worker.stop();
  }

  /** As soon as the delay allows. A kubelet that takes over many containers looks at them one after the other. */
  #firstAt({ initialDelaySeconds = 0, periodSeconds }: Probe): number {
    const { clock, random, startedAt, known } = this.#options;
    const spread = known === undefined ? 0 : random.fraction() * periodSeconds * 1000;
    return Math.max(startedAt + initialDelaySeconds * 1000, clock.now() + spread);
  }

  #decided(kind: ProbeKind, verdict: boolean): void {
    if (kind === "startup" && verdict) this.#beginOthers();
    this.#options.changed();
  }
}
