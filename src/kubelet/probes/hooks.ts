import type { LifecycleHandler, ProbeHandler } from "#api/generated/core-v1.ts";
import { type Clock, sleep } from "#machinery/clock.ts";
import { hasCode } from "../grpc/rpc-error.ts";
import type { ActionResult, ActionRunner, ActionTarget } from "../lifecycle.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { getHttp } from "./http-get.ts";

export interface HookOptions {
  readonly runtime: Pick<Runtime, "exec">;
  readonly clock: Clock;
}

const userAgent = "kube-lifecycle/1.36";
const done: ActionResult = { ok: true, output: "" };
const failed = (output: string): ActionResult => ({ ok: false, output });

/**
 * Runs the postStart and preStop hooks of containers: a command, an HTTP request, or a sleep. tcpSocket is in the API's type, but
 * is no hook (API reference: LifecycleHandler).
 */
export class HookRunner implements ActionRunner {
  readonly #options: HookOptions;

  constructor(options: HookOptions) {
    this.#options = options;
  }

  async run(handler: LifecycleHandler & ProbeHandler, target: ActionTarget, timeoutSeconds: number): Promise<ActionResult> {
    if (handler.exec !== undefined) return this.#exec(handler.exec.command ?? [], target, timeoutSeconds);
    if (handler.sleep !== undefined) return this.#sleep(handler.sleep.seconds, timeoutSeconds);
    if (handler.httpGet !== undefined) {
      // Any answer will do, whatever its status: the hook was heard.
      const answer = await getHttp(handler.httpGet, target, timeoutSeconds, userAgent, this.#options.clock);
      return typeof answer === "string" ? failed(answer) : done;
    }
    return failed("invalid handler: a hook runs exec, httpGet or sleep");
  }

  async #exec(command: readonly string[], { containerId }: ActionTarget, timeoutSeconds: number): Promise<ActionResult> {
    const words = command.join(" ");
    try {
      const { exitCode, output } = await this.#options.runtime.exec(containerId, command, timeoutSeconds);
      return exitCode === 0 ? { ok: true, output } : failed(`command '${words}' exited with ${exitCode}: ${output}`);
    } catch (error) {
      return failed(hasCode(error, "DeadlineExceeded") ? `command "${words}" timed out` : (error as Error).message);
    }
  }

  /** No longer than there is time: what ends first, the sleep or the time, ends it. */
  async #sleep(seconds: number, timeoutSeconds: number): Promise<ActionResult> {
    const isCutShort = timeoutSeconds > 0 && timeoutSeconds < seconds;
    await sleep(this.#options.clock, (isCutShort ? timeoutSeconds : seconds) * 1000);
    return isCutShort ? failed("container terminated before sleep hook finished") : done;
  }
}
