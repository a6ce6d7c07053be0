import type { ObjectMeta } from "#api/generated/meta-v1.ts";
import { ageOf } from "#machinery/age.ts";
import type { Column, Kind, KubeObject } from "#machinery/kind.ts";
import { parseTime } from "#machinery/time.ts";
import { type MetaVersion, partialMetadata } from "./partial-metadata.ts";

/** What of the object itself comes with each row (API reference: meta/v1 TableOptions). */
export type IncludeObject = "None" | "Metadata" | "Object";

export interface TableColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface TableRow {
  readonly cells: readonly (string | number | boolean | null)[];
  readonly object?: unknown;
}

export interface Table {
  readonly kind: "Table";
  readonly apiVersion: string;
  readonly metadata: ListMetadata;
  readonly columnDefinitions: readonly TableColumnDefinition[] | null;
  readonly rows: readonly TableRow[];
}

export interface ListMetadata {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface TableRequest {
  readonly apiVersion: MetaVersion;
  readonly includeObject: IncludeObject;
}

/** How one kind's objects look as rows: its columns once, then as many rows as there are. */
export class TablePrinter {
  readonly columns: readonly TableColumnDefinition[];
  readonly #columns: readonly Column<KubeObject>[];
  readonly #request: TableRequest;

  constructor(kind: Kind, request: TableRequest) {
    this.#columns = columnsOf(kind);
    this.#request = request;
    this.columns = this.#columns.map(({ name, type, format = "", description, priority = 0 }) => ({
      // Dates are shown as ages, made here.
      name, type: type === "date" ? "string" : type, format, description, priority,
    }));
  }

  /** @param now milliseconds, for ages */
  row(object: KubeObject, now: number): TableRow {
    const { includeObject, apiVersion } = this.#request;
    return {
      cells: this.#columns.map((column) => cell(column, object, now)),
      ...(includeObject === "None" ? {} : { object: includeObject === "Object" ? object : partialMetadata(object, apiVersion) }),
    };
  }

  /** @param withColumns false for all events of a watch but the first: the client knows them by then */
  table(objects: readonly KubeObject[], metadata: ListMetadata, now: number, withColumns = true): Table {
    return {
      kind: "Table", apiVersion: this.#request.apiVersion, metadata,
      columnDefinitions: withColumns ? this.columns : null,
      rows: objects.map((object) => this.row(object, now)),
    };
  }
}

const nameColumn: Column<KubeObject> = {
  name: "Name", type: "string", format: "name", description: "What the object is called, unique in its namespace.",
  value: ({ metadata }) => metadata.name,
};

const ageColumn: Column<KubeObject> = {
  name: "Age", type: "string", description: "How long ago the object was made.",
  value: ({ metadata }, now) => ageOf((metadata as ObjectMeta).creationTimestamp, now),
};

/** Columns that tell the time in the Age column's stead. */
const tellAge = new Set(["Age", "Created At", "Last Seen"]);

/** The name first and the age after what is always shown, unless the kind's own columns say so themselves. */
function columnsOf(kind: Kind): readonly Column<KubeObject>[] {
  const own = kind.columns ?? [];
  const named = own.some(({ name }) => name === "Name") ? own : [nameColumn, ...own];
  if (kind.omitsAge === true || own.some(({ name }) => tellAge.has(name))) return named;
  const firstWide = named.findIndex(({ priority = 0 }) => priority > 0);
  return firstWide === -1 ? [...named, ageColumn] : named.toSpliced(firstWide, 0, ageColumn);
}

function cell({ type, value }: Column<KubeObject>, object: KubeObject, now: number): string | number | boolean | null {
  const content = value(object, now);
  if (content === undefined) return null;
  return type === "date" && typeof content === "string" && parseTime(content) !== undefined ? ageOf(content, now) : content;
}
