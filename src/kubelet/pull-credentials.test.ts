import { expect, it } from "vitest";

import type { Secret } from "#api/generated/core-v1.ts";
import { pullCredentials } from "./pull-credentials.ts";
import { podOf } from "./testing/pods.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const auths = {
  "https://index.docker.io/v1/": { auth: base64("hub:p:w") }, "registry.example.com": { username: "all", password: "1" },
  "registry.example.com/team": { username: "team", password: "2" }, "*.example.org": { identitytoken: "t" },
};
const secrets: { readonly [name: string]: unknown } = {
  keys: { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": base64(JSON.stringify({ auths })) } },
  broken: { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": base64("{") } },
};
const lookup = { secret: (_namespace: string, name: string) => Promise.resolve(secrets[name] as Secret | undefined) };
const pod = podOf({ imagePullSecrets: [{ name: "absent" }, { name: "broken" }, { name: "keys" }] });

it.each([
  ["nginx", ["hub"]],
  ["docker.io/library/nginx:1", ["hub"]],
  ["registry.example.com/team/app", ["team", "all"]],
  ["registry.example.com/other/app", ["all"]],
  ["a.example.org/x", [undefined]],
  ["a.b.example.org/x", []],
  ["quay.io/x", []],
])("%s", async (image, users) => {
  expect((await pullCredentials(lookup, pod, image)).map(({ username }) => username)).toEqual(users);
});

it("passwords may have colons", async () => expect((await pullCredentials(lookup, pod, "nginx"))[0]?.password).toBe("p:w"));
