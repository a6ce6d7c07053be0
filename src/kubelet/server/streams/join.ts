import type { Duplex } from "node:stream";

/** Bytes flow both ways. When one side has said all, the other hears it to the end; when one breaks off, so does the other. */
export function join(left: Duplex, right: Duplex): void {
  for (const [from, to] of [[left, right], [right, left]] as const) {
    from.on("error", () => to.destroy());
    from.once("close", () => {
      if (!from.readableEnded) to.destroy();
    });
    from.pipe(to);
  }
}
