import { Event } from "#api/core/event.ts";
import { type Clock, sleep } from "#machinery/clock.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { isNotFound } from "#machinery/status-error.ts";
import type { Client } from "./client.ts";

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** Who reports, such as `kubelet`. */
  readonly component: string;
  /** Node that the component runs on. */
  readonly host?: string;
  /** Told when an event could not be written; events are never retried beyond that. */
  readonly failed?: (error: Error) => void;
}

/** Waiting beyond this many, events are dropped: they are advice, not state. */
const mostWaiting = 1000;
/** So many different events are remembered, to count repeats instead of writing anew. */
const mostRemembered = 4096;

/** So many a second in the long run, after so many at once: how kubelets limit themselves (KubeletConfiguration eventRecordQPS, eventBurst). */
const writesPerSecond = 50;
const writesAtOnce = 100;

/** Events about one object: so many at once, then one in this time (as client-go limits them). */
const burst = 25;
const refillMilliseconds = 5 * 60_000;

interface Allowance {
  readonly left: number;
  /** When it was so much, in milliseconds. */
  readonly at: number;
}

type EventType = "Normal" | "Warning";

/** Who reports: as whom it writes, and from which node. */
type EventSource = Pick<EventRecorderOptions, "client" | "host">;

interface Remembered {
  readonly namespace: string;
  readonly name: string;
  count: number;
}

interface Wish {
  readonly key: string;
  readonly source: EventSource;
  readonly object: KubeObject;
  readonly fieldPath: string | undefined;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
  readonly time: number;
}

/**
 * Writes events about objects, in order, in the background and at a bounded rate. What was said before about the same object is counted
 * up instead of written again (API reference: core/v1 Event).
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #waiting: Wish[] = [];
  readonly #remembered = new Map<string, Remembered>();
  readonly #allowances = new Map<string, Allowance>();
  readonly #stopping = new AbortController();
  #writing = false;
  #sequence = 0;
  #written = { left: writesAtOnce, at: 0 };

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** @param fieldPath the part meant, such as `spec.containers{web}` */
  event(object: KubeObject, type: EventType, reason: string, message: string, fieldPath?: string): void {
    this.#event(this.#options, object, type, reason, message, fieldPath);
  }

  /** Another node's view of this recorder: what is told through all of them waits in one queue and has one rate. */
  from(source: EventSource): Pick<EventRecorder, "event"> {
    return { event: (object, type, reason, message, fieldPath) => this.#event(source, object, type, reason, message, fieldPath) };
  }

  /** What was not written yet never is. */
  stop(): void {
    this.#stopping.abort();
    this.#waiting.length = 0;
  }

  #event(source: EventSource, object: KubeObject, type: EventType, reason: string, message: string, fieldPath: string | undefined): void {
    if (this.#stopping.signal.aborted || this.#waiting.length >= mostWaiting || !this.#isAllowed(object.metadata.uid)) return;
    const key = [object.metadata.uid, fieldPath, type, reason, message].join("\n");
    this.#waiting.push({ key, source, object, fieldPath, type, reason, message, time: this.#options.clock.now() });
    if (!this.#writing) void this.#writeAll();
  }

  /** Each object has an allowance, so that one that fails over and over does not keep the API busy. */
  #isAllowed(uid: string): boolean {
    const now = this.#options.clock.now();
    const before = this.#allowances.get(uid) ?? { left: burst, at: now };
    const left = Math.min(burst, before.left + (now - before.at) / refillMilliseconds);
    this.#allowances.delete(uid);
    if (this.#allowances.size >= mostRemembered) this.#allowances.delete(this.#allowances.keys().next().value ?? "");
    this.#allowances.set(uid, { left: left >= 1 ? left - 1 : left, at: now });
    return left >= 1;
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    for (let wish = this.#waiting.shift(); wish; wish = this.#waiting.shift()) {
      try {
        await this.#pace();
        await this.#write(wish);
      } catch (error) {
        if (!this.#stopping.signal.aborted) this.#options.failed?.(error as Error);
      }
    }
    this.#writing = false;
  }

  async #pace(): Promise<void> {
    const { clock } = this.#options;
    const { left: before, at } = this.#written;
    const left = Math.min(writesAtOnce, before + (clock.now() - at) * writesPerSecond / 1000) - 1;
    this.#written = { left, at: clock.now() };
    if (left < 0) await sleep(clock, -left * 1000 / writesPerSecond, this.#stopping.signal);
  }

  async #write(wish: Wish): Promise<void> {
    const known = this.#remembered.get(wish.key);
    if (known) {
      try {
        const change = { count: known.count + 1, lastTimestamp: timestamp(wish.time) };
        await wish.source.client.of(Event).patch(known.namespace, known.name, "application/merge-patch+json", change);
        known.count++;
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        this.#remembered.delete(wish.key);
      }
    }
    await this.#create(wish);
  }

  async #create({ key, source: { client, host }, object, fieldPath, type, reason, message, time }: Wish): Promise<void> {
    const { component } = this.#options;
    const { name, uid, resourceVersion } = object.metadata;
    const namespace = object.metadata.namespace || "default";
    // Nanoseconds as the name's end, told apart within a millisecond by a count.
    const eventName = `${name}.${(BigInt(Math.trunc(time)) * 1_000_000n + BigInt(this.#sequence++ % 1_000_000)).toString(16)}`;
    await client.of(Event).create({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: eventName, namespace },
      involvedObject: {
        apiVersion: object.apiVersion, kind: object.kind, name, uid, resourceVersion,
        ...(object.metadata.namespace ? { namespace } : {}),
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      type,
      reason,
      message,
      source: { component, ...(host === undefined ? {} : { host }) },
      reportingComponent: component,
      reportingInstance: host ?? "",
      firstTimestamp: timestamp(time),
      lastTimestamp: timestamp(time),
      count: 1,
    });
    if (this.#remembered.size >= mostRemembered) this.#remembered.delete(this.#remembered.keys().next().value ?? "");
    this.#remembered.set(key, { namespace, name: eventName, count: 1 });
  }
}

function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
