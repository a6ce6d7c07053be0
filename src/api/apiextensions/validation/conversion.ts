import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { dns1035LabelProblems, dns1123SubdomainProblems, portNumberProblems } from "#machinery/names.ts";
import type { CustomResourceConversion, ServiceReference, WebhookClientConfig } from "../../generated/apiextensions-v1.ts";

const understood = ["v1", "v1beta1"];

export function validateConversion({ strategy, webhook }: CustomResourceConversion, path: FieldPath): readonly FieldError[] {
  const unknown = strategy === "" ? [requiredValue(path.child("strategy"))]
    : strategy === "None" || strategy === "Webhook" ? [] : [notSupportedValue(path.child("strategy"), strategy, ["None", "Webhook"])];
  const { clientConfig, conversionReviewVersions = [] } = webhook ?? {};
  // Upstream names the fields as an earlier version of the API did.
  const [configPath, versionsPath] = [path.child("webhookClientConfig"), path.child("conversionReviewVersions")];
  if (strategy !== "Webhook") {
    return [
      ...unknown,
      ...(clientConfig ? [forbiddenValue(configPath, "should not be set when strategy is not set to Webhook")] : []),
      ...(conversionReviewVersions.length > 0 ? [forbiddenValue(versionsPath, "should not be set when strategy is not set to Webhook")] : []),
    ];
  }
  return [
    ...(clientConfig ? validateClientConfig(clientConfig, configPath) : [requiredValue(configPath, "required when strategy is set to Webhook")]),
    ...validateReviewVersions(conversionReviewVersions, versionsPath),
  ];
}

function validateReviewVersions(versions: readonly string[], path: FieldPath): readonly FieldError[] {
  if (versions.length === 0) return [requiredValue(path)];
  const errors = versions.flatMap((version, index) => {
    if (versions.indexOf(version) < index) return [invalidValue(path.index(index), version, "duplicate version")];
    return dns1035LabelProblems(version).map((problem) => invalidValue(path.index(index), version, problem));
  });
  return versions.some((version) => understood.includes(version)) ? errors
    : [...errors, invalidValue(path, versions, `must include at least one of ${understood.join(", ")}`)];
}

function validateClientConfig({ url, service }: WebhookClientConfig, path: FieldPath): readonly FieldError[] {
  if ((url === undefined) === (service === undefined)) return [requiredValue(path, "exactly one of url or service is required")];
  return url === undefined ? validateService(service as ServiceReference, path.child("service")) : validateUrl(url, path.child("url"));
}

function validateUrl(text: string, path: FieldPath): readonly FieldError[] {
  const form = "; desired format: https://host[/path]";
  const parts = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/i.exec(text);
  const [, scheme = "", user, host = "", query = "", fragment = ""] = parts ?? [];
  if (!parts || /[\s\u0000-\u001f]/.test(text)) {
    return [requiredValue(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${form}`)];
  }
  return [
    ...(scheme === "https" ? [] : [invalidValue(path, scheme, `'https' is the only allowed URL scheme${form}`)]),
    ...(host === "" ? [invalidValue(path, host, `host must be provided${form}`)] : []),
    ...(user === undefined ? [] : [invalidValue(path, user, "user information is not permitted in the URL")]),
    ...(fragment === "" ? [] : [invalidValue(path, fragment, "fragments are not permitted in the URL")]),
    ...(query === "" ? [] : [invalidValue(path, query, "query parameters are not permitted in the URL")]),
  ];
}

function validateService({ name, namespace, path: urlPath = "", port }: ServiceReference, path: FieldPath): readonly FieldError[] {
  const wrongPort = portNumberProblems(port);
  return [
    ...(name === "" ? [requiredValue(path.child("name"), "service name is required")] : []),
    ...(namespace === "" ? [requiredValue(path.child("namespace"), "service namespace is required")] : []),
    ...(wrongPort.length > 0 ? [invalidValue(path.child("port"), port, `port is not valid: ${wrongPort.join(", ")}`)] : []),
    ...(urlPath === "" || urlPath === "/" ? [] : validateUrlPath(urlPath, path.child("path"))),
  ];
}

function validateUrlPath(text: string, path: FieldPath): readonly FieldError[] {
  if (text === "//") return [invalidValue(path, text, "segment[0] may not be empty")];
  const segments = text.slice(1).replace(/\/$/, "").split("/");
  return [
    ...(text.startsWith("/") ? [] : [invalidValue(path, text, "must start with a '/'")]),
    ...segments.flatMap((segment, index) => {
      if (segment === "") return [invalidValue(path, text, `segment[${index}] may not be empty`)];
      return dns1123SubdomainProblems(segment).map((problem) => invalidValue(path, text, `segment[${index}]: ${problem}`));
    }),
  ];
}
