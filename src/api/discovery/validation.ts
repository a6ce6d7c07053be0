import { type FieldError, invalidValue, requiredValue, tooMany } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { parseIp } from "#machinery/ip.ts";
import { dns1123LabelProblems, dns1123SubdomainProblems, qualifiedNameProblems } from "#machinery/names.ts";
import { specialAddressProblems } from "#machinery/special-addresses.ts";
import type { Endpoint, EndpointSlice } from "../generated/discovery-v1.ts";
import { checkDistinct, checkOptionalName, invalid } from "../field-checks.ts";

const maximumEndpoints = 1000;
const maximumPorts = 20_000;
const maximumAddresses = 100;

export function validateEndpointSlice({ endpoints = [], ports = [], addressType }: EndpointSlice): FieldError[] {
  const portsPath = fieldPath("ports");
  const endpointsPath = fieldPath("endpoints");
  return [
    ...(endpoints.length > maximumEndpoints ? [tooMany(endpointsPath, endpoints.length, maximumEndpoints)] : []),
    ...endpoints.flatMap((endpoint, index) => validateEndpoint(endpoint, addressType, endpointsPath.index(index))),
    ...(ports.length > maximumPorts ? [tooMany(portsPath, ports.length, maximumPorts)] : []),
    ...ports.flatMap(({ name, appProtocol }, index) => [
      ...checkOptionalName(name, portsPath.index(index).child("name"), dns1123LabelProblems),
      ...checkOptionalName(appProtocol, portsPath.index(index).child("appProtocol"), qualifiedNameProblems),
    ]),
    ...(ports.length > 1 ? checkDistinct(ports, ({ name }) => name, (index) => portsPath.index(index).child("name")) : []),
  ];
}

function validateEndpoint({ addresses, hostname, nodeName }: Endpoint, addressType: EndpointSlice["addressType"], path: FieldPath): FieldError[] {
  const at = path.child("addresses");
  return [
    ...(addresses.length === 0 ? [requiredValue(at, "must contain at least 1 address")] : []),
    ...(addresses.length > maximumAddresses ? [tooMany(at, addresses.length, maximumAddresses)] : []),
    ...addresses.flatMap((address, index) => validateAddress(address, addressType, at.index(index))),
    ...checkOptionalName(hostname, path.child("hostname"), dns1123LabelProblems),
    ...checkOptionalName(nodeName, path.child("nodeName"), dns1123SubdomainProblems),
  ];
}

function validateAddress(address: string, type: EndpointSlice["addressType"], path: FieldPath): FieldError[] {
  if (type === "FQDN") return invalid(path, address, dns1123SubdomainProblems(address));
  const parsed = parseIp(address);
  if (!parsed || (type === "IPv4") !== (parsed.family === 4)) return [invalidValue(path, address, `must be an ${type} address`)];
  return invalid(path, address, specialAddressProblems(parsed, address));
}
