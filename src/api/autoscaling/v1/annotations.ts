import { decodeMessage } from "#machinery/schema/decode.ts";
import { StatusError } from "#machinery/status-error.ts";
import { builtInSchemas } from "../../define-kind.ts";

/** A message that an annotation carries as JSON; `undefined` where there is none, or it is of another shape. */
export function readMessage<T>(text: string | undefined, message: string, prepare: (value: unknown) => unknown = (value) => value): T | undefined {
  return text === undefined ? undefined : decoded(prepare(parsed(text)), message);
}

/** A list of messages that an annotation carries as JSON. */
export function readMessages<T>(text: string | undefined, message: string): readonly T[] | undefined {
  const value = text === undefined ? undefined : parsed(text);
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((item) => decoded<T>(item, message) ?? []);
}

/** The same with other names of fields, all the way down. */
export function renameKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), renameKeys(item, rename)]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decoded<T>(value: unknown, message: string): T | undefined {
  try {
    return decodeMessage(builtInSchemas.message(message), value).value as T;
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}
