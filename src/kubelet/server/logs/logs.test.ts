import { appendFile, mkdtemp, open, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { systemClock } from "#machinery/clock.ts";
import { type LogEntry, parseLogLine } from "../log-format.ts";
import { type LogFileOptions, openLogFile } from "./log-file.ts";
import { LogLines } from "./log-lines.ts";
import { LogOutput } from "./log-output.ts";
import { type LogQuery, parseLogQuery } from "./log-query.ts";
import { tailOffset } from "./log-tail.ts";

let directory: string;
let path: string;
const abort = new AbortController();

beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), "knarr-logs-"))));
afterAll(() => rm(directory, { recursive: true }));
beforeEach(() => void (path = join(directory, `${Math.random()}.log`)));

const at = (second: number): string => `2026-01-02T03:04:${String(second).padStart(2, "0")}.5Z`;
const line = (text: string, { tag = "F", stream = "stdout", second = 0 } = {}): string => `${at(second)} ${stream} ${tag} ${text}\n`;
const options: LogFileOptions = { clock: systemClock, signal: abort.signal };
const everything: LogQuery = parseLogQuery(new URLSearchParams(), 0);

async function read(query: Partial<LogQuery> = {}, rest: Partial<LogFileOptions> = {}): Promise<string> {
  const output = new LogOutput({ ...everything, ...query });
  let text = "";
  for await (const entries of await openLogFile(path, { ...options, tailLines: query.tailLines, stream: query.stream, ...rest })) text += output.format(entries);
  return text;
}

describe("a log", () => {
  it("is the container's words, its long lines in one piece, byte for byte", async () => {
    await writeFile(path, Buffer.concat([
      Buffer.from(line("one") + line("a long ", { tag: "P" }) + line("between", { stream: "stderr" }) + line("line")),
      Buffer.from(`${at(1)} stdout F `), Buffer.from([0xff, 0x00, 0xc3]), Buffer.from("\nnot a log line\n"), Buffer.from(line("") + "2026-01-02T03:04:05Z stdout F half"),
    ]));
    expect(await read()).toBe(Buffer.concat([Buffer.from("one\na long between\nline\n"), Buffer.from([0xff, 0x00, 0xc3]), Buffer.from("\n\n")]).toString());
    expect(await read({ stream: "stdout" })).toContain("one\na long line\n");
    expect(await read({ stream: "stderr" })).toBe("between\n");
  });

  it("shows times with nine digits, once a line", async () => {
    await writeFile(path, line("a ", { tag: "P" }) + line("b") + line("c").replace(".5Z", "Z") + line("d").replace(".5Z", ".123456789+02:00"));
    expect(await read({ timestamps: true })).toBe(
      "2026-01-02T03:04:00.500000000Z a b\n2026-01-02T03:04:00.000000000Z c\n2026-01-02T03:04:00.123456789+02:00 d\n",
    );
  });

  it("begins at a time and ends at a limit", async () => {
    await writeFile(path, [1, 2, 3].map((second) => line(`line ${second}`, { second })).join(""));
    expect(await read({ since: Date.parse("2026-01-02T03:04:02.5Z") })).toBe("line 2\nline 3\n");
    expect(await read({ limitBytes: 9 })).toBe("line 1\nli");
    expect(await read({ tailLines: 2, limitBytes: 3 })).toBe("lin");
  });

  it("without end in a line is passed over there", () => {
    const lines = new LogLines();
    const piece = Buffer.alloc(300_000, "x");
    for (let pieces = 0; pieces < 10; pieces++) expect(lines.take(piece)).toEqual([]);
    expect(lines.take(Buffer.from(`x\n${line("next")}`)).map(({ text }) => text)).toEqual(["next\n"]);
  });

  it("that is not there is an error", async () => {
    await expect(read()).rejects.toThrow("ENOENT");
  });
});

