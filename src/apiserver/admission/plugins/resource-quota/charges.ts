import { ResourceQuota } from "#api/core/resource-quota.ts";
import { conflict } from "#machinery/status-error.ts";
import type { Objects } from "../../../request.ts";
import { type Charge, charged } from "./charge.ts";

/** A charge, and who waits for what becomes of it. */
interface Waiting {
  readonly charge: Charge;
  admit(): void;
  refuse(error: unknown): void;
}

interface Charged {
  readonly after: readonly ResourceQuota[];
  readonly admitted: readonly Waiting[];
}

const attempts = 10;

/**
 * Charges quotas, exactly: each quota's status is replaced only where nobody has changed it since it was looked at. Charges of one
 * namespace that come while others are being made wait, and are then made together: one write of the status for all of them.
 */
export class QuotaCharges {
  readonly #objects: Objects;
  /** By namespace; one that is here is being worked on. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  /** Resolves once every quota has been charged. @throws StatusError (403) where one of them does not allow it */
  make(namespace: string, charge: Charge): Promise<void> {
    return new Promise((admit, refuse) => {
      const waiting = this.#waiting.get(namespace);
      if (waiting) waiting.push({ charge, admit, refuse });
      else void this.#work(namespace, { charge, admit, refuse });
    });
  }

  async #work(namespace: string, first: Waiting): Promise<void> {
    this.#waiting.set(namespace, []);
    for (let batch = [first]; batch.length > 0; batch = this.#waiting.get(namespace)?.splice(0) ?? []) {
      try {
        await this.#makeTogether(namespace, batch);
      } catch (error) {
        for (const { refuse } of batch) refuse(error);
      }
    }
    this.#waiting.delete(namespace);
  }

  async #makeTogether(namespace: string, batch: readonly Waiting[]): Promise<void> {
    let open = batch;
    let names: ReadonlySet<string> | undefined;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const before = this.#objects.list(ResourceQuota, namespace).filter(({ metadata }) => names?.has(metadata.name) ?? true);
      const { after, admitted } = chargeAll(before, open);
      open = admitted;
      const lost = await this.#write(before, after);
      if (lost.length === 0) {
        for (const { admit } of open) admit();
        return;
      }
      // Those that were written hold the charges already.
      names = new Set(lost);
    }
    const busy = conflict(ResourceQuota.resource, [...(names ?? [])].join(","), "it is being changed by others too often, try again");
    for (const { refuse } of open) refuse(busy);
  }

  /** @returns names of quotas that somebody else has changed meanwhile */
  async #write(before: readonly ResourceQuota[], after: readonly ResourceQuota[]): Promise<readonly string[]> {
    const outcomes = await Promise.all(after.map(async (quota, index) => {
      const current = before[index];
      return current === undefined || current === quota || await this.#objects.replace(ResourceQuota, current, quota);
    }));
    return after.filter((_, index) => !outcomes[index]).map(({ metadata }) => metadata.name);
  }
}

/** Those that are too much are refused and do not count. */
function chargeAll(quotas: readonly ResourceQuota[], batch: readonly Waiting[]): Charged {
  let after = quotas;
  const admitted = batch.filter(({ charge, refuse }) => {
    try {
      const next = charged(after, charge);
      if (!charge.request.dryRun) after = next;
      return true;
    } catch (error) {
      refuse(error);
      return false;
    }
  });
  return { after, admitted };
}
