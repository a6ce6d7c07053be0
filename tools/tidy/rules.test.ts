import { describe, expect, it } from "vitest";
import { drawPicture, replacePicture } from "../picture/draw.ts";
import { bannedCalls } from "./banned-calls.ts";
import { bannedWords } from "./banned-words.ts";
import { dependencies } from "./dependencies.ts";
import { fileNames } from "./file-names.ts";
import { fileSizes } from "./file-sizes.ts";
import type { Finding, Rule } from "./files.ts";
import { lineLengths } from "./line-lengths.ts";
import { picture } from "./picture.ts";
import { skippedTests } from "./skipped-tests.ts";
import { typeImports } from "./type-imports.ts";

function check(rule: Rule, files: Record<string, string>): string[] {
  return rule(Object.entries(files).map(([path, text]) => ({ path, text }))).map(
    ({ path, line, message }: Finding) => `${path}${line === undefined ? "" : `:${line}`}: ${message}`,
  );
}

describe("file names", () => {
  it("rejects names that say nothing, in files and folders", () => {
    expect(check(fileNames, { "src/store/key-utils.ts": "", "src/common/a.ts": "", "src/dns/helper.test.ts": "" })).toHaveLength(3);
  });

  it("wants kebab-case", () => {
    expect(check(fileNames, { "src/store/KeyRange.ts": "" })).toEqual(['src/store/KeyRange.ts: "KeyRange.ts" is not in kebab-case: rename it.']);
    expect(check(fileNames, { "src/kube-proxy/rule-set.test.ts": "", "docs/decisions/0001-title.md": "", "README.md": "" })).toEqual([]);
  });
});

describe("file sizes", () => {
  const lines = (count: number): string => "x\n".repeat(count);
  const ratchet = (sizes: object): Record<string, string> => ({ "tools/tidy/oversized.json": JSON.stringify(sizes) });

  it("allows 600 lines and not one more", () => {
    expect(check(fileSizes, { "src/a.ts": lines(600) })).toEqual([]);
    expect(check(fileSizes, { "src/a.ts": lines(601) })).toEqual(["src/a.ts: 601 lines, 600 at most: make it a folder of smaller files."]);
  });

  it("lets a recorded file stay as it is, but not grow", () => {
    expect(check(fileSizes, { "src/a.ts": lines(700), ...ratchet({ "src/a.ts": 700 }) })).toEqual([]);
    expect(check(fileSizes, { "src/a.ts": lines(701), ...ratchet({ "src/a.ts": 700 }) })[0]).toContain("may only shrink");
  });

  it("makes the record follow a file that shrinks or goes", () => {
    expect(check(fileSizes, { "src/a.ts": lines(650), ...ratchet({ "src/a.ts": 700 }) })[0]).toContain("record that");
    expect(check(fileSizes, { "src/a.ts": lines(500), ...ratchet({ "src/a.ts": 700 }) })[0]).toContain("take it off");
    expect(check(fileSizes, ratchet({ "src/a.ts": 700 }))[0]).toContain("is gone");
  });
});

describe("line lengths", () => {
  it("measures code, not tests or prose", () => {
    const wide = "x".repeat(151);
    expect(check(lineLengths, { "src/a.ts": `a\n${wide}`, "src/a.test.ts": wide, "README.md": wide })).toEqual([
      "src/a.ts:2: 151 columns, 150 at most: break the line.",
    ]);
  });
});

describe("banned words", () => {
  it("finds what was left for later, as a word of its own", () => {
    expect(check(bannedWords, { "a.md": ["fine", "TO" + "DO: later", "ATO" + "DOB"].join("\n") })).toHaveLength(1);
  });
});

