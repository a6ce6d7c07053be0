import https from "node:https";
import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import { type Backend, type KubeletCredentials, requestTo } from "#apiserver/proxy/backend.ts";
import { readAnswer } from "#apiserver/proxy/read-answer.ts";
import { simulatedUsage } from "#kubelet/runtime/simulated/simulated-usage.ts";
import type { Clock } from "#machinery/clock.ts";
import type { NodeReading } from "#metrics-server/node-reading.ts";
import { readSummary } from "#metrics-server/summary.ts";
import { simulatedLabel } from "../simulated-nodes/describe-node.ts";

const timeoutMilliseconds = 10_000;
const mostBytes = 32 * 1024 * 1024;

/** How the metrics server asks nodes: kubelets by their port, simulated ones by what their pods are told to pretend. */
export function nodeStatistics(
  credentials: KubeletCredentials | undefined, clock: Clock,
): (node: Node, pods: readonly Pod[]) => Promise<NodeReading> {
  const agent = credentials && new https.Agent({
    keepAlive: true, maxFreeSockets: 4, cert: credentials.certificate, key: credentials.key,
    rejectUnauthorized: credentials.certificateAuthority !== undefined,
    ...(credentials.certificateAuthority === undefined ? {} : { ca: credentials.certificateAuthority }),
  });
  return async (node, pods) => {
    if (node.metadata.labels?.[simulatedLabel] !== undefined) return simulatedReading(pods);
    const address = node.status.addresses?.find(({ type }) => type === "InternalIP")?.address;
    const port = node.status.daemonEndpoints?.kubeletEndpoint?.Port;
    if (!agent || address === undefined || port === undefined) return { pods: [] };
    return readSummary(JSON.parse(await summaryOf({ protocol: "https:", host: address, port, path: "/stats/summary", agent }, clock)));
  };
}

function simulatedReading(pods: readonly Pod[]): NodeReading {
  const running = pods.filter(({ status }) => status.phase === "Running");
  const readings = running.map((pod) => ({
    namespace: pod.metadata.namespace, name: pod.metadata.name,
    containers: pod.spec.containers.map((container) => ({ name: container.name, ...simulatedUsage(pod, container) })),
  }));
  const all = readings.flatMap(({ containers }) => containers);
  const sum = (amount: "nanoCores" | "memoryBytes"): number => all.reduce((total, usage) => total + usage[amount], 0);
  return { node: { nanoCores: sum("nanoCores"), memoryBytes: sum("memoryBytes") }, pods: readings };
}

async function summaryOf(backend: Backend, clock: Clock): Promise<string> {
  const request = requestTo(backend, "GET", {});
  const answered = readAnswer(request, { clock, milliseconds: timeoutMilliseconds, bytes: mostBytes });
  request.end();
  const { code, body } = await answered;
  if (code !== 200) throw new Error(`the kubelet answers ${code}`);
  return body;
}
