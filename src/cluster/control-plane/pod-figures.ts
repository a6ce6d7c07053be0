import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Pod } from "#api/core/pod.ts";
import { behaviourPrefix } from "#kubelet/runtime/simulated/behaviour.ts";
import type { Target } from "#metrics-server/custom-metrics/targets.ts";

const timeoutMilliseconds = 5_000;
const mostBytes = 4 * 1024 * 1024;
const pretended = `${behaviourPrefix}metrics`;

/** How pods are asked for their figures: at their own address; simulated ones say what their annotation tells them to. */
export function podFigures(): (pod: Pod, target: Target) => Promise<string> {
  // Who a pod is, is not known by certificates: what it serves is, like its address, its own.
  const https = new HttpsAgent({ keepAlive: true, maxFreeSockets: 64, rejectUnauthorized: false });
  const agents = { http: new HttpAgent({ keepAlive: true, maxFreeSockets: 64 }), https };
  return (pod, target) => {
    const said = pod.metadata.annotations?.[pretended];
    if (said !== undefined) return Promise.resolve(said);
    return get(pod.status.podIP ?? "", target, agents[target.scheme]);
  };
}

/** The page at the target, whole and in time. Redirects are not followed. */
function get(host: string, { scheme, port, path }: Target, agent: HttpAgent): Promise<string> {
  const request = scheme === "https" ? httpsRequest : httpRequest;
  const headers = { accept: "text/plain;version=0.0.4;q=1,*/*;q=0.1" };
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, path, agent, headers, signal: AbortSignal.timeout(timeoutMilliseconds) }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > mostBytes) sent.destroy(new Error("the page is too long"));
        else chunks.push(chunk);
      });
      response.on("end", () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString("utf8"));
        else reject(new Error(`the pod answers ${response.statusCode}`));
      });
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}
