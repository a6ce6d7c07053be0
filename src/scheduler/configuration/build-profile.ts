import { builtInSchemas } from "#api/define-kind.ts";
import type { KubeSchedulerProfile, PluginConfig, Plugins, PluginSet } from "#api/generated/schedulerconfig-v1.ts";
import { duplicateValue, type FieldError, fieldErrorText, invalidValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { decodeMessage } from "#machinery/schema/decode.ts";
import { applyDefaults } from "#machinery/schema/default.ts";
import { validateStructure } from "#machinery/schema/validate.ts";
import type { Plugin } from "../plugin.ts";
import { type KnownPlugin, knownPlugins, type Profile } from "../profile.ts";
import { checkArguments } from "./check-arguments.ts";
import { ConfigurationError } from "./configuration-error.ts";

type Point = Exclude<keyof Plugins, "multiPoint">;
type Method = Exclude<keyof Plugin, "name" | "isLocal" | "mayHelp">;

/** What a plugin does at each point at which it is asked. What `filter` and `score` need, they bring along. */
const methods: { readonly [point in Point]: readonly Method[] } = {
  preEnqueue: ["holdsBack"], queueSort: ["comesFirst"], preFilter: ["refuse", "candidates"], filter: ["prepare", "filter"], postFilter: ["rescue"],
  preScore: [], score: ["prepareScore", "score", "normalize"], reserve: ["reserve"], permit: [], preBind: [], bind: ["bind"], postBind: [],
};
const points = Object.keys(methods) as readonly Point[];
const everyone = "*";

/** What holds for all profiles. */
export interface SharedSettings {
  readonly percentageOfNodesToScore: number;
  /** Resources that extenders look after alone. */
  readonly ignoredResources: readonly string[];
}

/**
 * The default plugins with what the profile adds, takes away and sets. All points share one order: that of the defaults, then of what is added.
 * @param shared what holds for all profiles that say nothing else
 * @throws ConfigurationError
 */
export function buildProfile(profile: KubeSchedulerProfile, shared: SharedSettings, where: FieldPath): Profile {
  const { schedulerName = "", plugins = {}, pluginConfig = [] } = profile;
  const errors = [...unknownPlugins(plugins, where.child("plugins")), ...wrongConfig(pluginConfig, where.child("pluginConfig"))];
  if (errors.length > 0) throw new ConfigurationError(errors.map(fieldErrorText));
  const made = inOrder(plugins).map((known) => {
    const config = pluginConfig.find(({ name }) => name === known.name);
    const given = known.hasArguments ? settings(known.name, config, where.child("pluginConfig")) : {};
    const ignored = known.name === "NodeResourcesFit" ? { ignoredResources: [...list(given["ignoredResources"]), ...shared.ignoredResources] } : {};
    const plugin = known.make({ ...given, ...ignored } as never);
    return { plugin: restricted(plugin, plugins), weight: weightOf(known, plugins) };
  });
  const lacks = lacking(made);
  if (lacks !== undefined) throw new ConfigurationError([`${lacks} for profile with scheduler name "${schedulerName}"`]);
  return { name: schedulerName, percentageOfNodesToScore: profile.percentageOfNodesToScore ?? shared.percentageOfNodesToScore, plugins: made };
}

/** What no profile can do without. */
function lacking(made: Profile["plugins"]): string | undefined {
  if (made.filter(({ plugin }) => plugin.comesFirst).length !== 1) return "only one queue sort plugin required";
  return made.some(({ plugin }) => plugin.bind) ? undefined : "at least one bind plugin is needed";
}

function inOrder(plugins: Plugins): readonly KnownPlugin[] {
  const byDefault = knownPlugins.filter(({ name }) => !isDisabled(name, plugins.multiPoint)).map(({ name }) => name);
  const added = [plugins.multiPoint, ...points.map((point) => plugins[point])].flatMap((set) => (set?.enabled ?? []).map(({ name }) => name));
  return [...new Set([...byDefault, ...added])].flatMap((name) => knownPlugins.find((known) => known.name === name) ?? []);
}

/** The plugin with what it does at the points where it is enabled. */
function restricted(plugin: Plugin<unknown, unknown>, plugins: Plugins): Plugin<unknown, unknown> {
  const off = points.filter((point) => !isEnabled(plugin.name, point, plugins)).flatMap((point) => methods[point]);
  return off.length === 0 ? plugin : { ...plugin, ...Object.fromEntries(off.map((method) => [method, undefined])) };
}

function isEnabled(name: string, point: Point, plugins: Plugins): boolean {
  if (names(plugins[point]?.enabled).includes(name)) return true;
  const everywhere = names(plugins.multiPoint?.enabled).includes(name) || !isDisabled(name, plugins.multiPoint);
  return everywhere && !isDisabled(name, plugins[point]);
}

function isDisabled(name: string, set: PluginSet | undefined): boolean {
  return names(set?.disabled).some((disabled) => disabled === name || disabled === everyone);
}

function weightOf({ name, weight }: KnownPlugin, { score, multiPoint }: Plugins): number {
  const said = [score, multiPoint].map((set) => set?.enabled?.find((plugin) => plugin.name === name)?.weight);
  return said[0] || said[1] || weight;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function names(plugins: PluginSet["enabled"] = []): readonly string[] {
  return plugins.map(({ name }) => name);
}

function unknownPlugins(plugins: Plugins, where: FieldPath): FieldError[] {
  return ([...points, "multiPoint"] as const).flatMap((point) =>
    names(plugins[point]?.enabled).flatMap((name, index) =>
      isKnown(name) ? [] : [invalidValue(where.child(point).child("enabled").index(index), name, `${name} does not exist`)]));
}

function wrongConfig(config: readonly PluginConfig[], where: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return config.flatMap(({ name }, index) => {
    const isDouble = seen.has(name);
    seen.add(name);
    if (isDouble) return [duplicateValue(where.index(index), name)];
    return isKnown(name) ? [] : [invalidValue(where.index(index).child("name"), name, `${name} does not exist`)];
  });
}

function isKnown(name: string): boolean {
  return knownPlugins.some((known) => known.name === name);
}

/** A plugin's settings with their defaults. @throws ConfigurationError */
function settings(name: string, { args = {} }: Partial<PluginConfig> = {}, where: FieldPath): { [field: string]: unknown } {
  const message = builtInSchemas.message(`schedulerconfig/v1.${name}Args`);
  const { apiVersion: _version, kind: _kind, ...given } = args as { readonly [field: string]: unknown };
  const { value, problems } = decodeMessage(message, given);
  if (problems.length > 0) throw new ConfigurationError([`${name}Args: strict decoding error: ${problems.join(", ")}`]);
  applyDefaults(message, value);
  const path = where.key(name).child("args");
  const structure = validateStructure(message, value, path);
  const errors = structure.length > 0 ? structure : checkArguments(name, value, path);
  if (errors.length > 0) throw new ConfigurationError(errors.map(fieldErrorText));
  return value;
}
