import { type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { dns1123SubdomainProblems, portNumberProblems } from "#machinery/names.ts";
import type { ServiceReference, WebhookClientConfig } from "../../generated/admissionregistration-v1.ts";
import { checkPresent } from "../../field-checks.ts";

const form = "; desired format: https://host[:port]/path";

/** How a webhook is reached: by an address, or by a service of the cluster. */
export function validateClientConfig({ url, service }: WebhookClientConfig, path: FieldPath): FieldError[] {
  if ((url === undefined) === (service === undefined)) return [requiredValue(path, "exactly one of url or service is required")];
  return service ? validateService(service, path.child("service")) : validateUrl(url ?? "", path.child("url"));
}

function validateUrl(text: string, path: FieldPath): FieldError[] {
  if (!URL.canParse(text)) return [requiredValue(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI for request${form}`)];
  const url = new URL(text);
  return [
    ...(url.protocol === "https:" ? [] : [invalidValue(path, url.protocol.replace(/:$/, ""), `'https' is the only allowed URL scheme${form}`)]),
    ...(url.host === "" ? [invalidValue(path, url.host, `host must be specified${form}`)] : []),
    ...(url.username + url.password === "" ? [] : [invalidValue(path, url.username, "user information is not permitted in the URL")]),
    ...(url.hash === "" ? [] : [invalidValue(path, url.hash.slice(1), "fragments are not permitted in the URL")]),
    ...(url.search === "" ? [] : [invalidValue(path, url.search.slice(1), "query parameters are not permitted in the URL")]),
  ];
}

function validateService({ namespace, name, path: servicePath, port }: ServiceReference, path: FieldPath): FieldError[] {
  return [
    ...checkPresent(name, path.child("name"), "service name is required"),
    ...checkPresent(namespace, path.child("namespace"), "service namespace is required"),
    ...portNumberProblems(port).map((problem) => invalidValue(path.child("port"), port, `port is not valid: ${problem}`)),
    ...(servicePath === undefined || servicePath === "" || servicePath === "/" ? [] : validatePath(servicePath, path.child("path"))),
  ];
}

function validatePath(text: string, path: FieldPath): FieldError[] {
  if (!text.startsWith("/")) return [invalidValue(path, text, "must start with a '/'")];
  const segments = text.slice(1).replace(/\/$/, "").split("/");
  return segments.flatMap((segment, index) => {
    if (segment === "") return [invalidValue(path, text, `segment[${index}] may not be empty`)];
    return dns1123SubdomainProblems(segment).map((problem) => invalidValue(path, text, `segment[${index}]: ${problem}`));
  });
}
