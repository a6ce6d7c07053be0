import fc from "fast-check";
import { expect, test } from "vitest";
import { readExposition } from "./exposition.ts";

const most = 100;

test("figures are read with their labels, and counters are known as such", () => {
  const page = `# HELP connected_users Who is there.
# TYPE connected_users gauge
connected_users{room="a",note="say \\"hi\\"\\nnow, then"} 40
connected_users{ room = "b" , } 2 1395066363000

# TYPE requests counter
requests 1.5e3
jobs_total{} 7
go_memory -0.5`;
  expect(readExposition(page, most)).toEqual([
    { name: "connected_users", labels: { room: "a", note: 'say "hi"\nnow, then' }, value: 40, isCounter: false },
    { name: "connected_users", labels: { room: "b" }, value: 2, isCounter: false },
    { name: "requests", labels: {}, value: 1500, isCounter: true },
    { name: "jobs_total", labels: {}, value: 7, isCounter: true },
    { name: "go_memory", labels: {}, value: -0.5, isCounter: false },
  ]);
});

test.each(["x NaN", "x +Inf", "x", "x{a=1} 2", 'x{a="1} 2', "1x 2", 'x_bucket{le="1"} 2', 'x{quantile="0.5"} 2', "{} 1", `x ${"1".repeat(20_000)}`])(
  "%s is passed over", (line) => expect(readExposition(`${line}\ny 1`, most)).toMatchObject([{ name: "y" }]),
);

test("no more than so many are taken", () => {
  expect(readExposition("a 1\nb 2\nc 3", 2)).toHaveLength(2);
});

test("whatever is served, it is read or passed over", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void readExposition(text, most)));
  fc.assert(fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]\w*$/), fc.string()), (labels) => {
    delete labels["le"];
    delete labels["quantile"];
    const escaped = Object.entries(labels).map(([key, text]) =>
      `${key}="${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`);
    expect(readExposition(`x{${escaped.join(",")}} 1`, most)[0]?.labels).toEqual(labels);
  }));
});
