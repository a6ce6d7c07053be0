import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/event-recorder.ts";
import type { Clock } from "#machinery/clock.ts";
import { isNotFound } from "#machinery/status-error.ts";

interface PodReportsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  log(message: string, error?: Error): void;
}

/** Tells users, by events and by the pod's status, what became of a pod that wants a node. */
export class PodReports {
  readonly #options: PodReportsOptions;

  constructor(options: PodReportsOptions) {
    this.#options = options;
  }

  scheduled(pod: Pod, node: string): void {
    const { namespace, name } = pod.metadata;
    this.#options.recorder.event(pod, "Normal", "Scheduled", `Successfully assigned ${namespace}/${name} to ${node}`);
  }

  /** @param nominated the node where room is being made; "" where there is none any more, `undefined` where nothing changes about it */
  async unschedulable(pod: Pod, message: string, nominated: string | undefined): Promise<void> {
    await this.#failed(pod, "Unschedulable", message, nominated);
  }

  /** Something went wrong that has nothing to do with nodes. */
  async failed(pod: Pod, message: string): Promise<void> {
    await this.#failed(pod, "SchedulerError", message, undefined);
  }

  async #failed(pod: Pod, reason: string, message: string, nominated: string | undefined): Promise<void> {
    this.#options.recorder.event(pod, "Warning", "FailedScheduling", message);
    const known = pod.status.conditions?.find(({ type }) => type === "PodScheduled");
    const isKnown = known?.status === "False" && known.reason === reason && known.message === message;
    const isNominated = nominated === undefined || nominated === (pod.status.nominatedNodeName ?? "");
    if (isKnown && isNominated) return;
    const lastTransitionTime = known?.status === "False" ? known.lastTransitionTime : this.now();
    const condition = { type: "PodScheduled", status: "False", reason, message, lastTransitionTime };
    await this.patch(pod, { conditions: [condition], ...(isNominated ? {} : { nominatedNodeName: nominated || null }) });
  }

  /** Writes into the status of a pod; nothing where the pod is gone. */
  async patch({ metadata: { namespace, name, uid } }: Pod, status: object): Promise<void> {
    try {
      const patch = { metadata: { uid }, status };
      await this.#options.client.of(Pod).patch(namespace, name, "application/strategic-merge-patch+json", patch, undefined, "status");
    } catch (error) {
      if (!isNotFound(error)) this.#options.log(`the status of pod ${namespace}/${name} could not be written`, error as Error);
    }
  }

  /** As the API writes times. */
  now(): string {
    return `${new Date(this.#options.clock.now()).toISOString().slice(0, 19)}Z`;
  }
}