describe("banned calls", () => {
  it.each(["const t = Date.now();", "setTimeout(f, 1);", "Math.random()", "process.env.HOME", "performance.now()", "new Date()"])(
    "rejects %s in a component",
    (line) => expect(check(bannedCalls, { "src/dns/server.ts": line })).toHaveLength(1),
  );

  it("accepts the same where the wiring is, in tests, and in comments", () => {
    const text = "Date.now();";
    const files = { "src/cluster/a.ts": text, "src/cmd/knarr.ts": text, "src/dns/a.test.ts": text, "src/store/testing/suite.ts": text };
    expect(check(bannedCalls, { ...files, "src/dns/a.ts": " * Date.now() is not for us", "tools/build.ts": text })).toEqual([]);
  });

  it("accepts methods that only share the name", () => {
    expect(check(bannedCalls, { "src/dns/a.ts": "socket.setTimeout(1); new Date(clock.now())" })).toEqual([]);
  });
});

describe("type imports", () => {
  const layers = JSON.stringify({ components: [{ name: "apiserver", importsTypes: ["client"] }] });

  it("wants `import type` where only types may be imported", () => {
    const judged = (line: string): number => check(typeImports, { "tools/layers.json": layers, "src/apiserver/a.ts": line }).length;
    expect(judged('import { Client } from "#client/client.ts";')).toBe(1);
    expect(judged('await import("#client/client.ts");')).toBe(1);
    expect(judged('import type { Client } from "#client/client.ts";')).toBe(0);
    expect(judged('import { x } from "#api/x.ts";')).toBe(0);
  });
});

describe("dependencies", () => {
  const page = (...names: string[]) => names.map((name) => `| \`${name}\` | what it is for |`).join("\n");
  const manifest = JSON.stringify({ dependencies: { lmdb: "3" }, devDependencies: { vitest: "4" } });

  const source = { "src/store.ts": 'const { open } = await import("lmdb");' };

  it("each have a line with a reason, and no line outlives its package", () => {
    expect(check(dependencies, { ...source, "package.json": manifest, "docs/decisions/dependencies.md": page("lmdb", "vitest") })).toEqual([]);
    expect(check(dependencies, { ...source, "package.json": manifest, "docs/decisions/dependencies.md": page("lmdb", "etcd3") })).toEqual([
      "docs/decisions/dependencies.md: vitest: add a line that says what it is for, and why not without it.",
      "docs/decisions/dependencies.md: etcd3 is no dependency any more: take its line out.",
    ]);
  });

  it("of what runs are imported by it", () => {
    const files = { "src/store.ts": 'import { open } from "lmdb-store";', "package.json": manifest, "docs/decisions/dependencies.md": page("lmdb", "vitest") };
    expect(check(dependencies, files)).toEqual([
      "docs/decisions/dependencies.md: lmdb is imported nowhere in src/: take it out of package.json, and its line out of here.",
    ]);
  });
});

describe("picture", () => {
  const layers = { components: [{ name: "dns", does: "names", imports: ["api"] }, { name: "api", does: "kinds", imports: [] }] };
  const marks = "<!-- The picture: drawn from tools/layers.json by `npm run picture`. -->\n<!-- End of the picture. -->";

  it("draws importers above what they import", () => {
    const drawn = drawPicture(layers);
    expect(drawn.indexOf(" dns ")).toBeLessThan(drawn.indexOf(" api "));
    expect(drawn).toContain("| `dns/` | names | api |\n| `api/` | kinds | nothing of ours |");
  });

  it("has to be the one in ARCHITECTURE.md", () => {
    const files = { "tools/layers.json": JSON.stringify(layers), "ARCHITECTURE.md": marks };
    expect(check(picture, files)).toHaveLength(1);
    expect(check(picture, { ...files, "ARCHITECTURE.md": replacePicture(marks, drawPicture(layers)) })).toEqual([]);
  });
});

describe("skipped tests", () => {
  it("say what they need", () => {
    expect(check(skippedTests, { "src/a.test.ts": '  it.skipIf(absent)("works", f);' })[0]).toContain("no name says why");
    expect(check(skippedTests, { "src/a.test.ts": 'it.skipIf(absent)("works (needs root)", f);', "src/b.test.ts": "it(f)" })).toEqual([]);
  });
});
