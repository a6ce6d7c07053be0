import { findPod, findRunning } from "./served-pods.ts";
import { type Handler, sendJson, sendText } from "./exchange.ts";

/** GET /healthz */
export const healthz: Handler = ({ response }) => sendText(response, 200, "ok");

/** GET /pods: the pods of the node. */
export const listPods: Handler = ({ response }, { pods }) => {
  sendJson(response, { kind: "PodList", apiVersion: "v1", metadata: {}, items: pods.pods() });
};

/** GET /configz: how the kubelet was set up. */
export const configz: Handler = ({ response }, { configuration }) => {
  sendJson(response, { kubeletconfig: { kind: "KubeletConfiguration", apiVersion: "kubelet.config.k8s.io/v1beta1", ...configuration } });
};

/** POST /run/NAMESPACE/POD/CONTAINER?cmd=…: runs a command, its words parted by spaces, and answers with what it wrote. */
export const run: Handler = async ({ named, query, response }, { pods, containers }) => {
  const { id } = findRunning(findPod(pods, named.namespace, named.pod, named.uid), named.container);
  const command = (query.get("cmd") ?? "").split(" ").filter((word) => word !== "");
  try {
    sendText(response, 200, await containers.run(id, command));
  } catch (error) {
    sendText(response, 500, `${(error as Error).message}\n`);
  }
};
