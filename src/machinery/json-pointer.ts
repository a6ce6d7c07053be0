/**
 * Reads a JSON pointer (RFC 6901) into its unescaped steps; `""`, the whole document, has none.
 * `undefined` when the text is no pointer.
 */
export function parseJsonPointer(text: string): readonly string[] | undefined {
  if (text === "") return [];
  if (!text.startsWith("/")) return undefined;
  return text.slice(1).split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The pointer with these steps. */
export function formatJsonPointer(steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
