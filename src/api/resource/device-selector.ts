import { compile, type Program } from "#machinery/cel/cel.ts";
import type { SizeLimits } from "#machinery/cel/cost/estimate.ts";
import { Environment } from "#machinery/cel/environment.ts";
import { bindingsLibrary, kubernetesLibraries } from "#machinery/cel/library/kubernetes/kubernetes.ts";
import { quantityType, quantityValue } from "#machinery/cel/library/kubernetes/quantities.ts";
import { semanticVersion } from "#machinery/cel/library/kubernetes/semantic-versions.ts";
import { type Declared, declaredAny, declaredBool, declaredMap, declaredObject, declaredText } from "#machinery/cel/schema/declared.ts";
import { BuiltMap, CelMap, DataMap } from "#machinery/cel/values/map.ts";
import type { Value } from "#machinery/cel/values/value.ts";
import { wrapAny } from "#machinery/cel/values/wrap.ts";
import type { Device, DeviceAttribute } from "../generated/resource-v1.ts";

/** Which devices will do, by an expression about `device` (API reference: resource.k8s.io/v1 CELDeviceSelector). */
export interface DeviceSelector {
  /** What the writer of the expression is told, where it cannot be used. */
  readonly problem?: string;
  /** The most that a run may cost, by the limits of what devices may have. */
  readonly mostCost: number;
  /** @throws Error where the expression cannot be evaluated for this device */
  matches(device: Device, driver: string): boolean;
}

/** What a run may cost, and an expression at most may be expected to cost. */
export const mostSelectorCost = 1_000_000;
/** The latest so many selectors are kept: most devices are asked for by few. */
const mostKept = 256;

const [longestValue, longestDomain, longestId, longestDriver, mostAttributes] = [64, 63, 32, 63, 32];
const declaredQuantity: Declared = { type: quantityType, most: 0, leastBytes: 2 };
const declaredDevice = declaredObject("kubernetes.DRADevice", [
  ["driver", declaredText(longestDriver), true],
  ["attributes", declaredMap(declaredMap(declaredAny(longestValue), mostAttributes), mostAttributes), true],
  ["capacity", declaredMap(declaredMap(declaredQuantity, mostAttributes), mostAttributes), true],
  ["allowMultipleAllocations", declaredBool, true],
]);
const environment = Environment.of([...kubernetesLibraries, bindingsLibrary]).with([["device", declaredDevice.type]]);
const kept = new Map<string, DeviceSelector>();

export function deviceSelector(expression: string): DeviceSelector {
  const selector = kept.get(expression) ?? make(expression);
  kept.delete(expression);
  if (kept.size >= mostKept) kept.delete(kept.keys().next().value ?? "");
  kept.set(expression, selector);
  return selector;
}

function make(expression: string): DeviceSelector {
  const { program, errors } = compile(expression, environment);
  if (!program) return unusable(`compilation failed: ${errors}`);
  const { is } = program.type;
  if (is !== "bool" && is !== "dyn") return unusable(`must evaluate to bool or the unknown type, not ${program.typeText}`);
  return { mostCost: program.estimateCost(limits).maximum, matches: remembering((device, driver) => evaluate(program, device, driver)) };
}

function unusable(problem: string): DeviceSelector {
  return {
    problem, mostCost: 0,
    matches: () => {
      throw new Error(`CEL compile error: ${problem}`);
    },
  };
}

/** Devices are asked about again and again and never change; their drivers neither. */
function remembering(look: (device: Device, driver: string) => boolean): (device: Device, driver: string) => boolean {
  const known = new WeakMap<Device, boolean>();
  return (device, driver) => {
    const answer = known.get(device) ?? look(device, driver);
    known.set(device, answer);
    return answer;
  };
}

function evaluate(program: Program, { attributes = {}, capacity = {}, allowMultipleAllocations = false }: Device, driver: string): boolean {
  const device = {
    driver, allowMultipleAllocations,
    attributes: byDomain(attributes, driver, attributeValue), capacity: byDomain(capacity, driver, ({ value }) => quantityValue(value)),
  };
  const { value, error } = program.evaluate({ device }, mostSelectorCost);
  if (error !== undefined) throw new Error(`CEL runtime error: ${error}`);
  if (typeof value !== "boolean") throw new Error("CEL runtime error: the result is no bool");
  return value;
}

/** What has no domain in its name belongs to the driver's. */
function byDomain<T>(named: { readonly [name: string]: T }, driver: string, valueOf: (item: T) => Value): CelMap {
  const domains = new Map<string, { [id: string]: Value }>();
  for (const [name, item] of Object.entries(named)) {
    const slash = name.indexOf("/");
    const domain = slash < 0 ? driver : name.slice(0, slash);
    const values = domains.get(domain) ?? {};
    values[name.slice(slash + 1)] = valueOf(item);
    domains.set(domain, values);
  }
  return new DomainMap(new Map([...domains].map(([domain, values]) => [domain, new DataMap(values, wrapAny)])));
}

/** Domains that a device has nothing of are there all the same, and empty. */
class DomainMap extends CelMap {
  readonly #domains: ReadonlyMap<string, DataMap>;

  constructor(domains: ReadonlyMap<string, DataMap>) {
    super();
    this.#domains = domains;
  }

  get size(): number {
    return this.#domains.size;
  }

  get(key: Value): Value {
    return (typeof key === "string" ? this.#domains.get(key) : undefined) ?? BuiltMap.empty;
  }

  override has(key: Value): boolean {
    return typeof key === "string" && this.#domains.has(key);
  }

  keys(): Iterable<string> {
    return this.#domains.keys();
  }
}

/** @throws EvaluationError where a version is none */
function attributeValue(attribute: DeviceAttribute): Value {
  return attribute.version === undefined ? wrapAny(plainValue(attribute)) : semanticVersion(attribute.version);
}

/** An attribute's value as data; texts and versions are both texts. */
export function plainValue({ int, bool, string, version }: DeviceAttribute): number | boolean | string | undefined {
  return int ?? bool ?? string ?? version;
}

/** How large what an expression names may be: whatever the name of an attribute, its value has the same limit. */
const limits: SizeLimits = (path) => {
  let declared: Declared | undefined = declaredDevice;
  for (const step of path.slice(1)) declared = step === "@keys" ? keyOf(declared) : (declared?.fields?.get(step) ?? declared?.element);
  return declared?.most;
};

function keyOf(map: Declared | undefined): Declared | undefined {
  return map && declaredText(map.element?.element ? longestDomain : longestId);
}
