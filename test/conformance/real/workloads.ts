import { expect } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { ReplicationController } from "#api/core/replication-controller.ts";
import { netexec } from "./host-programs.ts";
import { type Behaviour, isReady } from "./stage.ts";

/** What controllers make really runs. */
export const workloads: readonly Behaviour[] = [
  ["[sig-apps] ReplicationController should serve a basic image on each replica with a public image [Conformance]", async (stage) => {
    const { namespace, real: { http } } = stage;
    const labels = { name: "my-hostname-basic" };
    const spec = { containers: [netexec.container], volumes: netexec.volumes, terminationGracePeriodSeconds: 1 };
    const template = { metadata: { labels }, spec };
    await stage.of(ReplicationController).create({ metadata: { namespace, name: labels.name }, spec: { replicas: 2, selector: labels, template } } as never);
    const pods = await stage.until("every replica is ready", async () => {
      const { items } = await stage.of(Pod).list(namespace, { labelSelector: `name=${labels.name}` });
      return items.length === 2 && items.every(isReady) && items;
    });
    for (const { metadata: { name } } of pods) {
      const { text } = await http.request("GET", `/api/v1/namespaces/${namespace}/pods/${name}:8080/proxy/hostname`);
      expect(text).toBe(name);
    }
  }],
];
