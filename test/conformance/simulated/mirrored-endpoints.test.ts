import { Endpoints } from "#api/core/endpoints.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { conformance } from "../conformance.ts";

conformance(
  "[sig-network] EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete [Conformance]",
  async ({ of, namespace, until }) => {
    const metadata = { namespace, name: "example-custom-endpoints" };
    const subsetOf = (ip: string, port: number) => [{ addresses: [{ ip }], ports: [{ port }] }] as const;
    /** The one slice's addresses and ports, once there is one. */
    const mirrored = async (): Promise<string | undefined> => {
      const { items } = await of(EndpointSlice).list(namespace, { labelSelector: "kubernetes.io/service-name=example-custom-endpoints" });
      const [slice, ...more] = items;
      return slice && more.length === 0 ? `${slice.endpoints!.flatMap(({ addresses }) => addresses).join()} ${slice.ports![0]!.port}` : undefined;
    };
    await of(Service).create({ metadata, spec: { ports: [{ name: "example", port: 80, protocol: "TCP" }] } });
    await of(Endpoints).create({ metadata, subsets: subsetOf("10.1.2.3", 80) });
    await until("the endpoints are mirrored", async () => (await mirrored()) === "10.1.2.3 80");
    await until("they are updated", async () => of(Endpoints).update({
      ...(await of(Endpoints).get(namespace, metadata.name)), subsets: subsetOf("10.2.3.4", 9090) as unknown as Endpoints["subsets"],
    }));
    await until("the update is mirrored", async () => (await mirrored()) === "10.2.3.4 9090");
    await of(Endpoints).delete(namespace, metadata.name);
    await until("the slice is gone", async () => (await of(EndpointSlice).list(namespace)).items.length === 0);
  },
);