describe("a log's tail", () => {
  /** What the tail is, said plainly: from the end on, entries of so many lines. */
  function plainTail(entries: readonly LogEntry[], lines: number, stream: LogEntry["stream"] | undefined): readonly LogEntry[] {
    const seen = new Set<string>();
    let count = 0;
    let first = entries.length;
    for (let index = entries.length - 1; index >= 0; index--) {
      const entry = entries[index]!;
      if (stream === undefined || entry.stream === stream) {
        if (entry.text.endsWith("\n") || !seen.has(entry.stream)) count++;
        seen.add(entry.stream);
        if (count > lines) break;
      }
      first = index;
    }
    return entries.slice(first);
  }

  it("is found in any file", async () => {
    const entry = fc.record({
      text: fc.oneof(fc.string({ maxLength: 60 }), fc.integer({ min: 0, max: 40_000 }).map((length) => "y".repeat(length))),
      tag: fc.constantFrom("F", "F", "F", "P"), stream: fc.constantFrom("stdout", "stderr"),
    });
    const file = fc.record({
      entries: fc.array(entry, { maxLength: 40 }), lines: fc.nat(45), stream: fc.constantFrom(undefined, "stdout" as const, "stderr" as const),
      rest: fc.constantFrom("", "half a line"),
    });
    await fc.assert(fc.asyncProperty(file, async ({ entries, lines, stream, rest }) => {
      const texts = entries.map(({ text, tag, stream: of }) => line(text.replaceAll("\n", " "), { tag, stream: of }));
      await writeFile(path, texts.join("") + rest);
      const handle = await open(path);
      const offset = await tailOffset(handle, lines, stream).finally(() => handle.close());
      const all = texts.map((text) => parseLogLine(text.slice(0, -1))!);
      const after = new LogLines().take(Buffer.from(texts.join("")).subarray(offset));
      const kept = plainTail(all, lines, stream);
      expect(after.map(({ text }) => text.length)).toEqual(kept.map(({ text }) => Buffer.byteLength(text)));
    }), { numRuns: 150 });
  });

  it("of a large file is read from its end", async () => {
    const block = Array.from({ length: 10_000 }, (_each, index) => line(`line ${index} ${"z".repeat(80)}`)).join("");
    for (let blocks = 0; blocks < 10; blocks++) await appendFile(path, block);
    const handle = await open(path);
    let bytes = 0;
    const counting = { stat: () => handle.stat(), read: async (...given: [Buffer, number, number, number]) => {
      const result = await handle.read(...given);
      bytes += result.bytesRead;
      return result;
    } } as unknown as typeof handle;
    const { size } = await handle.stat();
    expect(size - (await tailOffset(counting, 10))).toBeLessThan(2_000);
    await handle.close();
    expect(bytes).toBeLessThan(70_000);
    expect((await read({ tailLines: 3 })).split("\n").map((text) => text.slice(0, 9))).toEqual(["line 9997", "line 9998", "line 9999", ""]);
  });
});

describe("following", () => {
  it("goes on as the log grows, over to the next file, until the container ends", async () => {
    let live = true;
    await writeFile(path, line("one") + line("two"));
    const heard: string[] = [];
    const following = (async () => {
      const output = new LogOutput(everything);
      for await (const entries of await openLogFile(path, { ...options, tailLines: 1, isLive: () => live })) heard.push(output.format(entries).toString());
    })();
    await expect.poll(() => heard.join("")).toBe("two\n");
    await appendFile(path, "2026-01-02T03:04:05Z stdout F thr");
    await appendFile(path, "ee\n");
    await expect.poll(() => heard.join("")).toBe("two\nthree\n");
    const rotated = await open(path, "a");
    await rename(path, `${path}.1`);
    await rotated.appendFile(line("four"));
    await writeFile(path, line("five"));
    await rotated.close();
    await expect.poll(() => heard.join(""), { timeout: 3_000 }).toBe("two\nthree\nfour\nfive\n");
    live = false;
    await appendFile(path, line("six"));
    await following;
    expect(heard.join("")).toBe("two\nthree\nfour\nfive\nsix\n");
  });

  it("ends when the reader goes", async () => {
    await writeFile(path, line("one"));
    const gone = new AbortController();
    const reading = read({}, { isLive: () => true, signal: gone.signal });
    gone.abort();
    expect(await reading).toMatch(/^(one\n)?$/);
  });

  it("reads no further than is asked for", async () => {
    await writeFile(path, line("w".repeat(1_000)).repeat(1_000));
    const pieces = (await openLogFile(path, options))[Symbol.asyncIterator]();
    const first = await pieces.next();
    expect(first.done === false && first.value.length).toBeLessThan(70);
    await pieces.return?.();
  });
});

describe("a query", () => {
  const parse = (text: string): LogQuery => parseLogQuery(new URLSearchParams(text), 100_000);

  it("is read", () => {
    expect(parse("follow=true&previous=1&timestamps=false&tailLines=0&sinceSeconds=10&stream=Stderr")).toEqual({
      follow: true, previous: true, timestamps: false, since: 90_000, tailLines: 0, limitBytes: undefined, stream: "stderr",
    });
    expect(parse("sinceTime=1970-01-01T00:00:07Z").since).toBe(7_000);
  });

  it.each([
    ["tailLines=-1", "tailLines: Invalid value: -1: must be greater than or equal to 0"], ["limitBytes=0", "limitBytes: Invalid value: 0"],
    ["tailLines=x", 'tailLines: "x" is no number'], ["sinceTime=now", "sinceTime:"], ["stream=toString", "stream: Unsupported value"],
  ])("%s is refused", (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
