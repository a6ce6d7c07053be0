import { ResourceClaim } from "#api/resource/resource-claim.ts";
import type { Client } from "#client/client.ts";
import type { Clock } from "#machinery/clock.ts";
import { isConflict } from "#machinery/status-error.ts";
import { formatTime } from "#machinery/time.ts";
import type { ClusterState } from "../cluster-state/cluster-state.ts";
import type { PodInfo } from "../pod-info.ts";
import type { ClaimsReservation, ReservedClaim } from "../reservation.ts";

interface Options {
  readonly client: Client;
  readonly clock: Clock;
  readonly cluster: ClusterState;
}

/** Keeps a claim that has devices from going before these are given back. */
export const claimFinalizer = "resource.kubernetes.io/delete-protection";

const mostAttempts = 5;

/** Writes into claims which devices they get, and that a pod uses them. */
export class ClaimReservations {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** From now on the devices are taken, though the API does not say so yet. */
  hold({ claims }: ClaimsReservation): void {
    const { ledger } = this.#options.cluster.devices;
    for (const { claim, allocation } of claims) if (allocation) ledger.assume(claim.metadata.uid, allocation);
  }

  /** Resolves when all claims say so. @throws Error, StatusError */
  async fulfil(pod: PodInfo, { claims }: ClaimsReservation): Promise<void> {
    for (const reserved of claims) await this.#write(pod, reserved);
  }

  /** The pod does not come after all: it uses nothing. What claims have got they keep, until their controller takes it back. */
  async withdraw({ uid }: PodInfo, { claims }: ClaimsReservation): Promise<void> {
    const { client, cluster } = this.#options;
    for (const { claim } of claims) {
      const { namespace, name, uid: claimUid } = claim.metadata;
      const patch = { metadata: { uid: claimUid }, status: { reservedFor: [{ $patch: "delete", uid }] } };
      const after = await client.of(ResourceClaim)
        .patch(namespace, name, "application/strategic-merge-patch+json", patch, undefined, "status").catch(() => undefined);
      if (!after?.status.allocation) cluster.devices.ledger.forget(claimUid);
    }
  }

  /** Others may change the claim meanwhile; what they do mostly does no harm. */
  async #write(pod: PodInfo, reserved: ReservedClaim): Promise<void> {
    const { namespace, name } = reserved.claim.metadata;
    let { claim } = reserved;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#writeOnce(pod, claim, reserved);
      } catch (error) {
        if (!isConflict(error) || attempt === mostAttempts) throw error;
      }
      claim = await this.#options.client.of(ResourceClaim).get(namespace, name);
    }
  }

  async #writeOnce({ uid, name: podName }: PodInfo, claim: ResourceClaim, { allocation }: ReservedClaim): Promise<void> {
    const resource = this.#options.client.of(ResourceClaim);
    const { namespace, name, deletionTimestamp, finalizers = [] } = claim.metadata;
    if (deletionTimestamp !== undefined) throw new Error(`claim ${namespace}/${name} got deleted in the meantime`);
    if (allocation && claim.status.allocation) throw new Error(`claim ${namespace}/${name} got allocated elsewhere in the meantime`);
    let current = claim;
    if (allocation && !finalizers.includes(claimFinalizer)) {
      current = await resource.update({ ...claim, metadata: { ...claim.metadata, finalizers: [...finalizers, claimFinalizer] } });
    }
    const user = { resource: "pods", name: podName, uid };
    const given = allocation ? { allocation: { ...allocation, allocationTimestamp: formatTime(this.#options.clock.now()) } } : {};
    await resource.updateStatus({ ...current, status: { ...current.status, ...given, reservedFor: [...(current.status.reservedFor ?? []), user] } });
  }
}
