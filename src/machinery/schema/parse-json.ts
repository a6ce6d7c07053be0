import { badRequest } from "../status-error.ts";

export interface ParsedJson {
  readonly value: unknown;
  /** What a strict reader refuses: `duplicate field "spec.replicas"`. The last one of a name counts. */
  readonly problems: readonly string[];
}

/** Deeper nesting is refused: nobody means it, and it would take a deep stack to write it out again. */
const maximumDepth = 1000;

/** At most so many problems of one body are told. */
const maximumProblems = 100;

/**
 * Parses JSON from outside. Tells also which fields are there twice, which `JSON.parse` passes over.
 * @throws StatusError 400
 */
export function parseJson(text: string): ParsedJson {
  const { members, depth } = survey(text);
  if (depth > maximumDepth) throw badRequest("couldn't get version/kind; json parse error: exceeded max depth");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`);
  }
  return { value, problems: members === countMembers(value) ? [] : duplicates(text) };
}

const quotationMark = 34;
const backslash = 92;
const colon = 58;

/** One look at the text, fast enough for every request: how many members its objects have, and how deep it nests. */
function survey(text: string): { members: number; depth: number } {
  let members = 0;
  let depth = 0;
  let level = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case quotationMark:
        index = endOfString(text, index);
        break;
      case colon:
        members++;
        break;
      case 91 /* [ */:
      case 123 /* { */:
        if (++level > depth) depth = level;
        break;
      case 93 /* ] */:
      case 125 /* } */:
        level--;
        break;
      default:
    }
  }
  return { members, depth };
}

/** Index of the closing quotation mark; the text's length when there is none. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && text.charCodeAt(end - 1) === backslash) {
    let backslashes = 1;
    while (text.charCodeAt(end - 1 - backslashes) === backslash) backslashes++;
    if (backslashes % 2 === 0) break;
    end = text.indexOf('"', end + 1);
  }
  return end < 0 ? text.length : end;
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) count += countMembers(element);
    return count;
  }
  for (const name in value) count += 1 + countMembers((value as { [name: string]: unknown })[name]);
  return count;
}

interface Container {
  /** Names so far; absent for lists. */
  readonly names?: Set<string>;
  /** The step that leads to what comes now. */
  step: string | number;
}

/** Walks text that is known to be JSON. */
function duplicates(text: string): string[] {
  const problems: string[] = [];
  const stack: Container[] = [];
  let name = "";
  for (let index = 0; index < text.length && problems.length < maximumProblems; index++) {
    const top = stack.at(-1);
    switch (text.charAt(index)) {
      case '"': {
        const end = endOfString(text, index);
        name = text.slice(index, end + 1);
        index = end;
        break;
      }
      case ":":
        if (top?.names) {
          top.step = JSON.parse(name) as string;
          if (top.names.has(top.step)) problems.push(`duplicate field ${JSON.stringify(pathOf(stack))}`);
          top.names.add(top.step);
        }
        break;
      case "{":
        stack.push({ names: new Set(), step: "" });
        break;
      case "[":
        stack.push({ step: 0 });
        break;
      case ",":
        if (typeof top?.step === "number") top.step++;
        break;
      case "}":
      case "]":
        stack.pop();
        break;
      default:
    }
  }
  return [...new Set(problems)];
}

function pathOf(stack: readonly Container[]): string {
  let path = "";
  for (const { step } of stack) path += typeof step === "number" ? `[${step}]` : path === "" ? step : `.${step}`;
  return path;
}
