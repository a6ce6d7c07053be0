import { connect } from "node:net";

import type { TCPSocketAction } from "#api/generated/core-v1.ts";
import { type ActionResult, type ActionTarget, resolvePort } from "../lifecycle.ts";
import { dialError } from "./http-action.ts";

/** Opens a connection, and closes it at once. */
export function runTcp(action: TCPSocketAction, target: ActionTarget, timeoutMilliseconds: number): Promise<ActionResult> {
  const host = action.host || target.address;
  const port = resolvePort(action.port, target.container);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (ok: boolean, output: string): void => {
      socket.destroy();
      resolve({ ok, output });
    };
    if (timeoutMilliseconds > 0) socket.setTimeout(timeoutMilliseconds, () => done(false, `dial tcp ${host}:${port}: i/o timeout`));
    socket.on("connect", () => done(true, ""));
    socket.on("error", (error: NodeJS.ErrnoException) => done(false, dialError(error, `${host}:${port}`)));
  });
}
