import { SetupError } from "../setup/setup-error.ts";

/** One instruction of a Dockerfile. */
export interface Instruction {
  /** Counts from 1. */
  readonly line: number;
  /** In capitals, such as `COPY`. */
  readonly name: string;
  /** Everything after the name, on one line. */
  readonly value: string;
}

/** What of the Dockerfile language is understood: all that puts files together and nothing that would run them. */
const known = new Set(["FROM", "COPY", "ENV", "CMD", "ENTRYPOINT", "EXPOSE", "USER", "WORKDIR", "LABEL", "STOPSIGNAL"]);

/**
 * Splits a Dockerfile into instructions: comments go, lines that end with a backslash go on in the next.
 *
 * @throws SetupError naming the line, for an instruction that is not understood or a file that does not start with FROM.
 */
export function parseDockerfile(text: string): Instruction[] {
  const instructions: Instruction[] = [];
  let pending = "";
  let start = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    if (pending === "") start = index + 1;
    const continued = /\\\s*$/.test(line);
    pending += continued ? line.replace(/\\\s*$/, " ") : line;
    if (continued) continue;
    instructions.push(toInstruction(pending.trim(), start));
    pending = "";
  }
  if (pending !== "") instructions.push(toInstruction(pending.trim(), start));
  if (instructions[0]?.name !== "FROM") throw new SetupError("Dockerfile: starts with FROM, such as `FROM knarr.local/hello:1` or `FROM scratch`");
  const second = instructions.slice(1).find(({ name }) => name === "FROM");
  if (second !== undefined) throw complaint(second, "a second FROM is not supported: build in one stage");
  return instructions;
}

/** An error that names the instruction's line. */
export function complaint({ line, name }: Instruction, message: string): SetupError {
  return new SetupError(`Dockerfile, line ${line}: ${name}: ${message}`);
}

function toInstruction(text: string, line: number): Instruction {
  const [, word = "", value = ""] = /^(\S+)\s*(.*)$/s.exec(text) ?? [];
  const instruction = { line, name: word.toUpperCase(), value };
  if (!known.has(instruction.name)) {
    throw complaint(
      instruction,
      `not supported, for files are only put together here (${[...known].join(", ")}): ` +
        "build with docker, podman or buildah, save to a file and `knarr image import` that",
    );
  }
  if (value === "") throw complaint(instruction, "needs a value");
  return instruction;
}

/** A command line: a JSON array of words as it is, anything else for the shell. */
export function parseCommand(instruction: Instruction): string[] {
  if (!instruction.value.startsWith("[")) return ["/bin/sh", "-c", instruction.value];
  try {
    const words: unknown = JSON.parse(instruction.value);
    if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
  } catch {
    // Reported below, like an array of anything but strings.
  }
  throw complaint(instruction, 'a list is JSON, such as ["/server", "--port", "8080"]');
}

/** `A=b C="d e"`, or the older `A everything else`. */
export function parsePairs(instruction: Instruction): [string, string][] {
  const { value } = instruction;
  const older = /^([A-Za-z_][\w.-]*)\s+([^=]*)$/.exec(value);
  if (older !== null) return [[older[1] ?? "", older[2] ?? ""]];
  const pair = /([\w./-]+)=("(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s"'\\]|\\.)*)(?:\s+|$)/y;
  const pairs: [string, string][] = [];
  while (pair.lastIndex < value.length) {
    const match = pair.exec(value);
    if (match === null) throw complaint(instruction, 'write NAME=value, and NAME="two words"');
    pairs.push([match[1] ?? "", unquote(match[2] ?? "")]);
  }
  return pairs;
}

function unquote(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1);
  return (text.startsWith('"') ? text.slice(1, -1) : text).replaceAll(/\\(.)/g, "$1");
}
