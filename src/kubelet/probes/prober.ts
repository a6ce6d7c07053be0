import type { ProbeHandler } from "#api/generated/core-v1.ts";
import type { Clock } from "#machinery/clock.ts";
import { hasCode } from "../grpc/rpc-error.ts";
import type { ActionTarget } from "../lifecycle.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Attempt, failure, mostOutputBytes } from "./attempt.ts";
import { probeGrpc } from "./grpc-health.ts";
import { probeHttp } from "./http-get.ts";
import { probeTcp } from "./tcp-socket.ts";

/** Tries a probe once. Never rejects. */
export type Prober = (handler: ProbeHandler, target: ActionTarget, timeoutSeconds: number) => Promise<Attempt>;

export interface ProberOptions {
  readonly runtime: Pick<Runtime, "exec">;
  readonly clock: Clock;
}

const userAgent = "kube-probe/1.36";
/** A command that could not be run at all is tried again at once, so often in all. */
const mostExecTries = 3;

/** Probes by running a command in the container, or from the node by HTTP, TCP or gRPC. */
export function prober({ runtime, clock }: ProberOptions): Prober {
  return async (handler, target, timeoutSeconds) => {
    if (handler.exec !== undefined) return probeExec(runtime, handler.exec.command ?? [], target, timeoutSeconds);
    if (handler.httpGet !== undefined) return probeHttp(handler.httpGet, target, timeoutSeconds, userAgent, clock);
    if (handler.tcpSocket !== undefined) return probeTcp(handler.tcpSocket, target, timeoutSeconds, clock);
    if (handler.grpc !== undefined) return probeGrpc(handler.grpc, target, timeoutSeconds, userAgent, clock);
    return { outcome: "unknown", output: `missing probe handler for ${target.pod.metadata.namespace}/${target.pod.metadata.name}` };
  };
}

async function probeExec(
  runtime: ProberOptions["runtime"], command: readonly string[], { containerId }: ActionTarget, timeoutSeconds: number,
): Promise<Attempt> {
  let trouble = "";
  for (let tries = 0; tries < mostExecTries; tries++) {
    try {
      const { exitCode, output } = await runtime.exec(containerId, command, timeoutSeconds);
      return { outcome: exitCode === 0 ? "success" : "failure", output: output.slice(0, mostOutputBytes) };
    } catch (error) {
      if (hasCode(error, "DeadlineExceeded")) return failure(`command "${command.join(" ")}" timed out`);
      trouble = (error as Error).message;
    }
  }
  return { outcome: "unknown", output: trouble };
}
