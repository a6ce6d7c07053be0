import { holdsTrue } from "#api/apiextensions/conditions.ts";
import { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import type { JSONSchemaProps } from "#api/generated/apiextensions-v1.ts";
import type { KindReference, KubeObject, New } from "#machinery/kind.ts";
import { type TestServer, type TestServerOptions, serverForTest } from "../../testing/api-server.ts";
import type { TestResource } from "../../testing/test-client.ts";
import { WatchLog } from "../../testing/watch-log.ts";

type Version = New<CustomResourceDefinition["spec"]["versions"][number]>;

export interface Widget extends KubeObject {
  readonly spec?: { readonly [field: string]: unknown };
  readonly status?: { readonly [field: string]: unknown };
}

/** Of the kind that `widgets()` defines. */
export const Widgets: KindReference<Widget> = { group: "example.com", version: "v1", kind: "Widget", plural: "widgets", namespaced: true };

/** A definition of widgets.example.com; `version` adds to its only version, `spec` to the rest. */
export function widgets(
  version: Version = {}, spec: New<CustomResourceDefinition["spec"]> = {}, metadata: New<CustomResourceDefinition["metadata"]> = {},
): New<CustomResourceDefinition> {
  const only = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: anySpec }, ...version };
  return {
    apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name: "widgets.example.com", ...metadata },
    spec: { group: "example.com", scope: "Namespaced", names: { plural: "widgets", kind: "Widget" }, versions: [only], ...spec },
  };
}

const anySpec: New<JSONSchemaProps> = {
  type: "object",
  properties: {
    spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true }, status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
};

/** The schema of an object whose spec has these fields. */
export function specOf(properties: { readonly [name: string]: New<JSONSchemaProps> }, more: New<JSONSchemaProps> = {}): Version {
  return { schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties, ...more } } } } };
}

type Fields = { readonly [field: string]: unknown };

export function widget(name: string, spec: Fields = {}, more: Fields = {}): New<Widget> {
  return { apiVersion: "example.com/v1", kind: "Widget", metadata: { name, namespace: "default" }, spec, ...more } as New<Widget>;
}

/** Resolves once the definition is as wanted. */
export async function definitionWhere(
  server: TestServer, name: string, is: (definition: CustomResourceDefinition) => boolean,
): Promise<CustomResourceDefinition> {
  const log = new WatchLog();
  const watch = server.of(CustomResourceDefinition).watch("", { fieldSelector: `metadata.name=${name}` }, log);
  try {
    for (let count = 1; ; count++) {
      await log.count(count);
      const event = log.events[count - 1];
      if (event && is(event.object as unknown as CustomResourceDefinition)) return event.object as unknown as CustomResourceDefinition;
    }
  } finally {
    watch.close();
  }
}

/** A server with this definition, established. */
export async function serverWith(
  definition: New<CustomResourceDefinition> = widgets(), options?: TestServerOptions,
): Promise<{ readonly server: TestServer; readonly resource: TestResource<Widget> }> {
  const server = await serverForTest(options);
  await define(server, definition);
  return { server, resource: server.of(Widgets) };
}

export async function define(server: TestServer, definition: New<CustomResourceDefinition>): Promise<CustomResourceDefinition> {
  const { metadata } = await server.of(CustomResourceDefinition).create(definition);
  return definitionWhere(server, metadata.name, (each) => holdsTrue(each, "Established"));
}
