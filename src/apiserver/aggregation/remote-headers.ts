import type { OutgoingHttpHeaders } from "node:http";
import { encodeExtraKey } from "../authentication/extra.ts";
import type { User } from "../request.ts";

/** Who asks, as a front proxy tells the servers behind it ("Configure the aggregation layer"). */
export function remoteHeaders({ name, uid, groups, extra }: User): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { "x-remote-user": name, "x-remote-group": [...groups] };
  if (uid) headers["x-remote-uid"] = uid;
  for (const [key, values] of Object.entries(extra)) headers[`x-remote-extra-${encodeExtraKey(key)}`] = [...values];
  return headers;
}
