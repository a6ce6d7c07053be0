/**
 * Names of fields as expressions spell them: what is no identifier is escaped, `a-b` as `a__dash__b`, and words that the language
 * keeps for itself, `namespace` as `__namespace__` (API reference, CustomResourceDefinition x-kubernetes-validations).
 */
const reserved = new Set([
  "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
  "namespace", "return", "var", "void", "while",
]);
const escapes = new Map([["__", "__underscores__"], [".", "__dot__"], ["-", "__dash__"], ["/", "__slash__"]]);

/** `undefined` when the name has no spelling: it is empty, begins with a digit, or has other characters. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined;
  return reserved.has(name) ? `__${name}__` : name.replaceAll(/__|[./-]/g, (part) => escapes.get(part) ?? part);
}
