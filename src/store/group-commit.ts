import { BatchPlan } from "./batch-plan.ts";
import { type Forgetting, isOverLimits, planForgetting } from "./forgetting.ts";
import type { Change, Ledger } from "./ledger.ts";
import { FutureRevisionError, type HistoryLimits, StoreClosedError } from "./store.ts";

/** Most writes, and about how many bytes, that go into one batch. */
const batchWrites = 1024;
const batchBytes = 8 * 1024 * 1024;
/** Most writes that wait for their batch; more are refused. */
const waitingWrites = 20_000;

/** Something to be decided within a batch, and told when the batch is durable or has failed. */
interface Job {
  /** Returns what to call when the batch is durable. */
  decide(plan: BatchPlan): () => void;
  reject(error: unknown): void;
}

interface CompactionRequest {
  readonly revision: number;
  resolve(): void;
  reject(error: unknown): void;
}

const nothing: ReadonlyMap<string, number> = new Map();

/**
 * The one writer of a ledger. While a batch is being committed, writes gather; as soon as it is done, all of them go
 * into the next. There is no timer: one writer alone waits for nobody, many share each flush of the disk.
 *
 *     submit ──► waiting (20,000 at most, then refused) ──► batch (1,024 writes or 8 MB) ──► ledger ──► durable
 *
 * A batch that fails leaves everything as it was, except that its revisions are never given again.
 */
export class GroupCommit {
  readonly #ledger: Ledger;
  readonly #limits: HistoryLimits;
  readonly #durable: (changes: readonly Change[]) => void;
  #waiting: Job[] = [];
  #running: Promise<void> | undefined;
  #isClosed = false;

  #revision: number;
  /** Of the latest batch, committed or not. */
  #lastGiven: number;
  #oldest: number;
  #historyBytes: number;
  #underWay = nothing;

  #compactionTarget = 0;
  #compactions: CompactionRequest[] = [];
  readonly #pins = new Set<{ readonly revision: number }>();

  /** `durable` is told of the changes of each batch, in order, after `revision` has reached them and before the writers are told. */
  constructor(ledger: Ledger, limits: HistoryLimits, durable: (changes: readonly Change[]) => void) {
    this.#ledger = ledger;
    this.#limits = limits;
    this.#durable = durable;
    this.#revision = this.#lastGiven = ledger.opened.newest;
    this.#oldest = ledger.opened.oldest;
    this.#historyBytes = ledger.opened.historyBytes;
  }

  /** The newest durable revision. */
  get revision(): number {
    return this.#revision;
  }

  /** The oldest revision of which the state is kept. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Keys of the batch being committed, with the revisions they are at as long as it is not. */
  get underWay(): ReadonlyMap<string, number> {
    return this.#underWay;
  }

  /** Puts `decide` into the next batch. Resolves with what it returned when the batch is durable. */
  submit<Result>(decide: (plan: BatchPlan) => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new StoreClosedError());
      if (this.#waiting.length >= waitingWrites) return reject(new Error(`more than ${waitingWrites} writes are waiting for the disk`));
      const job: Job = {
        decide(plan) {
          const result = decide(plan);
          return () => resolve(result);
        },
        reject,
      };
      this.#waiting.push(job);
      this.#start();
    });
  }

  /** Forgets history before `revision`. Waits for those who have pinned older revisions. */
  compact(revision: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new StoreClosedError());
      if (revision > this.#revision) return reject(new FutureRevisionError(revision, this.#revision));
      if (revision <= this.#oldest) return resolve();
      this.#compactions.push({ revision, resolve, reject });
      this.#compactionTarget = Math.max(this.#compactionTarget, revision);
      this.#start();
    });
  }

  /** Keeps the state at `revision` until the returned function is called. */
  pin(revision: number): () => void {
    const pin = { revision };
    this.#pins.add(pin);
    return () => {
      this.#pins.delete(pin);
      this.#start();
    };
  }

  /** Refuses new writes, and resolves when those that wait have been decided. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
    for (const compaction of this.#compactions.splice(0)) compaction.reject(new StoreClosedError());
  }

  #start(): void {
    if (this.#running !== undefined || !this.#hasWork()) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      this.#start();
    });
  }

  #hasWork(): boolean {
    return this.#waiting.length > 0 || (!this.#isClosed && Math.min(this.#compactionTarget, this.#pinned()) > this.#oldest);
  }

  async #run(): Promise<void> {
    while (this.#hasWork()) {
      await this.#ledger.pause();
      await this.#commitNext();
    }
  }

  async #commitNext(): Promise<void> {
    const plan = new BatchPlan(this.#ledger, this.#lastGiven);
    const decided = this.#decide(plan);
    try {
      await this.#commit(plan);
    } catch (error) {
      for (const { job } of decided) job.reject(error);
      this.#abandonCompactions(error);
      return;
    }
    if (plan.changes.length > 0) this.#durable(plan.changes);
    for (const { settle } of decided) settle();
    this.#settleCompactions();
  }

  #decide(plan: BatchPlan): { job: Job; settle: () => void }[] {
    const decided: { job: Job; settle: () => void }[] = [];
    let taken = 0;
    for (const job of this.#waiting) {
      if (taken >= batchWrites || plan.bytes >= batchBytes) break;
      taken++;
      try {
        decided.push({ job, settle: job.decide(plan) });
      } catch (error) {
        job.reject(error);
      }
    }
    this.#waiting.splice(0, taken);
    return decided;
  }

  /** Writes what is decided. Reads keep seeing the state of before until it is durable. */
  async #commit(plan: BatchPlan): Promise<void> {
    const forgetting = this.#forgetting(plan);
    const former = this.#oldest;
    if (plan.changes.length === 0 && plan.settled.length === 0 && forgetting.oldest === former) return;
    const historyBytes = forgetting.historyBytes + plan.bytes;
    this.#lastGiven += plan.changes.length;
    this.#underWay = plan.before;
    this.#oldest = forgetting.oldest;
    try {
      const { forgotten, oldest } = forgetting;
      await this.#ledger.commit({ changes: plan.changes, settled: plan.settled, forgotten, oldest, historyBytes });
    } catch (error) {
      this.#oldest = former;
      throw error;
    } finally {
      this.#underWay = nothing;
    }
    this.#historyBytes = historyBytes;
    this.#revision = plan.changes.at(-1)?.revision ?? this.#revision;
  }

  #forgetting(plan: BatchPlan): Forgetting {
    const bounds = { oldest: this.#oldest, newest: this.#revision, historyBytes: this.#historyBytes };
    const target = this.#compactionTarget;
    if (target <= bounds.oldest && !isOverLimits(bounds, this.#limits)) return { ...bounds, forgotten: [] };
    const options = { target, pinned: this.#pinned(), limits: this.#limits, pieceRevisions: plan.changes.length };
    return planForgetting(this.#ledger, bounds, options);
  }

  #pinned(): number {
    let pinned = Infinity;
    for (const { revision } of this.#pins) pinned = Math.min(pinned, revision);
    return pinned;
  }

  #settleCompactions(): void {
    const isDone = ({ revision }: CompactionRequest): boolean => revision <= this.#oldest;
    for (const compaction of this.#compactions.filter(isDone)) compaction.resolve();
    this.#compactions = this.#compactions.filter((compaction) => !isDone(compaction));
  }

  #abandonCompactions(error: unknown): void {
    this.#compactionTarget = 0;
    for (const compaction of this.#compactions.splice(0)) compaction.reject(error);
  }
}
