import { type Clock, sleep } from "#machinery/clock.ts";
import type { ActionResult, ActionRunner } from "../lifecycle.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { runGrpc } from "./grpc-action.ts";
import { runHttp } from "./http-action.ts";
import { runTcp } from "./tcp-action.ts";

const longestOutputCharacters = 10 * 1024;

/** Runs probes and hooks against real containers. A timeout of 0 means no limit. */
export function actionRunner(runtime: Pick<Runtime, "exec">, clock: Clock): ActionRunner {
  return {
    async run({ exec, httpGet, tcpSocket, grpc, sleep: pause }, target, timeoutSeconds): Promise<ActionResult> {
      const milliseconds = timeoutSeconds * 1000;
      try {
        if (exec !== undefined) return await runExec(runtime, target.containerId, exec.command ?? [], timeoutSeconds);
        if (httpGet !== undefined) return await runHttp(httpGet, target, milliseconds);
        if (tcpSocket !== undefined) return await runTcp(tcpSocket, target, milliseconds);
        if (grpc !== undefined) return await runGrpc(grpc, target, milliseconds, clock.now());
        if (pause !== undefined) await sleep(clock, pause.seconds * 1000);
        return { ok: true, output: "" };
      } catch (error) {
        return { ok: false, output: (error as Error).message };
      }
    },
  };
}

async function runExec(runtime: Pick<Runtime, "exec">, id: string, command: readonly string[], timeoutSeconds: number): Promise<ActionResult> {
  const { exitCode, output } = await runtime.exec(id, command, timeoutSeconds);
  return { ok: exitCode === 0, output: output.slice(0, longestOutputCharacters) };
}
