/**
 * A regular expression in Go's notation (RE2) as one of JavaScript's. Both are alike but for a few forms, which are written anew here.
 * @throws SyntaxError where it is none
 */
export function patternOf(pattern: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const body = (flags ? pattern.slice(flags[0].length) : pattern)
    .replaceAll(/\(\?P</g, "(?<")
    .replaceAll("\\A", "^").replaceAll("\\z", "$")
    .replaceAll(/\[\[:(\w+):\]\]/g, (whole, name: string) => (Object.hasOwn(classes, name) ? `[${classes[name]}]` : whole))
    .replaceAll(/\[:(\w+):\]/g, (whole, name: string) => (Object.hasOwn(classes, name) ? (classes[name] ?? whole) : whole));
  const wanted = flags?.[1] ?? "";
  try {
    return new RegExp(body, `u${wanted}`);
  } catch {
    // Escapes that nobody needs, such as \- and \_, are an error only with the flag u.
    return new RegExp(body, wanted);
  }
}

const classes: { readonly [name: string]: string } = {
  alnum: "0-9A-Za-z", alpha: "A-Za-z", ascii: "\\x00-\\x7F", blank: "\\t ", cntrl: "\\x00-\\x1F\\x7F", digit: "0-9", graph: "!-~",
  lower: "a-z", print: " -~", punct: "!-\\/:-@\\[-`{-~", space: "\\t\\n\\v\\f\\r ", upper: "A-Z", word: "0-9A-Za-z_", xdigit: "0-9A-Fa-f",
};
