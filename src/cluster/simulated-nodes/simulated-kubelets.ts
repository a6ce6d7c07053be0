import type { Duplex } from "node:stream";
import type { LocalKubelets } from "#apiserver/proxy/backend.ts";
import type { Kubelet } from "#kubelet/kubelet.ts";
import type { NodeDescription } from "#kubelet/node/node-description.ts";
import { LocalKubeletServer } from "#kubelet/server/local-kubelet-server.ts";
import { SimulatedAccess } from "#kubelet/server/simulated-access.ts";
import type { Clock } from "#machinery/clock.ts";

/** By which the API server reaches the kubelets of simulated nodes: for logs, above all. A node's server is made when it is first asked. */
export class SimulatedKubelets implements LocalKubelets {
  readonly #running = new Map<string, { readonly make: () => LocalKubeletServer; server?: LocalKubeletServer }>();

  add(node: NodeDescription, kubelet: Kubelet, clock: Clock, failed: (what: string, error: Error) => void): void {
    const make = (): LocalKubeletServer => new LocalKubeletServer({
      clock, nodeName: node.name, pods: kubelet, containers: new SimulatedAccess(clock), configuration: {}, failed,
    });
    this.#running.set(addressOf(node), { make });
  }

  remove(node: NodeDescription): void {
    this.#running.get(addressOf(node))?.server?.close();
    this.#running.delete(addressOf(node));
  }

  connect(host: string): Duplex | undefined {
    const running = this.#running.get(host);
    if (!running) return undefined;
    running.server ??= running.make();
    return running.server.connect();
  }
}

function addressOf({ addresses }: NodeDescription): string {
  return addresses.find(({ type }) => type === "InternalIP")?.address ?? "";
}
