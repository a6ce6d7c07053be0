import type { Kind } from "#machinery/kind.ts";
import { ConfigMap } from "./core/config-map.ts";

/** Every built-in kind, in the order of discovery. */
export const kinds: readonly Kind[] = [ConfigMap];
