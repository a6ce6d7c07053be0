import type { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import type { CustomResourceDefinitionVersion } from "#api/generated/apiextensions-v1.ts";
import { builtInSchemas } from "#api/define-kind.ts";
import { jsonSchemaOf } from "#api/apiextensions/json-schema.ts";
import { type Kind, kindOf, type KubeObject } from "#machinery/kind.ts";
import type { Message } from "#machinery/schema/message.ts";
import { customMessage } from "#machinery/structural-schema/message.ts";
import { compareVersions } from "../discovery/version-order.ts";
import { printerColumns } from "./columns.ts";
import { scaleMapping } from "./scale.ts";
import { customValidation } from "./validation.ts";

/** A version of a definition as the very `Kind` that a built-in one is. Its schema is compiled when it is first needed. */
export function customKind({ spec, status }: CustomResourceDefinition, version: CustomResourceDefinitionVersion): Kind {
  const { group, scope } = spec;
  const { plural, singular, kind, listKind, shortNames, categories } = status.acceptedNames;
  const name = `${group}/${version.name}.${kind}`;
  let message: Message | undefined;
  const schemas = {
    message: () => (message ??= customMessage({
      name, openapiName: openapiName(group, version.name, kind), schema: jsonSchemaOf(version),
      metadata: builtInSchemas.message("meta/v1.ObjectMeta"),
    })),
  };
  const { scale } = version.subresources ?? {};
  const hasStatus = version.subresources?.status !== undefined;
  return kindOf<KubeObject>({
    group, version: version.name, kind, plural, message: name,
    scope: scope === "Cluster" ? "Cluster" : "Namespaced",
    ...(singular ? { singular } : {}), ...(listKind ? { listKind } : {}),
    ...(shortNames ? { shortNames } : {}), ...(categories ? { categories } : {}),
    subresources: { status: hasStatus, ...(scale ? { scale: scaleMapping(scale) } : {}) },
    columns: printerColumns(version), omitsAge: true,
    selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./, "")),
    unconditionalUpdate: false,
    ...(version.deprecated === true && { deprecation: deprecationOf(spec, version) }),
    ...customValidation(jsonSchemaOf(version), version),
    prepareForStatusUpdate(draft, old) {
      // Writers of the status change nothing else, not even labels; and one that says nothing of it changes nothing at all.
      for (const field of ["labels", "annotations"] as const) {
        if (old.metadata[field] === undefined) delete draft.metadata[field];
        else draft.metadata[field] = { ...old.metadata[field] };
      }
      const [next, { status: before }] = [draft as { status?: unknown }, old as { status?: unknown }];
      if (next.status === undefined && before !== undefined) next.status = structuredClone(before);
    },
  }, schemas);
}

/** What its author says, or else that it is deprecated and which newer version is not. */
function deprecationOf({ group, names: { kind }, versions }: CustomResourceDefinition["spec"], version: CustomResourceDefinitionVersion): string {
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const newer = versions.find(({ served, deprecated, name }) => served && deprecated !== true && compareVersions(name, version.name) < 0);
  return `${group}/${version.name} ${kind} is deprecated${newer ? `; use ${group}/${newer.name} ${kind}` : ""}`;
}

/** `stable.example.com`, `v1`, `CronTab` → `com.example.stable.v1.CronTab` */
function openapiName(group: string, version: string, kind: string): string {
  return [...group.split(".").reverse(), version, kind].join(".");
}
