import type { WatchEvent, WatchListener } from "#client/transport.ts";

/** Keeps what a watch told, and lets tests wait for it. */
export class WatchLog implements WatchListener {
  readonly events: WatchEvent[] = [];
  end: { readonly reason: Error | undefined } | undefined;
  #waiting: (() => void)[] = [];

  event(event: WatchEvent): void {
    this.events.push(event);
    this.#wake();
  }

  ended(reason: Error | undefined): void {
    this.end = { reason };
    this.#wake();
  }

  /** `ADDED a`, `MODIFIED b` … in order. */
  get lines(): string[] {
    return this.events.map(({ type, object }) => (type === "BOOKMARK" ? type : `${type} ${object.metadata.name}`));
  }

  /** Resolves once so many events have come. */
  async count(wanted: number): Promise<readonly WatchEvent[]> {
    while (this.events.length < wanted) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.events;
  }

  async over(): Promise<Error | undefined> {
    while (!this.end) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.end.reason;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
