import { equal } from "#machinery/equality.ts";
import type { Draft, KubeObject } from "#machinery/kind.ts";

/** An owner that is named twice counts once; the client is told. @param when before or after admission may have added one */
export function dropDoubleOwners({ metadata }: Draft<KubeObject>, when: "written" | "admitted", context: { warn(message: string): void }): void {
  const owners = metadata.ownerReferences;
  if (owners === undefined || owners.length < 2) return;
  const doubles: string[] = [];
  const kept = owners.filter((owner, index) => {
    const isDouble = owners.slice(0, index).some((other) => other.uid === owner.uid && equal(other, owner));
    if (isDouble) doubles.push(owner.uid);
    return !isDouble;
  });
  if (doubles.length === 0) return;
  metadata.ownerReferences = kept;
  const where = when === "admitted" ? " after mutating admission happens" : "";
  context.warn(
    `.metadata.ownerReferences contains duplicate entries${where}; API server dedups owner ` +
    "references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: " + doubles.join(", "),
  );
}
