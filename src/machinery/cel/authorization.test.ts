import { expect, test } from "vitest";
import { RequestAuthorizer } from "./authorization.ts";
import { compile, kubernetesEnvironment } from "./cel.ts";
import { authorizerType, resourceCheckType, type AuthorizationQuestion } from "./library/kubernetes/authorizer.ts";

const environment = kubernetesEnvironment.with([["authorizer", authorizerType], ["authorizer.requestResource", resourceCheckType]]);

/** Runs an expression against an authorizer that lets only `get` pass. */
async function ask(source: string): Promise<{ readonly outcome: unknown; readonly asked: readonly AuthorizationQuestion[] }> {
  const asked: AuthorizationQuestion[] = [];
  const request = new RequestAuthorizer(async (question) => {
    asked.push(question);
    return question.verb === "fail" ? { allowed: false, reason: "", error: "broken" } : { allowed: question.verb === "get", reason: "because" };
  });
  const variables = {
    authorizer: request.authorizer, "authorizer.requestResource": request.requestResource({ group: "apps", resource: "deployments", name: "web" }),
  };
  const { value, error } = await request.evaluate(compile(source, environment).program!, variables);
  return { outcome: value ?? error, asked };
}

test.each<[source: string, outcome: unknown, ...asked: AuthorizationQuestion[]]>([
  ["authorizer.path('/healthz').check('get').allowed()", true, { path: "/healthz", verb: "get" }],
  [
    "authorizer.group('').resource('pods').subresource('log').namespace('a').name('b').check('create').allowed()", false,
    { group: "", resource: "pods", subresource: "log", namespace: "a", name: "b", verb: "create" },
  ],
  ["authorizer.requestResource.check('get').reason()", "because", { group: "apps", resource: "deployments", name: "web", verb: "get" }],
  [
    "authorizer.serviceAccount('ns', 'bot').group('').resource('pods').fieldSelector('a=b').labelSelector('c').check('get').allowed()", true,
    { serviceAccount: { namespace: "ns", name: "bot" }, group: "", resource: "pods", fieldSelector: "a=b", labelSelector: "c", verb: "get" },
  ],
  ["authorizer.path('/x').check('fail').errored() && authorizer.path('/x').check('fail').error() == 'broken'", true, { path: "/x", verb: "fail" }],
  ["true || authorizer.path('/x').check('get').allowed()", true],
  ["authorizer.path(' ').check('get').allowed()", "path must not be empty"],
  ["authorizer.serviceAccount('NS', 'a').path('/').check('get').allowed()", "Invalid service account namespace"],
  [
    "authorizer.path('/a').check('get').allowed() && authorizer.path('/b').check('put').allowed()", false,
    { path: "/a", verb: "get" }, { path: "/b", verb: "put" },
  ],
])("%s", async (source, outcome, ...asked) => {
  expect(await ask(source)).toEqual({ outcome, asked });
});

test("an expression may ask only as often as it can afford", async () => {
  const { outcome, asked } = await ask("['a', 'b', 'c', 'd'].all(path, authorizer.path('/' + path).check('get').allowed())");
  expect(outcome).toBe("operation cancelled: actual cost limit exceeded");
  expect(asked.map(({ path }) => path)).toEqual(["/a", "/b"]);
});
