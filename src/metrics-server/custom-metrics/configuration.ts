import { builtInSchemas } from "#api/define-kind.ts";
import type { CustomMetrics, ExternalMetric, MetricRule, ScrapedPods } from "#api/generated/custommetrics-v1.ts";
import { FieldPath } from "#machinery/field-path.ts";
import { fieldErrorText } from "#machinery/field-errors.ts";
import { decodeMessage } from "#machinery/schema/decode.ts";
import { applyDefaults } from "#machinery/schema/default.ts";
import { validateStructure } from "#machinery/schema/validate.ts";
import { parseYaml } from "#machinery/yaml.ts";
import { defaultRule, type Rule } from "./rules.ts";

export interface Configuration {
  readonly scrape: readonly ScrapedPods[];
  /** The first that fits counts; the last fits everything. */
  readonly rules: readonly Rule[];
  readonly external: readonly ExternalMetric[];
}

/** What goes without a configuration. */
export const plainConfiguration: Configuration = { scrape: [], rules: [defaultRule], external: [] };

const [apiVersion, kind] = ["metrics.knarr.dev/v1", "CustomMetrics"];
const defaultWindowSeconds = 60;

/** Reads a CustomMetrics, strictly. @param text YAML @throws Error that names the field */
export function readConfiguration(text: string): Configuration {
  const message = builtInSchemas.message("custommetrics/v1.CustomMetrics");
  const { value: draft, problems: [problem] } = decodeMessage(message, parseYaml(text));
  if (problem !== undefined) throw new Error(problem);
  if (draft["apiVersion"] !== apiVersion || draft["kind"] !== kind) throw new Error(`it begins with "apiVersion: ${apiVersion}" and "kind: ${kind}"`);
  applyDefaults(message, draft);
  const [error] = validateStructure(message, draft);
  if (error) throw new Error(fieldErrorText(error));
  const { scrape = [], metrics = [], external = [] } = draft as unknown as CustomMetrics;
  return { scrape, external, rules: [...metrics.map(ruleOf), defaultRule] };
}

function ruleOf({ series, labels, name, type, windowSeconds = defaultWindowSeconds, ignore }: MetricRule, index: number): Rule {
  const expression = expressionOf(series, FieldPath.root.child("metrics").index(index).child("series"));
  return {
    fits: (figure) => expression.test(figure.name) && Object.entries(labels ?? {}).every(([key, value]) => figure.labels[key] === value),
    metricOf: (figure) => ({
      name: name === undefined ? figure.name : figure.name.replace(expression, name),
      rateMilliseconds: (type ?? (figure.isCounter ? "rate" : "gauge")) === "rate" ? windowSeconds * 1000 : undefined,
    }),
    isIgnored: ignore === true,
  };
}

function expressionOf(text: string, path: FieldPath): RegExp {
  try {
    return new RegExp(`^(?:${text})$`);
  } catch (error) {
    throw new Error(`${path.toString()}: ${(error as Error).message}`, { cause: error });
  }
}
