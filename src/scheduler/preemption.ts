import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/event-recorder.ts";
import { isNotFound } from "#machinery/status-error.ts";
import type { PodInfo } from "./pod-info.ts";
import type { PodReports } from "./pod-reports.ts";

interface PreemptionOptions {
  readonly client: Client;
  readonly reports: PodReports;
  readonly recorder: EventRecorder;
  /** All victims of this pod have been told to leave, or could not be. */
  finished(uid: string): void;
  log(message: string, error?: Error): void;
}

/** Has pods leave for a more important one, in the background. */
export class Preemption {
  readonly #options: PreemptionOptions;
  readonly #running = new Set<string>();

  constructor(options: PreemptionOptions) {
    this.#options = options;
  }

  /** Whether some victims of the pod have not been told yet. */
  isRunningFor(uid: string): boolean {
    return this.#running.has(uid);
  }

  async start(preemptor: PodInfo, node: string, victims: readonly PodInfo[]): Promise<void> {
    this.#running.add(preemptor.uid);
    await Promise.all(victims.map(({ pod }) => this.#evict(pod, preemptor.pod, node)));
    this.#running.delete(preemptor.uid);
    this.#options.finished(preemptor.uid);
  }

  /** Says first why the pod goes (KEP-3329), then deletes it. */
  async #evict(victim: Pod, preemptor: Pod, node: string): Promise<void> {
    const { client, reports, recorder, log } = this.#options;
    const { namespace, name, uid } = victim.metadata;
    const message = `${preemptor.spec.schedulerName}: preempting to accommodate a higher priority pod`;
    await reports.setCondition(victim, { type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler", message });
    try {
      await client.of(Pod).delete(namespace, name, { preconditions: { uid } });
      recorder.event(victim, "Normal", "Preempted", `Preempted by pod ${preemptor.metadata.uid} on node ${node}`);
    } catch (error) {
      if (!isNotFound(error)) log(`pod ${namespace}/${name} could not be deleted to make room`, error as Error);
    }
  }
}
