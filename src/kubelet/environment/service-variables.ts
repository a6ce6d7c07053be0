import type { Service } from "#api/generated/core-v1.ts";

/** The variables by which a pod finds the services of its namespace (Kubernetes "Services: environment variables"). */
export function serviceVariables(services: readonly Service[]): readonly (readonly [name: string, value: string])[] {
  return services.flatMap((service) => {
    const { clusterIP, ports = [] } = service.spec;
    const [first] = ports;
    if (!clusterIP || clusterIP === "None" || first === undefined) return [];
    const prefix = service.metadata.name.toUpperCase().replaceAll(/[-.]/g, "_");
    const address = clusterIP.includes(":") ? `[${clusterIP}]` : clusterIP;
    const url = (port: typeof first): string => `${port.protocol.toLowerCase()}://${address}:${port.port}`;
    return [
      [`${prefix}_SERVICE_HOST`, clusterIP],
      [`${prefix}_SERVICE_PORT`, String(first.port)],
      ...ports.filter(({ name }) => name).map(({ name = "", port }) =>
        [`${prefix}_SERVICE_PORT_${name.toUpperCase().replaceAll("-", "_")}`, String(port)] as const),
      [`${prefix}_PORT`, url(first)],
      ...ports.flatMap((port) => {
        const portPrefix = `${prefix}_PORT_${port.port}_${port.protocol}`;
        return [
          [portPrefix, url(port)],
          [`${portPrefix}_PROTO`, port.protocol.toLowerCase()],
          [`${portPrefix}_PORT`, String(port.port)],
          [`${portPrefix}_ADDR`, clusterIP],
        ] as const;
      }),
    ];
  });
}
