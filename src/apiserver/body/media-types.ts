export const jsonMediaType = "application/json";
export const yamlMediaType = "application/yaml";
export const protobufMediaType = "application/vnd.kubernetes.protobuf";

/** What bodies may come as, in the order in which errors list them. */
export const objectMediaTypes: readonly string[] = [jsonMediaType, yamlMediaType, protobufMediaType];

/** Of custom kinds, which have no protobuf. */
export const textMediaTypes: readonly string[] = [jsonMediaType, yamlMediaType];

/** The media type alone, in lower case, without parameters. */
export function bareMediaType(header: string): string {
  const semicolon = header.indexOf(";");
  return (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase();
}
