import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareKeys } from "../key-order.ts";
import type { HistoryLimits, Store, StoreEvent } from "../store.ts";
import { bytes, Recorder, text } from "./recorder.ts";

type Open = (history?: Partial<HistoryLimits>) => Promise<Store>;

const keys = ["/a/1", "/a/2", "/a/2/x", "/b/1", "/b/é", "/b/\uffee", "/b/😀"];
const prefixes = ["", "/", "/a/", "/a/2", "/b/", "/c/"];

interface Write {
  readonly do: "put" | "delete";
  readonly key: string;
  readonly value: string;
  /** Whether it expects a revision that the key is not at. */
  readonly isStale: boolean;
}

/** What is done at a revision so many before the newest. */
interface Look {
  readonly do: "list" | "watch" | "compact";
  readonly prefix: string;
  readonly age: number;
  readonly limit: number;
}

type Step = Write | Look;

const anyWrite: fc.Arbitrary<Write> = fc.record({
  do: fc.constantFrom("put" as const, "delete" as const),
  key: fc.constantFrom(...keys),
  value: fc.string({ maxLength: 5 }),
  isStale: fc.boolean(),
});

const anyLook: fc.Arbitrary<Look> = fc.record({
  do: fc.constantFrom("list" as const, "list" as const, "watch" as const, "compact" as const),
  prefix: fc.constantFrom(...prefixes),
  age: fc.nat(8),
  limit: fc.integer({ min: 1, max: 8 }),
});

const anyStep: fc.Arbitrary<Step> = fc.oneof(anyWrite, anyLook);

/** The plainest store there is: every state that ever was, as a map. */
class Model {
  readonly states: ReadonlyMap<string, { value: string; revision: number }>[] = [new Map()];
  readonly history: string[] = [];
  oldest = 0;

  get revision(): number {
    return this.states.length - 1;
  }

  get newest(): ReadonlyMap<string, { value: string; revision: number }> {
    return this.states.at(-1)!;
  }

  write(key: string, value: string | undefined): void {
    const next = new Map(this.newest);
    const former = next.get(key);
    if (value === undefined) next.delete(key);
    else next.set(key, { value, revision: this.revision + 1 });
    this.history.push(value === undefined ? `delete ${key}=${former?.value} @${this.revision + 1}` : `put ${key}=${value} @${this.revision + 1}`);
    this.states.push(next);
  }

  list(prefix: string, revision: number): string[] {
    const state = [...this.states[revision]!].filter(([key]) => key.startsWith(prefix)).toSorted(([left], [right]) => compareKeys(left, right));
    return state.map(([key, { value, revision: at }]) => `${key}=${value} @${at}`);
  }

  events(prefix: string, afterRevision: number): string[] {
    return this.history.slice(afterRevision).filter((event) => event.replace(/^\w+ /, "").startsWith(prefix));
  }
}

/** Does `steps` to a store and to the model, the writes between two other steps all at once, and compares. */
class Trial {
  readonly #store: Store;
  readonly #model = new Model();
  readonly #watches: { prefix: string; afterRevision: number; recorder: Recorder }[] = [];
  #writes: Promise<unknown>[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#step(step);
    await this.#settle();
    for (const { prefix, afterRevision, recorder } of this.#watches) {
      if (this.#model.revision > afterRevision) await recorder.reached(this.#model.revision);
      expect(recorder.summary).toEqual(this.#model.events(prefix, afterRevision));
      expect(recorder.received.map(previousOf)).toEqual(recorder.received.map((event) => this.#expectedPrevious(event)));
    }
  }

  async #step(step: Step): Promise<void> {
    if ("key" in step) return this.#write(step);
    await this.#settle();
    const revision = Math.max(0, this.#model.revision - step.age);
    if (step.do === "compact") return this.#compact(revision);
    if (revision < this.#model.oldest) return;
    if (step.do === "list") return this.#list(step.prefix, revision, step.limit);
    const recorder = new Recorder();
    await this.#store.watch(step.prefix, revision, recorder);
    await recorder.until(() => recorder.progressed.length > 0 || revision === this.#model.revision);
    this.#watches.push({ prefix: step.prefix, afterRevision: revision, recorder });
  }

  #write({ do: action, key, value, isStale }: Write): void {
    const current = this.#model.newest.get(key)?.revision ?? 0;
    const expected = isStale ? current + 1 : current;
    const result = action === "put" ? this.#store.put(key, bytes(value), expected) : this.#store.delete(key, expected);
    const isWritten = !isStale && (action === "put" || current !== 0);
    if (isWritten) this.#model.write(key, action === "put" ? value : undefined);
    const revision = this.#model.revision;
    this.#writes.push(
      result.then((outcome) => {
        if (isWritten) expect(outcome).toEqual({ written: true, revision });
        else expect(!outcome.written && (outcome.current?.revision ?? 0)).toBe(current);
      }),
    );
  }

  async #compact(revision: number): Promise<void> {
    await this.#store.compact(revision);
    this.#model.oldest = Math.max(this.#model.oldest, revision);
  }

  async #list(prefix: string, atRevision: number, limit: number): Promise<void> {
    const expected = this.#model.list(prefix, atRevision);
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const { entries, more, remaining } = await this.#store.list(prefix, { atRevision, limit, after });
      seen.push(...entries.map(({ key, value, revision }) => `${key}=${text(value)} @${revision}`));
      expect(remaining).toBe(expected.length - seen.length);
      expect(more).toBe(remaining > 0);
      if (!more) break;
      after = entries.at(-1)?.key;
    }
    expect(seen).toEqual(expected);
    expect(await this.#store.count(prefix)).toBe(this.#model.list(prefix, this.#model.revision).length);
  }

  async #settle(): Promise<void> {
    await Promise.all(this.#writes);
    this.#writes = [];
    expect(this.#store.revision()).toBe(this.#model.revision);
  }

  #expectedPrevious({ key, revision }: StoreEvent): string | undefined {
    const former = this.#model.states[revision - 1]!.get(key);
    return former && `${former.value} @${former.revision}`;
  }
}

function previousOf({ previous }: StoreEvent): string | undefined {
  return previous && `${text(previous.value)} @${previous.revision}`;
}

export function describeModel(open: Open): void {
  describe("as a whole", () => {
    it("does what the plainest store would do", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { maxLength: 40 }), async (steps) => {
          const store = await open();
          await new Trial(store).run(steps);
          await store.close();
        }),
        { numRuns: 40 },
      );
    });
  });
}
