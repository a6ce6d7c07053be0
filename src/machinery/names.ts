import type { Random } from "./random.ts";

/**
 * Syntax checks of names. Each returns what is wrong, in the wording that clients know, or an empty list.
 * (RFC 1035, RFC 1123, RFC 6335; Kubernetes "Object Names and IDs", "Labels and Selectors")
 */
export type NameCheck = (value: string) => readonly string[];

const fine: readonly string[] = [];

export const dns1123LabelMaximumLength = 63;
export const dns1123SubdomainMaximumLength = 253;

const dns1123Label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const dns1123Subdomain = `${dns1123Label}(\\.${dns1123Label})*`;
const dns1035Label = "[a-z]([-a-z0-9]*[a-z0-9])?";
const underscoredLabel = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const qualifiedName = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelValue = `(${qualifiedName})?`;

/** `must be no more than 63 characters` */
export function maximumLengthProblem(length: number): string {
  return `must be no more than ${length} characters`;
}

export function inclusiveRangeProblem(minimum: number, maximum: number): string {
  return `must be between ${minimum} and ${maximum}, inclusive`;
}

export const emptyProblem = "must be non-empty";

/** The doubled space before "or" is upstream's, and clients match on the whole. */
export function patternProblem(message: string, pattern: string, ...examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(" or ");
  return `${message} (${examples.length === 0 ? "" : `e.g. ${shown}`}regex used for validation is '${pattern}')`;
}

interface Pattern {
  readonly pattern: string;
  readonly maximumLength?: number;
  readonly message: string;
  readonly examples: readonly string[];
}

function patternCheck({ pattern, maximumLength, message, examples }: Pattern): NameCheck {
  const expression = new RegExp(`^(?:${pattern})$`);
  return (value) => {
    const tooLong = maximumLength !== undefined && value.length > maximumLength;
    if (!tooLong && expression.test(value)) return fine;
    // A text that is far too long is not matched against the pattern, so that matching stays cheap.
    const matches = value.length <= 4096 && expression.test(value);
    return [...(tooLong ? [maximumLengthProblem(maximumLength)] : []), ...(matches ? [] : [patternProblem(message, pattern, ...examples)])];
  };
}

export const dns1123SubdomainProblems = patternCheck({
  pattern: dns1123Subdomain,
  maximumLength: dns1123SubdomainMaximumLength,
  message:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
    "and must start and end with an alphanumeric character",
  examples: ["example.com"],
});

export const underscoredSubdomainProblems = patternCheck({
  pattern: `${underscoredLabel}(\\.${underscoredLabel})*`,
  maximumLength: dns1123SubdomainMaximumLength,
  message:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', " +
    "and must start and end with an alphanumeric character",
  examples: ["example.com"],
});

export const wildcardSubdomainProblems = patternCheck({
  pattern: `\\*\\.${dns1123Subdomain}`,
  maximumLength: dns1123SubdomainMaximumLength,
  message:
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, " +
    "which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  examples: ["*.example.com"],
});

const plainLabelProblems = patternCheck({
  pattern: dns1123Label,
  maximumLength: dns1123LabelMaximumLength,
  message:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', " +
    "and must start and end with an alphanumeric character",
  examples: ["my-name", "123-abc"],
});

const subdomainExpression = new RegExp(`^${dns1123Subdomain}$`);

export const dns1123LabelProblems: NameCheck = (value) => {
  const problems = plainLabelProblems(value);
  if (problems.length === 0 || !value.includes(".") || value.length > 4096 || !subdomainExpression.test(value)) return problems;
  return [...problems.slice(0, -1), "must not contain dots"];
};

export const dns1035LabelProblems = patternCheck({
  pattern: dns1035Label,
  maximumLength: 63,
  message:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', " +
    "start with an alphabetic character, and end with an alphanumeric character",
  examples: ["my-name", "abc-123"],
});

export const labelValueProblems = patternCheck({
  pattern: labelValue,
  maximumLength: 63,
  message:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', " +
    "and must start and end with an alphanumeric character",
  examples: ["MyValue", "my_value", "12345"],
});

export const cIdentifierProblems = patternCheck({
  pattern: "[A-Za-z_][A-Za-z0-9_]*",
  message: "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  examples: ["my_name", "MY_NAME", "MyName"],
});

export const percentProblems = patternCheck({
  pattern: "[0-9]+%",
  message: "a valid percent string must be a numeric string followed by an ending '%'",
  examples: ["1%", "93%"],
});

export const httpHeaderNameProblems = patternCheck({
  pattern: "[-A-Za-z0-9]+",
  message: "a valid HTTP header must consist of alphanumeric characters or '-'",
  examples: ["X-Header-Name"],
});

const qualifiedNameMessage = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const qualifiedNamePattern: Pattern = {
  pattern: qualifiedName,
  maximumLength: 63,
  message: qualifiedNameMessage,
  examples: ["MyName", "my.name", "123-abc"],
};
const namePartProblems = patternCheck(qualifiedNamePattern);

