import { open } from "node:fs/promises";

import { parseLogLine } from "./server/log-format.ts";

const longestMessageBytes = 4096;
const longestFallbackBytes = 2048;
const fallbackLines = 80;

/** What a container wrote to its termination message file; empty when nothing. */
export function readTerminationMessage(path: string): Promise<string> {
  return readEnd(path, longestMessageBytes, "start");
}

/** The last lines of a container's log, which stand in where it wrote no message and failed. */
export async function readLastLogLines(path: string): Promise<string> {
  const text = await readEnd(path, longestFallbackBytes * 2, "end");
  const lines = text.split("\n").flatMap((line) => parseLogLine(line)?.text ?? []).slice(-fallbackLines);
  return lines.join("").slice(-longestFallbackBytes);
}

async function readEnd(path: string, bytes: number, from: "start" | "end"): Promise<string> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return "";
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(bytes, size));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from === "start" ? 0 : size - buffer.length);
    return buffer.subarray(0, bytesRead).toString("utf8");
  } finally {
    await file.close();
  }
}
