import { Lease } from "#api/coordination/lease.ts";
import type { Clock, Timer } from "#machinery/clock.ts";
import { isAlreadyExists, isConflict, isNotFound } from "#machinery/status-error.ts";
import type { Client } from "./client.ts";

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** Name of the Lease, such as `kube-scheduler`, in kube-system. */
  readonly name: string;
  /** Differs between all candidates. */
  readonly identity: string;
  /** Called when this candidate leads. */
  readonly started: () => void;
  /** Called when it leads no longer: it must stop acting at once. */
  readonly stopped: () => void;
}

const leaseSeconds = 15;
const renewMilliseconds = 2_000;
const renewDeadlineMilliseconds = 10_000;
const namespace = "kube-system";

/** One of several candidates acts at a time, by holding a Lease (API reference: coordination.k8s.io/v1). */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  #leading = false;
  #running = false;
  #renewedAt = 0;
  /** The lease as last seen, and when that was by our own clock: other candidates' clocks may differ. */
  #seen: { readonly resourceVersion: string; readonly at: number } | undefined;
  #timer: Timer | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = true;
    void this.#round();
  }

  /** Gives the lease back, so that another takes over at once. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    if (!this.#leading) return;
    this.#lost();
    const leases = this.#options.client.of(Lease);
    const lease = await leases.get(namespace, this.#options.name);
    if (lease.spec.holderIdentity !== this.#options.identity) return;
    await leases.update({ ...lease, spec: { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1 } });
  }

  async #round(): Promise<void> {
    const { clock } = this.#options;
    try {
      if (await this.#acquire()) {
        this.#renewedAt = clock.monotonic();
        if (!this.#leading && this.#running) {
          this.#leading = true;
          this.#options.started();
        }
      } else this.#lost();
    } catch {
      if (clock.monotonic() - this.#renewedAt > renewDeadlineMilliseconds) this.#lost();
    }
    if (this.#running) this.#timer = clock.after(renewMilliseconds, () => void this.#round());
  }

  #lost(): void {
    if (!this.#leading) return;
    this.#leading = false;
    this.#options.stopped();
  }

  async #acquire(): Promise<boolean> {
    const { client, clock, name, identity } = this.#options;
    const leases = client.of(Lease);
    const now = new Date(clock.now()).toISOString().replace("Z", "000Z");
    try {
      const lease = await leases.get(namespace, name);
      const held = lease.spec.holderIdentity === identity;
      if (!held && !this.#lapsed(lease)) return false;
      const transitions = (lease.spec.leaseTransitions ?? 0) + (held ? 0 : 1);
      const acquired = held ? lease.spec.acquireTime : now;
      await leases.update({
        ...lease,
        spec: { holderIdentity: identity, leaseDurationSeconds: leaseSeconds, acquireTime: acquired, renewTime: now, leaseTransitions: transitions },
      });
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      if (!isNotFound(error)) throw error;
    }
    try {
      const spec = { holderIdentity: identity, leaseDurationSeconds: leaseSeconds, acquireTime: now, renewTime: now, leaseTransitions: 0 };
      await leases.create({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, namespace }, spec });
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }

  #lapsed(lease: Lease): boolean {
    if (!lease.spec.holderIdentity) return true;
    const now = this.#options.clock.monotonic();
    const { resourceVersion } = lease.metadata;
    if (this.#seen?.resourceVersion !== resourceVersion) this.#seen = { resourceVersion, at: now };
    return now - this.#seen.at > (lease.spec.leaseDurationSeconds ?? leaseSeconds) * 1000;
  }
}
