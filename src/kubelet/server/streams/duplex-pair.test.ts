import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import { duplexPair } from "./duplex-pair.ts";

test("what is written to one end is read from the other, both ways and however slowly, to its end", async () => {
  const [left, right] = duplexPair();
  const sent = randomBytes(1024 * 1024);
  const echoed = pipeline(right, right);
  const received = createHash("sha256");
  left.on("data", (chunk: Buffer) => received.update(chunk));
  left.end(sent);
  await once(left, "end");
  await echoed;
  expect(received.digest("hex")).toBe(createHash("sha256").update(sent).digest("hex"));
});

test("when one end breaks off, so does the other", async () => {
  const [left, right] = duplexPair();
  left.write("half");
  left.destroy();
  await once(right, "close");
  expect(right.destroyed).toBe(true);
});
