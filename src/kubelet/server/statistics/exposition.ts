/** One metric with all its values. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels?: { readonly [name: string]: string };
  readonly value: number;
  /** Milliseconds since 1970; absent: now. */
  readonly at?: number;
}

export const expositionType = "text/plain; version=0.0.4; charset=utf-8";

/** As Prometheus reads it (exposition format 0.0.4). Families without values are left out. */
export function exposition(families: readonly MetricFamily[]): string {
  return families.filter(({ samples }) => samples.length > 0).map(({ name, help, type, samples }) => {
    const lines = samples.map(({ labels = {}, value, at }) => `${name}${labelText(labels)} ${value}${at === undefined ? "" : ` ${at}`}\n`);
    return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
  }).join("");
}

function labelText(labels: { readonly [name: string]: string }): string {
  const quoted = (value: string): string => value.replaceAll(/["\\\n]/g, (each) => (each === "\n" ? "\\n" : `\\${each}`));
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${quoted(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
