import type { Pod } from "#api/generated/core-v1.ts";
import { qualityOfService } from "#api/core/pod-quality-of-service.ts";
import { milliValue } from "#machinery/quantity.ts";
import { podRequests } from "#api/core/pod-requests.ts";
import type { PodIdentity } from "../runtime/runtime.ts";
import type { CgroupFiles } from "./cgroup-files.ts";
import { classCgroupSettings, podCgroup, podCgroupSettings } from "./pod-cgroup.ts";

/** The control groups of a node's pods: one a pod, below one for each class of service. */
export class PodCgroups {
  readonly #files: CgroupFiles;
  readonly #root: string;
  readonly #pidLimit: number | undefined;
  /** Thousandths of a core that each burstable pod asks for, by uid. */
  readonly #burstable = new Map<string, number>();

  /** @param root of the node's pods, such as `/kubepods` */
  constructor(files: CgroupFiles, root: string, pidLimit: number | undefined) {
    this.#files = files;
    this.#root = root;
    this.#pidLimit = pidLimit;
  }

  /** Where the pod's sandbox and containers belong. */
  parentOf(pod: Pod): string {
    return podCgroup(pod, this.#root);
  }

  async ensure(pod: Pod): Promise<void> {
    const { version } = this.#files;
    const quality = qualityOfService(pod.spec);
    if (quality === "Burstable") {
      this.#burstable.set(pod.metadata.uid, milliValue(podRequests(pod)["cpu"] ?? "0"));
      await this.#shareOut();
    }
    if (quality === "BestEffort") await this.#files.ensure(`${this.#root}/besteffort`, classCgroupSettings(version, 0));
    await this.#files.ensure(this.parentOf(pod), podCgroupSettings(pod, version, this.#pidLimit));
  }

  async remove({ uid }: PodIdentity): Promise<void> {
    for (const parent of ["", "/burstable", "/besteffort"]) await this.#files.remove(`${this.#root}${parent}/pod${uid}`);
    if (this.#burstable.delete(uid)) await this.#shareOut();
  }

  async #shareOut(): Promise<void> {
    const milliCpu = [...this.#burstable.values()].reduce((sum, each) => sum + each, 0);
    await this.#files.ensure(`${this.#root}/burstable`, classCgroupSettings(this.#files.version, milliCpu));
  }
}
