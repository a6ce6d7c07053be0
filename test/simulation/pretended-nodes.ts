import { Lease } from "#api/coordination/lease.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import type { WatchHandle } from "#client/transport.ts";
import type { VirtualClock } from "#machinery/clock.ts";
import { formatMicroTime, formatTime } from "#machinery/time.ts";

const leaseNamespace = "kube-node-lease";
const heartbeatMilliseconds = 10_000;
const reactionMilliseconds = 500;

const capacity = { cpu: "16", memory: "64Gi", pods: "110", "ephemeral-storage": "100Gi" };

/** Kubelets as far as others can tell: pods run soon after they got their node, and end when they are deleted. */
export class PretendedNodes {
  readonly #client: Client;
  readonly #clock: VirtualClock;
  /** Names of nodes that give signs of life. */
  readonly #alive = new Set<string>();
  #watch: WatchHandle | undefined;
  #count = 0;

  constructor(client: Client, clock: VirtualClock) {
    this.#client = client;
    this.#clock = clock;
  }

  async add(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#client.of(Node).create({ metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } } });
    await this.#client.of(Lease).create({ metadata: { name, namespace: leaseNamespace }, spec: { holderIdentity: name } });
    this.#alive.add(name);
    await this.#report(name);
    await this.#beat(name);
    this.#watch ??= this.#follow();
  }

  /** All pods there are, then all changes; anew when the watch is lost. */
  #follow(): WatchHandle {
    return this.#client.of(Pod).watch("", { resourceVersion: "0" }, {
      event: ({ type, object }) => {
        if (type !== "DELETED" && type !== "BOOKMARK") this.#later(() => this.#tend(object as Pod));
      },
      ended: () => this.#clock.after(reactionMilliseconds, () => (this.#watch = this.#follow())),
    });
  }

  /** The node says and does nothing any more. */
  silence(name: string): void {
    this.#alive.delete(name);
  }

  async revive(name: string): Promise<void> {
    this.#alive.add(name);
    await this.#report(name);
    const { items } = await this.#client.of(Pod).list("", { fieldSelector: `spec.nodeName=${name}` });
    for (const pod of items) this.#later(() => this.#tend(pod));
  }

  stop(): void {
    this.#alive.clear();
    this.#watch?.close();
  }

  /** What fails is what somebody else was faster with; the change wakes it again. */
  #later(work: () => Promise<unknown>): void {
    this.#clock.after(reactionMilliseconds, () => void work().catch(() => undefined));
  }

  async #report(name: string): Promise<void> {
    const time = formatTime(this.#clock.now());
    const conditions = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => ({
      type, status: type === "Ready" ? "True" : "False", lastHeartbeatTime: time, lastTransitionTime: time,
    }));
    const patch = { status: { conditions, capacity, allocatable: capacity } };
    await this.#client.of(Node).patch("", name, "application/merge-patch+json", patch, undefined, "status");
  }

  async #beat(name: string): Promise<void> {
    this.#clock.after(heartbeatMilliseconds, () => void this.#beat(name));
    const patch = { spec: { renewTime: formatMicroTime(this.#clock.now() * 1000) } };
    if (this.#alive.has(name)) await this.#client.of(Lease).patch(leaseNamespace, name, "application/merge-patch+json", patch);
  }

  async #tend({ metadata: { namespace, name } }: Pod): Promise<void> {
    const pods = this.#client.of(Pod);
    const { metadata, spec, status, ...pod } = await pods.get(namespace, name);
    if (!this.#alive.has(spec.nodeName ?? "")) return;
    if (metadata.deletionTimestamp !== undefined) return void (await pods.delete(namespace, name, { gracePeriodSeconds: 0 }));
    const conditions = [{ type: "Ready", status: "True", lastTransitionTime: formatTime(this.#clock.now()) }];
    if (status.phase === "Running" && !isReady(status)) await pods.updateStatus({ ...pod, metadata, spec, status: { ...status, conditions } });
    if (status.phase !== "Pending") return;
    const ip = `10.244.${this.#count >> 8}.${this.#count++ & 255}`;
    const running = { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions, startTime: formatTime(this.#clock.now()) } as const;
    await pods.updateStatus({ ...pod, metadata, spec, status: { ...status, ...running } });
  }
}

function isReady({ conditions = [] }: Pod["status"]): boolean {
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}
