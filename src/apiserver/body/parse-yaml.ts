import { parseDocument } from "yaml";
import { badRequest } from "#machinery/status-error.ts";

/**
 * Reads YAML as Kubernetes does: version 1.1 (`yes` is true, `0644` is octal) with merge keys, and without dates.
 * @throws StatusError 400
 */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, {
    version: "1.1", merge: true, uniqueKeys: false, prettyErrors: false, logLevel: "silent",
    customTags: (tags) => tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:timestamp"),
  });
  const [problem] = document.errors;
  if (problem) throw badRequest(`couldn't get version/kind; yaml parse error: ${problem.message}`);
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw badRequest(`couldn't get version/kind; yaml parse error: ${error instanceof Error ? error.message : String(error)}`);
  }
}
