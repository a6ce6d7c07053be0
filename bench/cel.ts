/** What CEL costs: loading it, compiling a rule and running it. Prints JSON. */
import { performance } from "node:perf_hooks";
import type { StructuralSchema } from "#machinery/cel/schema/structural.ts";

const loading = performance.now();
const { compile, kubernetesEnvironment } = await import("#machinery/cel/cel.ts");
const { declareSchema } = await import("#machinery/cel/schema/structural.ts");
const { limitsOf } = await import("#machinery/cel/schema/declared.ts");
const loaded = performance.now() - loading;

const schema: StructuralSchema = {
  type: "object",
  properties: {
    replicas: { type: "integer" }, minReplicas: { type: "integer" }, maxReplicas: { type: "integer" }, name: { type: "string", maxLength: 63 },
    containers: { type: "array", maxItems: 20, items: { type: "object", properties: { name: { type: "string" }, port: { type: "integer" } } } },
  },
};
const self = {
  replicas: 3, minReplicas: 1, maxReplicas: 5, name: "my-application-7",
  containers: Array.from({ length: 10 }, (_, index) => ({ name: `container-${index}`, port: 8000 + index })),
};
const rules = {
  comparison: "self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas",
  loop: "self.containers.all(c, has(c.port) && c.port > 1024 && c.name.startsWith('container-'))",
  nestedLoop: "self.containers.all(a, self.containers.exists_one(b, a.name == b.name))",
  map: "self.containers.map(c, c.port).sum() < 100000",
  pattern: "self.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
};

const declared = declareSchema(schema, false);
if (declared === undefined) throw new Error("the schema has no type");
const environment = kubernetesEnvironment.with([["self", declared.type]]);

const results: Record<string, unknown> = { loadMilliseconds: Math.round(loaded) };
for (const [name, rule] of Object.entries(rules)) {
  const { program, errors } = compile(rule, environment);
  if (program === undefined) throw new Error(errors);
  results[name] = {
    compileMicroseconds: microseconds(() => compile(rule, environment), 300),
    evaluateMicroseconds: microseconds(() => program.evaluate({ self }), 3000),
    cost: program.evaluate({ self }).cost, estimate: program.estimateCost(limitsOf(declared)).maximum,
  };
}
console.log(JSON.stringify(results, undefined, 2));

/** Of processor time, so that whatever else the machine does counts little. */
function microseconds(run: () => unknown, rounds: number): number {
  for (let round = 0; round < rounds; round++) run();
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) run();
  const { user, system } = process.cpuUsage(before);
  return Math.round(((user + system) * 10) / rounds) / 10;
}
