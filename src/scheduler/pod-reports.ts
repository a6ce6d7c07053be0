import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/event-recorder.ts";
import type { Clock } from "#machinery/clock.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { formatTime } from "#machinery/time.ts";

interface PodReportsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  log(message: string, error?: Error): void;
}

interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
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
    this.#options.recorder.event(pod, "Warning", "FailedScheduling", message);
    await this.setCondition(pod, { type: "PodScheduled", status: "False", reason: "Unschedulable", message }, nominated);
  }

  /** Something went wrong that has nothing to do with nodes. */
  async failed(pod: Pod, message: string): Promise<void> {
    this.#options.recorder.event(pod, "Warning", "FailedScheduling", message);
    await this.setCondition(pod, { type: "PodScheduled", status: "False", reason: "SchedulerError", message });
  }

  async withdrawNomination(pod: Pod): Promise<void> {
    await this.#patch(pod, { nominatedNodeName: null });
  }

  /** Writes a condition, unless it stands there already. */
  async setCondition(pod: Pod, { type, status, reason, message }: Condition, nominated?: string): Promise<void> {
    const known = pod.status.conditions?.find((condition) => condition.type === type);
    const isKnown = known?.status === status && known.reason === reason && known.message === message;
    const isNominated = nominated === undefined || nominated === (pod.status.nominatedNodeName ?? "");
    if (isKnown && isNominated) return;
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : formatTime(this.#options.clock.now());
    const condition = { type, status, reason, message, lastTransitionTime, observedGeneration: pod.metadata.generation };
    await this.#patch(pod, { conditions: [condition], ...(isNominated ? {} : { nominatedNodeName: nominated || null }) });
  }

  /** Nothing where the pod is gone. */
  async #patch({ metadata: { namespace, name, uid } }: Pod, status: object): Promise<void> {
    try {
      const patch = { metadata: { uid }, status };
      await this.#options.client.of(Pod).patch(namespace, name, "application/strategic-merge-patch+json", patch, undefined, "status");
    } catch (error) {
      if (!isNotFound(error)) this.#options.log(`the status of pod ${namespace}/${name} could not be written`, error as Error);
    }
  }
}
