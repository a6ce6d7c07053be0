import type { IncomingMessage } from "node:http";
import { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import { badRequest, notFound, StatusError } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import { validateAdmission } from "../endpoints/admit.ts";
import { currentObject } from "../endpoints/get.ts";
import type { ResourceContext } from "../endpoints/resource-context.ts";
import type { Backend } from "../proxy/backend.ts";
import { forward } from "../proxy/forward.ts";
import { forwardText } from "../proxy/forward-text.ts";
import { kubeletAddressOf } from "../proxy/node-address.ts";
import { containerOf } from "./pod-container.ts";

/** GET of `pods/NAME/log`: what a container wrote, from its node. A pod without a node has written nothing. */
export async function podLog(context: ResourceContext): Promise<Answer> {
  const pod = currentObject(context).object as Pod;
  const { query } = context.request;
  const container = containerOf(pod, query.get("container") ?? "");
  checkLogOptions(query);
  if (!pod.spec.nodeName) return { is: "bytes", code: 200, headers: { "content-type": "text/plain" }, body: "" };
  const { namespace, name } = pod.metadata;
  const options = new URLSearchParams();
  for (const option of logOptions) if (query.get(option)) options.set(option, query.get(option) ?? "");
  return forwardText(kubeletOf(context, pod, `/containerLogs/${namespace}/${name}/${container}`, options), { check: refuseFailures });
}

const logOptions: readonly string[] = [
  "follow", "previous", "timestamps", "sinceSeconds", "sinceTime", "tailLines", "limitBytes", "stream",
];

function checkLogOptions(query: URLSearchParams): void {
  for (const option of ["sinceSeconds", "tailLines", "limitBytes"]) {
    const text = query.get(option);
    if (text !== null && !/^\d{1,18}$/.test(text)) throw badRequest(`${option}: invalid value ${JSON.stringify(text)}`);
  }
  if (query.get("sinceSeconds") && query.get("sinceTime")) throw badRequest("at most one of `sinceTime` or `sinceSeconds` may be specified");
}

/** POST and GET of `pods/NAME/exec` and `…/attach`: the streams of a process in a container. */
export async function podProcess(context: ResourceContext): Promise<Answer> {
  const { resource, request: { query } } = context;
  const pod = currentObject(context).object as Pod;
  await validateAdmission(context, { operation: "CONNECT", name: pod.metadata.name, oldObject: pod });
  const container = containerOf(pod, query.get("container") ?? "");
  const options = new URLSearchParams();
  for (const [asked, option] of [["stdin", "input"], ["stdout", "output"], ["stderr", "error"], ["tty", "tty"]] as const) {
    const value = query.get(asked);
    if (value === "true" || value === "1") options.set(option, "1");
  }
  if (resource.subresource === "exec") {
    const command = query.getAll("command");
    if (command.length === 0) throw badRequest("you must specify at least 1 command for the container");
    for (const word of command) options.append("command", word);
  }
  if (!["input", "output", "error"].some((option) => options.has(option))) {
    throw badRequest("you must specify at least one of stdin, stdout, stderr");
  }
  const { namespace, name } = pod.metadata;
  const path = `/${resource.subresource}/${namespace}/${name}/${container}`;
  return forward(kubeletOf(context, pod, path, options), { upgradeOnly: true, check: refuseFailures });
}

/** POST and GET of `pods/NAME/portforward`: connections to the pod's ports, through its node. */
export async function podPortForward(context: ResourceContext): Promise<Answer> {
  const pod = currentObject(context).object as Pod;
  await validateAdmission(context, { operation: "CONNECT", name: pod.metadata.name, oldObject: pod });
  const options = new URLSearchParams();
  for (const ports of context.request.query.getAll("ports")) for (const port of ports.split(",")) options.append("port", port);
  const { namespace, name } = pod.metadata;
  return forward(kubeletOf(context, pod, `/portForward/${namespace}/${name}`, options), { upgradeOnly: true, check: refuseFailures });
}

/** @throws StatusError (400, 404, 503) where no kubelet can be asked */
function kubeletOf({ parts }: ResourceContext, pod: Pod, path: string, options: URLSearchParams): Backend {
  const { nodeName } = pod.spec;
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const node = parts.objects.get(Node, "", nodeName);
  if (!node) throw notFound(Node.resource, nodeName);
  const { host, port } = kubeletAddressOf(node);
  const query = options.toString();
  return parts.backends.kubelet(host, port, query === "" ? path : `${path}?${query}`);
}

const longestFailure = 2048;

/** A kubelet's refusal, which it says in plain text, as a Status. */
async function refuseFailures(response: IncomingMessage): Promise<void> {
  const { statusCode = 502 } = response;
  if (statusCode < 400) return;
  let text = "";
  for await (const chunk of response) {
    text += (chunk as Buffer).toString("utf8");
    if (text.length > longestFailure) break;
  }
  const message = text.trim().slice(0, longestFailure) || `the server answered ${statusCode}`;
  if (statusCode === 400) throw badRequest(message);
  const reason = statusCode === 404 ? "NotFound" : statusCode === 403 ? "Forbidden" : statusCode === 401 ? "Unauthorized" : "InternalError";
  throw new StatusError({ code: statusCode, reason, message });
}
