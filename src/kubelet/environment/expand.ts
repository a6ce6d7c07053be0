/**
 * Replaces `$(NAME)` by the variable's value; `$$` stands for `$`, and what names no variable stays as it is
 * (API reference: Container.command).
 */
export function expand(text: string, valueOf: (name: string) => string | undefined): string {
  if (!text.includes("$")) return text;
  return text.replaceAll(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return "$";
    return valueOf(name) ?? whole;
  });
}
