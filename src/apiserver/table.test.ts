import { expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import type { Column, Kind, KubeObject } from "#machinery/kind.ts";
import { TablePrinter } from "./table.ts";

const object: KubeObject = {
  apiVersion: "v1", kind: "ConfigMap",
  metadata: { name: "a", namespace: "web", uid: "u", resourceVersion: "3", creationTimestamp: "2026-01-01T00:00:00Z" },
};
const now = Date.parse("2026-01-01T00:03:20Z");
const column = (name: string, more: Partial<Column<KubeObject>> = {}): Column<KubeObject> => ({ name, type: "string", description: "", value: () => name, ...more });
const withColumns = (...columns: readonly Column<KubeObject>[]): Kind => ({ ...ConfigMap, columns }) as unknown as Kind;
const request = { apiVersion: "meta.k8s.io/v1", includeObject: "Metadata" } as const;

test.each([
  ["none of its own", [], ["Name", "Age"], ["a", "3m20s"]],
  ["its own between name and age", [column("Data")], ["Name", "Data", "Age"], ["a", "Data", "3m20s"]],
  ["wide ones after the age", [column("Ready"), column("IP", { priority: 1 })], ["Name", "Ready", "Age", "IP"], ["a", "Ready", "3m20s", "IP"]],
  ["dates become ages", [column("Since", { type: "date", value: () => "2026-01-01T00:00:00Z" }), column("Age", { type: "date", value: () => undefined })],
    ["Name", "Since", "Age"], ["a", "3m20s", null]],
  ["an own name and time", [column("Last Seen"), column("Name", { priority: 1 })], ["Last Seen", "Name"], ["Last Seen", "Name"]],
] as const)("columns: %s", (_case, columns, names, cells) => {
  const printer = new TablePrinter(withColumns(...columns), request);
  expect(printer.columns.map(({ name }) => name)).toEqual(names);
  expect(printer.row(object, now).cells).toEqual(cells);
});

test.each([
  ["None", undefined],
  ["Metadata", { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata }],
  ["Object", object],
] as const)("rows include %s", (includeObject, expected) => {
  const printer = new TablePrinter(withColumns(), { ...request, includeObject });
  expect(printer.row(object, now).object).toEqual(expected);
});

test("later tables of a watch leave the columns out", () => {
  const printer = new TablePrinter(withColumns(), request);
  expect(printer.table([object], { resourceVersion: "3" }, now)).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1", metadata: { resourceVersion: "3" }, columnDefinitions: [{ name: "Name", format: "name" }, { name: "Age" }] });
  expect(printer.table([object], { resourceVersion: "3" }, now, false).columnDefinitions).toBeNull();
});
