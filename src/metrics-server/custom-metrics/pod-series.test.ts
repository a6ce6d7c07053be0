import { expect, test } from "vitest";
import { readConfiguration } from "./configuration.ts";
import type { Figure } from "./exposition.ts";
import { PodSeries } from "./pod-series.ts";
import { defaultRule, type Rule } from "./rules.ts";

const counter = (value: number, labels = {}): Figure => ({ name: "requests_total", labels, value, isCounter: true });
const gauge = (name: string, value: number, labels = {}): Figure => ({ name, labels, value, isCounter: false });
const rules: readonly Rule[] = [defaultRule];

/** What is served after pages that came 15 s apart. */
function after(pages: readonly (readonly Figure[])[], all = rules) {
  const series = new PodSeries();
  for (const [index, page] of pages.entries()) series.take(page, all, index * 15_000);
  return series.values();
}

test("a gauge is the last figure, by its own name", () => {
  expect(after([[gauge("users", 4, { room: "a" })], [gauge("users", 6, { room: "a" })]])).toEqual([
    { metric: "users", labels: { room: "a" }, value: 6, at: 15_000, windowSeconds: undefined },
  ]);
});

test("a counter is its growth per second, which one page does not tell", () => {
  expect(after([[counter(10)]])).toEqual([]);
  expect(after([[counter(10)], [counter(40)]])).toEqual([{ metric: "requests", labels: {}, value: 2, at: 15_000, windowSeconds: 15 }]);
});

test("growth is that of the last minute", () => {
  const pages = [0, 900, 900, 900, 900, 900, 930].map((value) => [counter(value)]);
  expect(after(pages)).toMatchObject([{ value: 0.5, windowSeconds: 60 }]);
});

test("a counter that begins anew has grown from zero", () => {
  expect(after([[counter(100)], [counter(130)], [counter(30)]])).toMatchObject([{ value: 2 }]);
});

test("what is no longer on the page is forgotten", () => {
  expect(after([[gauge("users", 4), gauge("rooms", 1)], [gauge("rooms", 2)]])).toMatchObject([{ metric: "rooms", value: 2 }]);
});

test("rules name, choose and leave out", () => {
  const { rules: own } = readConfiguration(`apiVersion: metrics.knarr.dev/v1
kind: CustomMetrics
metrics:
- { series: "go_.*", ignore: true }
- { series: "chat_(.*)", labels: { room: main }, name: main_$1 }
- { series: requests_total, type: gauge, name: requests_ever }
`);
  const page = [gauge("go_memory", 1), gauge("chat_users", 5, { room: "main" }), gauge("chat_users", 7, { room: "side" }), counter(10)];
  expect(after([page], own).map(({ metric, value }) => [metric, value])).toEqual([["main_users", 5], ["chat_users", 7], ["requests_ever", 10]]);
});

test.each([
  ["kind: Other", 'it begins with "apiVersion: metrics.knarr.dev/v1"'],
  ["metrics: [{}]", "metrics[0].series: Required value"],
  ["metrics: [{ series: '(' }]", "metrics[0].series: Invalid regular expression"],
  ["metrics: [{ series: a, type: sum }]", "metrics[0].type: Unsupported value"],
  ["scrape: [{ port: 0 }]", "scrape[0].port: Invalid value"],
  ["rules: []", 'unknown field "rules"'],
])("a configuration that says %s is refused", (text, message) => {
  const head = text.startsWith("kind") ? "" : "apiVersion: metrics.knarr.dev/v1\nkind: CustomMetrics\n";
  expect(() => readConfiguration(head + text)).toThrow(message);
});
