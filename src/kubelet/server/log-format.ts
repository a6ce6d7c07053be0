/** One entry of a container's log file. */
export interface LogEntry {
  /** RFC 3339 with nanoseconds, as the runtime wrote it. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** With its line end, unless the runtime broke a long line here. */
  readonly text: string;
}

/**
 * Reads one line of a CRI log: `2026-01-02T03:04:05.000000006Z stdout F the text`, where `P` in place of `F` marks a part of a
 * longer line (CRI logging format). Undefined for what is no such line.
 */
export function parseLogLine(line: string): LogEntry | undefined {
  const match = /^(\S+) (stdout|stderr) ([^ ]+) ?/.exec(line);
  if (match === null) return undefined;
  const [head, time = "", stream, tags = ""] = match;
  const isPart = tags.split(":").includes("P");
  const text = line.slice(head.length);
  return { time, stream: stream === "stderr" ? "stderr" : "stdout", text: isPart ? text : `${text}\n` };
}
