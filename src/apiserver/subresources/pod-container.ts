import type { Pod } from "#api/core/pod.ts";
import { badRequest } from "#machinery/status-error.ts";

/** The container that a request is about: the one that it names, or the only one. @throws StatusError (400) in upstream's words */
export function containerOf({ metadata, spec }: Pod, asked: string): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = spec;
  if (asked !== "") {
    const isThere = [...containers, ...initContainers, ...ephemeralContainers].some(({ name }) => name === asked);
    if (!isThere) throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
    return asked;
  }
  const [only] = containers;
  if (containers.length === 1 && only) return only.name;
  if (containers.length === 0) throw badRequest(`a container name must be specified for pod ${metadata.name}`);
  const namesOf = (list: readonly { readonly name: string }[]): string => list.map(({ name }) => name).join(" ");
  const more = initContainers.length > 0 ? ` or one of the init containers: [${namesOf(initContainers)}]` : "";
  throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${namesOf(containers)}]${more}`);
}
