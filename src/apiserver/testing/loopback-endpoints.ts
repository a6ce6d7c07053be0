import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { New } from "#machinery/kind.ts";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import type { TestServer } from "./api-server.ts";

/** Puts endpoints there that lead to a server of the test: the API itself refuses those on loopback. */
export async function putEndpoints({ server }: TestServer, slice: New<EndpointSlice>): Promise<void> {
  const storage = server.registry.of(EndpointSlice)?.storage;
  if (!storage) throw new Error("endpoint slices are not stored");
  const { object } = decodeObject(EndpointSlice, slice, "Strict");
  const current = storage.get(object.metadata.namespace, object.metadata.name);
  if (current) await storage.replace(current, { ...current.object, ...object, metadata: current.object.metadata });
  else await storage.create(object);
}
