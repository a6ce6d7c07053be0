/** A behaviour of the upstream conformance suite. */
export interface Behaviour {
  readonly sig: string;
  /** Its full name, which the test that covers it carries. */
  readonly name: string;
}

/** A test that carries a behaviour's name, and how it ended; anything but "passed" does not count as passed. */
export interface Trial {
  readonly name: string;
  readonly state: string;
}

/** How much of a special interest group's behaviours is covered. */
export interface SigCoverage {
  readonly sig: string;
  readonly behaviours: number;
  readonly covered: number;
  readonly passed: number;
  /** Names that no test carries. */
  readonly missing: readonly string[];
}

/** Reads the list of behaviours: tab-separated, its first line names the columns. */
export function parseBehaviours(table: string): Behaviour[] {
  const [heading = "", ...lines] = table.trimEnd().split("\n");
  const columns = heading.split("\t");
  const [sig, name] = [columns.indexOf("sig"), columns.indexOf("name")];
  return lines.map((line) => line.split("\t")).map((cells) => ({ sig: cells[sig] ?? "", name: cells[name] ?? "" }));
}

/** One line for each group, in the order of the list. */
export function coverageOf(behaviours: readonly Behaviour[], trials: readonly Trial[]): SigCoverage[] {
  const states = new Map(trials.map(({ name, state }) => [name, state]));
  return [...new Set(behaviours.map(({ sig }) => sig))].map((sig) => {
    const names = behaviours.flatMap((behaviour) => (behaviour.sig === sig ? [behaviour.name] : []));
    return {
      sig,
      behaviours: names.length,
      covered: names.filter((name) => states.has(name)).length,
      passed: names.filter((name) => states.get(name) === "passed").length,
      missing: names.filter((name) => !states.has(name)),
    };
  });
}

/** Names in the manner of the list ("[sig-…] … [Conformance]") that are not on it: misspelt. */
export function unknownNames(behaviours: readonly Behaviour[], trials: readonly Trial[]): string[] {
  const known = new Set(behaviours.map(({ name }) => name));
  return trials.flatMap(({ name }) => (name.startsWith("[sig-") && !known.has(name) ? [name] : []));
}

/** Names in the manner of the list that more than one test carries: one of them is one too many. */
export function doubledNames(trials: readonly Trial[]): string[] {
  const names = trials.map(({ name }) => name).filter((name) => name.startsWith("[sig-"));
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

/** The table that the command prints. */
export function describeCoverage(sigs: readonly SigCoverage[]): string {
  const sum = (field: "behaviours" | "covered" | "passed"): number => sigs.reduce((total, one) => total + one[field], 0);
  const rows = [
    ["", "covered", "passed", "of"],
    ...[...sigs, { sig: "total", behaviours: sum("behaviours"), covered: sum("covered"), passed: sum("passed") }]
      .map(({ sig, covered, passed, behaviours }) => [sig, covered, passed, behaviours].map(String)),
  ];
  const first = Math.max(...rows.map(([sig = ""]) => sig.length));
  return rows.map(([sig = "", ...numbers]) => sig.padEnd(first) + numbers.map((text) => text.padStart(9)).join("")).join("\n");
}
