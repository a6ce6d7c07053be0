import type { Explanation } from "#scheduler/decision-history.ts";
import type { ClusterRecord } from "../clusters.ts";
import { decisionsPath } from "../control-plane/scheduler-routes.ts";
import type { Access } from "../kubeconfig.ts";
import { SetupError } from "../setup/setup-error.ts";
import { adminAccess } from "./admin-access.ts";

/** So many nodes are shown of those that fitted. */
const mostShown = 10;

/**
 * Lines that say why a pod is where it is, or nowhere.
 * @param pod `pod/NAME` or `NAME`
 * @throws SetupError where the scheduler remembers no such pod
 */
export async function whyPod(record: ClusterRecord, pod: string, namespace: string): Promise<readonly string[]> {
  const name = pod.replace(/^(pods?|po)\//, "");
  const { code, body } = await fetchText(await adminAccess(record), `${decisionsPath}${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`);
  if (code === 404) throw new SetupError(`the scheduler remembers no decision about pod ${namespace}/${name}: it keeps the latest 1,000`);
  if (code !== 200) throw new SetupError(`the API answered ${code}: ${body}`);
  return explained(JSON.parse(body) as Explanation);
}

interface TextAnswer {
  readonly code: number;
  readonly body: string;
}

async function fetchText({ server, certificateAuthority: ca, certificate: cert, key }: Access, path: string): Promise<TextAnswer> {
  const { request } = await import("node:https");
  return new Promise((resolve, reject) => {
    const asked = request(`${server}${path}`, { ca, cert, key, timeout: 10_000 });
    asked.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ code: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer in 10 s")));
    asked.on("error", (error) => reject(new SetupError(`the API at ${server} does not answer (${error.message}): is the cluster up?`)));
    asked.end();
  });
}

/** In words: what came of it, which plugin refused which nodes, and how many points the others got. */
export function explained(explanation: Explanation): readonly string[] {
  const { pod, time, node, message, nominatedNode, nodes, lookedAt, refusals, points } = explanation;
  const outcome = node === undefined ? `fits nowhere: ${message}` : `was given node ${node}`;
  return [
    `pod ${pod.namespace}/${pod.name}, at ${time}: ${outcome}`,
    ...(nominatedNode === undefined ? [] : [`less important pods are leaving ${nominatedNode} to make room`]),
    `${lookedAt} of ${nodes} nodes looked at, ${refusals.length} refused, ${Math.max(points.length, node === undefined ? 0 : 1)} fitted`,
    ...refusedLines(refusals),
    ...pointLines(points),
  ];
}

/** Nodes that were refused alike share a line. */
function refusedLines(refusals: Explanation["refusals"]): readonly string[] {
  const alike = new Map<string, string[]>();
  for (const { node, plugin, reasons } of refusals) {
    const why = `${plugin}: ${reasons.join(", ")}`;
    alike.set(why, [...(alike.get(why) ?? []), node]);
  }
  return [...alike].map(([why, names]) => {
    const more = names.length > mostShown ? ` and ${names.length - mostShown} more` : "";
    return `  refused by ${why}\n    ${names.slice(0, mostShown).join(" ")}${more}`;
  });
}

function pointLines(points: Explanation["points"]): readonly string[] {
  const plugins = Object.keys(points[0]?.plugins ?? {});
  if (plugins.length === 0) return [];
  const rows = points.slice(0, mostShown).map((one) => [one.node, one.total, ...plugins.map((plugin) => one.plugins[plugin] ?? 0)].map(String));
  const table = [["NODE", "POINTS", ...plugins], ...rows];
  const widths = ["NODE", "POINTS", ...plugins].map((_, column) => Math.max(...table.map((row) => (row[column] ?? "").length)));
  const lines = table.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()}`);
  return points.length > mostShown ? [...lines, `  and ${points.length - mostShown} more`] : lines;
}
