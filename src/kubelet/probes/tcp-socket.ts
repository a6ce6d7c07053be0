import { connect } from "node:net";

import type { TCPSocketAction } from "#api/generated/core-v1.ts";
import type { Clock } from "#machinery/clock.ts";
import { resolvePort } from "../lifecycle.ts";
import type { ActionTarget } from "../lifecycle.ts";
import { type Attempt, Deadline, failure } from "./attempt.ts";
import { authorityOf, describeNetworkError } from "./network-error.ts";

/** A port that takes connections is well. */
export function probeTcp({ host, port: wanted }: TCPSocketAction, target: ActionTarget, timeoutSeconds: number, clock: Clock): Promise<Attempt> {
  return new Promise((resolve) => {
    let port: number;
    try {
      port = resolvePort(wanted, target.container);
    } catch (error) {
      return resolve(failure((error as Error).message));
    }
    const address = host || target.address;
    const authority = authorityOf(address, port);
    const deadline = new Deadline(clock, timeoutSeconds);
    const socket = connect({ host: address, port });
    const end = (attempt: Attempt): void => {
      deadline.cancel();
      socket.destroy();
      resolve(attempt);
    };
    deadline.signal.addEventListener("abort", () => end(failure(`dial tcp ${authority}: i/o timeout`)), { once: true });
    socket.on("error", (error) => end(failure(describeNetworkError(error, authority))));
    socket.on("connect", () => end({ outcome: "success", output: "" }));
  });
}