/** Keys of labels and annotations, names of resources and conditions: a name, perhaps after a subdomain and a slash. */
export const qualifiedNameProblems: NameCheck = (value) => {
  const parts = value.split("/", 3);
  if (parts.length > 2) {
    const problem = patternProblem(qualifiedNameMessage, qualifiedName, ...qualifiedNamePattern.examples);
    return [`a valid label key ${problem} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const [prefix, name] = parts.length === 2 ? [parts[0] ?? "", parts[1] ?? ""] : [undefined, value];
  const prefixProblems = prefix === undefined ? fine : prefix === "" ? [emptyProblem] : dns1123SubdomainProblems(prefix);
  const nameProblems = name === "" ? [emptyProblem, ...namePartProblems(name)] : namePartProblems(name);
  if (prefixProblems.length + nameProblems.length === 0) return fine;
  return [...prefixProblems.map((problem) => `prefix part ${problem}`), ...nameProblems.map((problem) => `name part ${problem}`)];
};

/** Names of container and service ports (RFC 6335 §5.1, lower case only). */
export const portNameProblems: NameCheck = (value) => {
  const problems: string[] = [];
  if (value.length > 15) problems.push(maximumLengthProblem(15));
  if (!/^[-a-z0-9]+$/.test(value)) problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(value)) problems.push("must contain at least one letter (a-z)");
  if (value.includes("--")) problems.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) problems.push("must not begin or end with a hyphen");
  return problems;
};

export function portNumberProblems(port: number): readonly string[] {
  return rangeProblems(port, 1, 65_535);
}

/** Unix user and group ids. */
export function userIdProblems(id: number): readonly string[] {
  return rangeProblems(id, 0, 0xffff_ffff);
}

export function rangeProblems(value: number, minimum: number, maximum: number): readonly string[] {
  return Number.isInteger(value) && value >= minimum && value <= maximum ? fine : [inclusiveRangeProblem(minimum, maximum)];
}

/** Names of environment variables: printable ASCII without `=`. */
export const environmentVariableProblems: NameCheck = (value) => {
  if (value === "") return [`environment variable name ${emptyProblem}`];
  if (/^[ -<>-~]*$/.test(value)) return fine;
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
};

const configMapKeyPattern = patternCheck({
  pattern: "[-._a-zA-Z0-9]+",
  maximumLength: dns1123SubdomainMaximumLength,
  message: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  examples: ["key.name", "KEY_NAME", "key-name"],
});

/** Keys of config maps and secrets, which become file names. */
export const configMapKeyProblems: NameCheck = (value) => {
  const problems = configMapKeyPattern(value);
  if (!value.startsWith(".")) return problems;
  if (value === "." || value === "..") return [...problems, `must not be '${value}'`];
  return value.startsWith("..") ? [...problems, "must not start with '..'"] : problems;
};

/** Names that become one segment of a URL's path, such as those of RBAC roles. */
export const pathSegmentProblems: NameCheck = (value) => {
  if (value === "." || value === "..") return [`may not be '${value}'`];
  return ["/", "%"].filter((character) => value.includes(character)).map((character) => `may not contain '${character}'`);
};

/** A domain of at least `minimumSegments` labels, such as the group of a custom resource. */
export function qualifiedDomainProblems(name: string, minimumSegments: 2 | 3): readonly string[] {
  const problems = dns1123SubdomainProblems(name);
  if (problems.length > 0 || name.split(".").length >= minimumSegments) return problems;
  return [`should be a domain with at least ${minimumSegments === 2 ? "two" : "three"} segments separated by dots`];
}

/** `acme.io/foo`, as names of finalizers, signers and controllers are. */
export const domainPrefixedPathProblems: NameCheck = (value) => {
  const slash = value.indexOf("/");
  if (slash <= 0 || slash === value.length - 1) return ['must be a domain-prefixed path (such as "acme.io/foo")'];
  const problems = dns1123SubdomainProblems(value.slice(0, slash));
  const path = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
  return new RegExp(`^${path}$`).test(value.slice(slash + 1)) ? problems : [...problems, patternProblem("Invalid path", path)];
};

/** Checks a `generateName`, whose last character may be a dash because more will follow. */
export function prefixProblems(check: NameCheck, prefix: string): readonly string[] {
  return check(prefix.length > 1 && prefix.endsWith("-") ? `${prefix.slice(0, -2)}a` : prefix);
}

/** No vowels and no look-alikes, so that no words come about. */
export const safeAlphabet = "bcdfghjklmnpqrstvwxz2456789";
const suffixLength = 5;

/** A name from `metadata.generateName`: the prefix, shortened where needed, and five random characters. */
export function generateName(prefix: string, random: Random): string {
  return prefix.slice(0, dns1123LabelMaximumLength - suffixLength) + randomText(suffixLength, random);
}

/** `length` characters of the safe alphabet. */
export function randomText(length: number, random: Random): string {
  let text = "";
  for (let count = 0; count < length; count++) text += safeAlphabet.charAt(random.integer(safeAlphabet.length));
  return text;
}
