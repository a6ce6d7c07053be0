import type { User } from "../request.ts";
import type { Authorizer, Decision } from "./authorizer.ts";

const allowed: Decision = { outcome: "allow", reason: "" };
const noOpinion: Decision = { outcome: "none", reason: "" };

/** Members of system:masters may do everything, whatever roles there are: the way back in when RBAC is broken. */
export class PrivilegedGroupAuthorizer implements Authorizer {
  readonly name = "privileged-group";

  authorize({ groups }: User): Decision {
    return groups.includes("system:masters") ? allowed : noOpinion;
  }
}
