import { Client } from "#client/client.ts";
import { run } from "#cluster/nodes/command.ts";
import { containerNode } from "#kubelet/container-node.ts";
import { connectCri } from "#kubelet/runtime/cri/client.ts";
import { KubeletServer } from "#kubelet/server/kubelet-server.ts";
import { LogRotation } from "#kubelet/server/logs/log-rotation.ts";
import { FakeApi } from "#kubelet/testing/fake-api.ts";
import { systemClock } from "#machinery/clock.ts";
import { systemRandom } from "#machinery/random.ts";

/** A kubelet with its server, to be run within a node's network namespace: only there the runtime's streams are heard. */
export interface KubeletProcessOptions {
  readonly address: string;
  readonly runtimeSocket: string;
  readonly cgroupRoot: string;
  readonly directories: { readonly root: string; readonly memory: string; readonly logs: string };
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
}

const options = JSON.parse(process.argv[2] ?? "{}") as KubeletProcessOptions;
const { address, runtimeSocket, cgroupRoot, directories, certificate, key, clientAuthority } = options;
const failed = (what: string, error: Error): void => console.error(`${what}: ${error.message}`);
const api = new FakeApi();
const clock = systemClock;
const { kubelet, access } = await containerNode({
  client: new Client(api), clock, random: systemRandom, run, runtimeSocket, directories, cgroupRoot, failed,
  clusterDns: { servers: ["10.96.0.10"], domain: "cluster.local" },
  node: {
    name: "node-1", kubeletPort: 10_250, capacity: { cpu: "2", memory: "4Gi", pods: "110" },
    addresses: [{ type: "InternalIP", address }, { type: "Hostname", address: "node-1" }],
    info: {
      machineID: "m", systemUUID: "s", bootID: "b", kernelVersion: "6", osImage: "test", kubeletVersion: "v1.36.0", kubeProxyVersion: "v1.36.0",
      operatingSystem: "linux", architecture: "amd64",
    },
  },
});
const runtime = connectCri(runtimeSocket, clock);
const server = new KubeletServer({
  clock, nodeName: "node-1", pods: kubelet, containers: access, serving: { certificate, key }, clientAuthority, configuration: {}, failed,
});
const rotation = new LogRotation({
  clock, pods: kubelet, failed, mostBytes: 100_000,
  logPath: (pod, container) => access.logPath(pod, container), reopen: async (containerId) => void await runtime.reopenContainerLog({ containerId }),
});
process.on("message", (message: { readonly put?: object; readonly rotate?: true }) => {
  if (message.put !== undefined) api.put("pods", message.put as never);
  if (message.rotate) void rotation.rotateAll().then(() => process.send?.("rotated"));
});
process.on("disconnect", () => process.exit(0));
await kubelet.start();
await server.listen(address, 10_250);
process.send?.("ready");
