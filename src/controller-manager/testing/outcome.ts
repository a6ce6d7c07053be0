import type { Outcome, Write } from "../controller.ts";

/** What an outcome does besides writing status, a line each: `create Pod web-`, `delete Pod web-1`, `Normal Scaled …`. */
export function deedsOf(outcome: Outcome): string[] {
  const writes = (outcome.writes ?? []).flatMap((step) => step as Write | readonly Write[]).filter((write) => write.do !== "updateStatus");
  return [...writes.map(deedOf), ...(outcome.events ?? []).map(({ type, reason, message }) => `${type} ${reason} ${message}`)];
}

/** The status that an outcome writes, if it does. */
export function statusOf(outcome: Outcome): unknown {
  const write = (outcome.writes ?? []).flatMap((step) => step as Write | readonly Write[]).findLast((one) => one.do === "updateStatus");
  return write && (write.object as { readonly status?: unknown }).status;
}

function deedOf(write: Write): string {
  const name = "object" in write ? (write.object.metadata?.name ?? write.object.metadata?.generateName) : write.name;
  return `${write.do} ${write.kind.kind} ${name}`;
}
