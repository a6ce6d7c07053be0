import type { PodStatus } from "#api/generated/core-v1.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import type { New } from "#machinery/kind.ts";
import { type Clock, sleep } from "#machinery/clock.ts";
import { isAlreadyExists, isConflict, isNotFound } from "#machinery/status-error.ts";
import type { StatusWriter } from "../status-writer.ts";
import { mirrorAnnotation } from "./read-static-pods.ts";

export interface MirrorPodsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly status: Pick<StatusWriter, "set">;
  /** The node's own object, which owns what stands for its pods. */
  readonly owner: () => { readonly name: string; readonly uid: string } | undefined;
  readonly failed: (error: Error) => void;
}

const retryMilliseconds = 1_000;

/**
 * Shows static pods in the API: for each a pod that cannot be changed or taken away there, since it comes back. A mirror's status is
 * that of the static pod. Level-based: `reconcile` is called when either side changed.
 */
export class MirrorPods {
  readonly #options: MirrorPodsOptions;
  /** By namespace and name, as are the mirrors. */
  readonly #wanted = new Map<string, Pod>();
  readonly #mirrors = new Map<string, Pod>();
  readonly #statuses = new Map<string, PodStatus>();
  readonly #working = new Set<string>();
  #stopped = false;

  constructor(options: MirrorPodsOptions) {
    this.#options = options;
  }

  want(pod: Pod): void {
    this.#wanted.set(keyOf(pod), pod);
    void this.#reconcile(keyOf(pod));
  }

  unwant(pod: Pod): void {
    const key = keyOf(pod);
    if (this.#wanted.get(key)?.metadata.uid !== pod.metadata.uid) return;
    this.#wanted.delete(key);
    this.#statuses.delete(key);
    void this.#reconcile(key);
  }

  /** The API has a mirror. */
  observed(mirror: Pod): void {
    this.#mirrors.set(keyOf(mirror), mirror);
    void this.#reconcile(keyOf(mirror));
  }

  /** The API has it no more. */
  removed(mirror: Pod): void {
    this.#mirrors.delete(keyOf(mirror));
    void this.#reconcile(keyOf(mirror));
  }

  setStatus(pod: Pod, status: PodStatus): void {
    const key = keyOf(pod);
    if (!this.#wanted.has(key)) return;
    this.#statuses.set(key, status);
    const mirror = this.#mirrors.get(key);
    if (mirror !== undefined) this.#options.status.set(mirror, status);
  }

  stop(): void {
    this.#stopped = true;
  }

  async #reconcile(key: string): Promise<void> {
    if (this.#working.has(key)) return;
    this.#working.add(key);
    try {
      while (!this.#stopped && await this.#step(key));
    } finally {
      this.#working.delete(key);
    }
  }

  /** Returns whether something was done, so that there may be more to do. */
  async #step(key: string): Promise<boolean> {
    const wanted = this.#wanted.get(key);
    const mirror = this.#mirrors.get(key);
    const { client, clock, status, failed } = this.#options;
    const isCurrent = mirror?.metadata.annotations?.[mirrorAnnotation] === wanted?.metadata.uid && mirror?.metadata.deletionTimestamp === undefined;
    try {
      if (mirror !== undefined && !isCurrent) {
        const { namespace, name, uid } = mirror.metadata;
        await client.of(Pod).delete(namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
        if (this.#mirrors.get(key) === mirror) this.#mirrors.delete(key);
        return true;
      }
      if (wanted === undefined) return false;
      if (mirror === undefined) this.#mirrors.set(key, await client.of(Pod).create(this.#mirrorOf(wanted)));
      const current = this.#mirrors.get(key);
      const told = this.#statuses.get(key);
      if (current !== undefined && told !== undefined) status.set(current, told);
      return false;
    } catch (error) {
      if (isNotFound(error) && mirror !== undefined) this.#mirrors.delete(key);
      // The informer brings the one that is there.
      if (isAlreadyExists(error) || isConflict(error)) return false;
      failed(error as Error);
      await sleep(clock, retryMilliseconds);
      return true;
    }
  }

  #mirrorOf(pod: Pod): New<Pod> {
    const { uid, name, namespace, labels, annotations } = pod.metadata;
    const owner = this.#options.owner();
    const ownerReferences = owner === undefined ? [] : [{ apiVersion: "v1", kind: "Node", name: owner.name, uid: owner.uid, controller: true }];
    const metadata = { name, namespace, labels, annotations: { ...annotations, [mirrorAnnotation]: uid }, ownerReferences };
    return { apiVersion: "v1", kind: "Pod", metadata, spec: pod.spec };
  }
}

function keyOf(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}
