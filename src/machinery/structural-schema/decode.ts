import { badRequest } from "../status-error.ts";
import type { Decoding } from "../schema/decoding.ts";
import type { Message, StructuralRoot } from "../schema/message.ts";
import { prune } from "./prune.ts";

export interface StructuralDecoding {
  readonly message: Message;
  readonly root: StructuralRoot;
  readonly value: unknown;
  readonly decoding: Decoding;
  /** Reads a message from within the value. @throws StatusError */
  decodePart(message: Message, value: unknown): unknown;
}

/**
 * Reads a JSON value as an object of a custom kind. Only metadata is typed: everything else is copied, without what the schema does not
 * know, and left to validation. @throws StatusError 400
 */
export function decodeStructural({ message, root, value, decoding, decodePart }: StructuralDecoding): { [field: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw badRequest("the object provided is not a JSON object");
  const { kind } = value as { readonly kind?: unknown };
  if (typeof kind !== "string" || kind === "") {
    const wanted = message.name.slice(message.name.lastIndexOf(".") + 1);
    throw badRequest(`the object provided is unrecognized (must be of type ${wanted}): Object 'Kind' is missing in '${shortened(value)}'`);
  }
  return prune(value, root.resource, "", {
    unknown: (path) => decoding.unknownField(path),
    metadata(part, path) {
      decoding.enter(path);
      const decoded = decodePart(root.metadata, part);
      decoding.leave();
      return decoded;
    },
  }) as { [field: string]: unknown };
}

const longestShown = 512;

function shortened(value: object): string {
  const text = JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text;
}
