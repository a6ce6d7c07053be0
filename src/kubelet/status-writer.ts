import type { PodStatus } from "#api/generated/core-v1.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { type Clock, sleep, type Timer } from "#machinery/clock.ts";
import { isConflict, isNotFound } from "#machinery/status-error.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { statusPatch } from "./status-patch.ts";

export interface StatusWriterOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** Told of every failed write; writes are tried again until they succeed or the pod is gone. */
  readonly failed: (pod: Pod, error: Error) => void;
  /** How long the status of a pod that is still Pending waits for the next one, so that a quick start is told once. Default 0. */
  readonly pendingMilliseconds?: number;
}

const writesAtOnce = 16;
const firstRetryMilliseconds = 250;
const longestRetryMilliseconds = 10_000;

interface Entry {
  /** As the API has it, as far as we know. */
  pod: Pod;
  wanted: PodStatus | undefined;
  /** The last patch that was sent for `pod` and `wanted` as they are. */
  sent: string | undefined;
  /** Delete the pod from the API once its status is written. */
  finish: boolean;
  writing: boolean;
  /** Something was asked for while a write was under way. */
  again: boolean;
  /** Until then a status of a pod that is on its way is not written. */
  patience: Timer | undefined;
  /** Ends a wait before the next try. */
  retry: AbortController | undefined;
  forgotten: boolean;
}

/**
 * Brings the pods' statuses to the API: at once or after a short patience, the latest only, one write a pod at a time. A pod that is
 * finished is then deleted, with its uid as condition, so that a new pod of the same name is never hit.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #limit = new ConcurrencyLimit(writesAtOnce);
  readonly #entries = new Map<string, Entry>();

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  /** The API's own version of a pod arrived. */
  observed(pod: Pod): void {
    const entry = this.#entries.get(pod.metadata.uid);
    if (entry === undefined || !isNewer(pod, entry.pod)) return;
    entry.pod = pod;
    entry.sent = undefined;
    // Somebody may have written over our part.
    if (entry.wanted !== undefined && entry.patience === undefined) this.#wake(entry);
  }

  set(pod: Pod, status: PodStatus): void {
    const { clock, pendingMilliseconds = 0 } = this.#options;
    const entry = this.#entry(pod);
    entry.wanted = status;
    entry.sent = undefined;
    if (status.phase !== "Pending" || pendingMilliseconds === 0) return this.#wake(entry);
    entry.patience ??= clock.after(pendingMilliseconds, () => this.#wake(entry));
  }

  /** Nothing of the pod is left on the node, and its deletion was asked for. */
  finish(pod: Pod): void {
    const entry = this.#entry(pod);
    entry.finish = true;
    this.#wake(entry);
  }

  /** The pod is gone from the API: what was to be written does not matter any more. */
  forget(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry === undefined) return;
    entry.forgotten = true;
    entry.patience?.cancel();
    entry.retry?.abort();
    this.#entries.delete(uid);
  }

  stop(): void {
    for (const uid of [...this.#entries.keys()]) this.forget(uid);
  }

  #entry(pod: Pod): Entry {
    const { uid } = pod.metadata;
    let entry = this.#entries.get(uid);
    if (entry === undefined) {
      entry = {
        pod, wanted: undefined, sent: undefined, finish: false, writing: false, again: false, patience: undefined, retry: undefined, forgotten: false,
      };
      this.#entries.set(uid, entry);
    }
    return entry;
  }

  #wake(entry: Entry): void {
    entry.patience?.cancel();
    entry.patience = undefined;
    entry.again = true;
    if (!entry.writing) void this.#write(entry);
  }

  async #write(entry: Entry): Promise<void> {
    entry.writing = true;
    let retryMilliseconds = firstRetryMilliseconds;
    while (!entry.forgotten) {
      try {
        entry.again = false;
        const more = await this.#limit.run(() => this.#step(entry));
        if (!more && !entry.again) break;
        retryMilliseconds = firstRetryMilliseconds;
      } catch (error) {
        // The pod is gone, or another has its name: its end reaches us as an event.
        if (isNotFound(error) || isConflict(error)) break;
        this.#options.failed(entry.pod, error as Error);
        entry.retry = new AbortController();
        await sleep(this.#options.clock, retryMilliseconds, entry.retry.signal).catch(() => undefined);
        retryMilliseconds = Math.min(retryMilliseconds * 2, longestRetryMilliseconds);
      }
    }
    entry.writing = false;
  }

  /** Returns whether there may be more to write. */
  async #step(entry: Entry): Promise<boolean> {
    const pods = this.#options.client.of(Pod);
    const { namespace, name, uid } = entry.pod.metadata;
    const patch = entry.wanted === undefined ? undefined : statusPatch(entry.pod.status, entry.wanted);
    const text = JSON.stringify(patch);
    // A server that keeps less than it is sent is not asked again and again.
    if (patch !== undefined && text !== entry.sent) {
      const body = { metadata: { uid }, status: patch };
      const answer = await pods.patch(namespace, name, "application/strategic-merge-patch+json", body, undefined, "status");
      entry.sent = text;
      if (!isNewer(entry.pod, answer)) entry.pod = answer;
      return true;
    }
    if (!entry.finish) return false;
    entry.finish = false;
    await pods.delete(namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
    return false;
  }
}

function isNewer(left: Pod, right: Pod): boolean {
  const [a, b] = [left.metadata.resourceVersion, right.metadata.resourceVersion];
  return a.length === b.length ? a > b : a.length > b.length;
}
