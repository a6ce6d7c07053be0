import { Writable } from "node:stream";
import { expect, test } from "vitest";
import type { KubeObject } from "#machinery/kind.ts";
import { expired } from "#machinery/status-error.ts";
import { WatchItem } from "../watch-cache/cache-event.ts";
import { CachedObject } from "../watch-cache/cached-object.ts";
import { WatchWriter } from "./watch-writer.ts";

/** A client that takes bytes only when told to. */
class Client extends Writable {
  text = "";
  #next: (() => void) | undefined;
  reads = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("utf8");
    if (this.reads) done();
    else this.#next = done;
  }

  read(): void {
    this.reads = true;
    this.#next?.();
  }

  get names(): string[] {
    return this.text.split("\n").filter((line) => line !== "").map((line) => (JSON.parse(line) as { object: KubeObject }).object.metadata?.name);
  }
}

const object = (name: string): CachedObject => CachedObject.of({ apiVersion: "v1", kind: "X", metadata: { name } } as KubeObject, 1);
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);

function writerTo(response: Writable): WatchWriter {
  return new WatchWriter({ response, encode: (item) => item.line(), encodeError: ({ body }) => Buffer.from(`${JSON.stringify({ object: body })}\n`) });
}

test("a client that reads slowly gets everything in order", async () => {
  const client = new Client();
  const writer = writerTo(client);
  writer.initial(names(3000).map(object));
  for (const name of ["x", "y", "z"]) writer.event(new WatchItem("ADDED", object(name)));
  writer.ended(undefined);
  client.read();
  await new Promise((resolve) => client.once("finish", resolve));
  expect(client.names).toEqual([...names(3000), "x", "y", "z"]);
});

test("a client that does not read is cut off before its events pile up", () => {
  const client = new Client({ highWaterMark: 1024 });
  const writer = writerTo(client);
  const item = new WatchItem("ADDED", object("a"));
  for (let count = 0; count < 20_000 && !client.destroyed; count++) writer.event(item);
  expect(client.destroyed).toBe(true);
  expect(client.writableLength).toBeLessThan(4096);
});

test("why a watch was broken off is its last line", async () => {
  const client = new Client();
  client.reads = true;
  writerTo(client).ended(expired("too old"));
  await new Promise((resolve) => client.once("finish", resolve));
  expect(JSON.parse(client.text)).toMatchObject({ object: { kind: "Status", code: 410 } });
});
