import { expect } from "vitest";
import WebSocket from "ws";
import { type Behaviour, shell, type Stage } from "./stage.ts";

/** Ways to a container over WebSockets. */

/** Every message of a connection until it is closed. */
function messagesOf(stage: Stage, path: string, protocol: string): Promise<readonly Buffer[]> {
  const { server, ...credentials } = stage.real.access;
  return new Promise((resolve, reject) => {
    const messages: Buffer[] = [];
    const socket = new WebSocket(`${server.replace("https", "wss")}/api/v1/namespaces/${stage.namespace}/pods/${path}`, [protocol], credentials);
    socket.on("message", (message: Buffer) => messages.push(message));
    socket.on("error", reject);
    socket.on("close", () => resolve(messages));
  });
}

export const access: readonly Behaviour[] = [
  ["[sig-node] Pods should support remote command execution over websockets [Conformance] [NodeConformance]", async (stage) => {
    await stage.runPod("pod-exec-websocket", { containers: [shell("echo container is alive; sleep 600")] });
    const query = new URLSearchParams([["stderr", "1"], ["stdout", "1"], ["container", "main"], ["command", "echo"], ["command", "remote execution test"]]);
    const messages = await messagesOf(stage, `pod-exec-websocket/exec?${query}`, "channel.k8s.io");
    const output = messages.filter((message) => message[0] === 1).map((message) => message.subarray(1).toString("utf8"));
    expect(output.join("")).toBe("remote execution test\n");
  }],
  ["[sig-node] Pods should support retrieving logs from the container over websockets [Conformance] [NodeConformance]", async (stage) => {
    await stage.runPod("pod-logs-websocket", { containers: [shell("echo container is alive; sleep 600")] });
    const text = await stage.until("the log has come", async () => {
      const messages = await messagesOf(stage, "pod-logs-websocket/log?container=main", "binary.k8s.io");
      return messages.length > 0 && Buffer.concat(messages).toString("utf8");
    });
    expect(text).toBe("container is alive\n");
  }],
];
