import { isExtendedResource } from "#api/core/validation/resources.ts";
import { builtInSchemas } from "#api/define-kind.ts";
import type { Extender, KubeSchedulerConfiguration, KubeSchedulerProfile } from "#api/generated/schedulerconfig-v1.ts";
import { duplicateValue, type FieldError, fieldErrorText, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { FieldPath } from "#machinery/field-path.ts";
import { decodeMessage } from "#machinery/schema/decode.ts";
import { applyDefaults } from "#machinery/schema/default.ts";
import { validateStructure } from "#machinery/schema/validate.ts";
import { defaultProfile, type Profile } from "../profile.ts";
import { buildProfile } from "./build-profile.ts";
import { ConfigurationError } from "./configuration-error.ts";

/** What a configuration file comes to. */
export interface Configuration {
  readonly profiles: readonly Profile[];
  readonly firstBackoffMilliseconds: number;
  readonly longestBackoffMilliseconds: number;
  readonly extenders: readonly Extender[];
}

/** What goes without a file. */
export const defaultConfiguration: Configuration = {
  profiles: [defaultProfile], firstBackoffMilliseconds: 1000, longestBackoffMilliseconds: 10_000, extenders: [],
};

const apiVersion = "kubescheduler.config.k8s.io/v1";
const kind = "KubeSchedulerConfiguration";

/**
 * Reads the scheduler's configuration file (API reference: kube-scheduler Configuration, v1), strictly.
 * @param document the file's JSON value
 * @throws ConfigurationError that names every field that is wrong
 */
export function readConfiguration(document: unknown): Configuration {
  const configuration = decoded(document);
  const { profiles = [{}], extenders = [], podInitialBackoffSeconds, podMaxBackoffSeconds, percentageOfNodesToScore = 0 } = configuration;
  const named = profiles.map((profile) => (profiles.length === 1 ? { schedulerName: defaultProfile.name, ...profile } : profile));
  const errors = [...checked(configuration, named), ...checkedExtenders(extenders)];
  if (errors.length > 0) throw new ConfigurationError(errors.map(fieldErrorText));
  const elsewhere = extenders.flatMap(({ managedResources = [] }) => managedResources.flatMap((one) => (one.ignoredByScheduler ? [one.name] : [])));
  const shared = { percentageOfNodesToScore, ignoredResources: elsewhere };
  const built = named.map((profile, index) => buildProfile(profile, shared, FieldPath.root.child("profiles").index(index)));
  const sorts = new Set(built.map(({ plugins }) => plugins.find(({ plugin }) => plugin.comesFirst)?.plugin.name));
  if (sorts.size > 1) throw new ConfigurationError(["profiles: Invalid value: must have the same queueSort plugin"]);
  return {
    profiles: built, extenders, firstBackoffMilliseconds: podInitialBackoffSeconds * 1000, longestBackoffMilliseconds: podMaxBackoffSeconds * 1000,
  };
}

function decoded(document: unknown): KubeSchedulerConfiguration {
  const message = builtInSchemas.message("schedulerconfig/v1.KubeSchedulerConfiguration");
  const { value, problems } = decodeMessage(message, document);
  if (value["apiVersion"] !== apiVersion || value["kind"] !== kind) {
    const { kind: given = "", apiVersion: version = "" } = value as { readonly kind?: string; readonly apiVersion?: string };
    throw new ConfigurationError([`no kind "${given}" is registered for version "${version}"`]);
  }
  if (problems.length > 0) throw new ConfigurationError([`strict decoding error: ${problems.join(", ")}`]);
  applyDefaults(message, value);
  const errors = validateStructure(message, value);
  if (errors.length > 0) throw new ConfigurationError(errors.map(fieldErrorText));
  return value as unknown as KubeSchedulerConfiguration;
}

function checked(configuration: KubeSchedulerConfiguration, profiles: readonly KubeSchedulerProfile[]): FieldError[] {
  const { podInitialBackoffSeconds, podMaxBackoffSeconds } = configuration;
  const errors: FieldError[] = [];
  if (podMaxBackoffSeconds < podInitialBackoffSeconds) {
    const where = FieldPath.root.child("podMaxBackoffSeconds");
    errors.push(invalidValue(where, podMaxBackoffSeconds, "must be greater than or equal to PodInitialBackoffSeconds"));
  }
  const names = new Set<string>();
  for (const [index, { schedulerName }] of profiles.entries()) {
    const where = FieldPath.root.child("profiles").index(index).child("schedulerName");
    if (!schedulerName) errors.push(requiredValue(where));
    else if (names.has(schedulerName)) errors.push(duplicateValue(where, schedulerName));
    names.add(schedulerName ?? "");
  }
  return errors;
}

function checkedExtenders(extenders: readonly Extender[]): FieldError[] {
  const where = FieldPath.root.child("extenders");
  const names = extenders.flatMap(({ managedResources = [] }) => managedResources.map(({ name }) => name));
  const errors = extenders.flatMap(({ prioritizeVerb, weight = 0, managedResources = [] }, index) => [
    ...managedResources.flatMap(({ name }, place) => {
      const at = where.index(index).child("managedResources").index(place);
      return isExtendedResource(name) ? [] : [invalidValue(at, name, "is an invalid extended resource name")];
    }),
    ...(prioritizeVerb && weight <= 0 ? [invalidValue(where.index(index).child("weight"), weight, "must have a positive weight applied to it")] : []),
  ]);
  for (const name of new Set(names.filter((one, index) => names.indexOf(one) < index))) {
    errors.push(invalidValue(where, name, "duplicate extender managed resource name"));
  }
  const binders = extenders.filter(({ bindVerb }) => bindVerb).length;
  if (binders <= 1) return errors;
  return [...errors, invalidValue(where, `found ${binders} extenders implementing bind`, "only one extender can implement bind")];
}
