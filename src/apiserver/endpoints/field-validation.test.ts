import { afterAll, beforeAll, expect, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { startTestServer, type TestServer } from "../testing/api-server.ts";
import type { HttpClient } from "../testing/http-client.ts";
import { listenForTest } from "../testing/http-server.ts";

let api: TestServer;
let client: HttpClient;

beforeAll(async () => {
  api = await startTestServer();
  client = await listenForTest(api);
});
afterAll(() => api.close());

const path = "/apis/apps/v1/namespaces/default/deployments";
let count = 0;

/** A deployment in JSON with two fields too many, and two that are there twice. */
const odd = (name: string): string => `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"${name}"},"unknown1":1,"spec":{"paused":true,"paused":false,
"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","unknownNested":1,
"imagePullPolicy":"Always","imagePullPolicy":"Never"}]}}}}`;
const inJson = [
  'duplicate field "spec.paused"', 'duplicate field "spec.template.spec.containers[0].imagePullPolicy"',
  'unknown field "unknown1"', 'unknown field "spec.template.spec.containers[0].unknownNested"',
];

const oddYaml = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
unknown1: 1
spec:
  paused: true
  paused: false
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers:
      - name: c
        image: i
        imagePullPolicy: Always
        imagePullPolicy: Never
`;
const inYaml = ['line 7: key "paused" already set in map', 'line 16: key "imagePullPolicy" already set in map', 'unknown field "unknown1"'];

const warningsOf = (header: string | string[] | undefined): string[] =>
  [...String(header ?? "").matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text.replaceAll("\\", ""));

const write = async (type: string, body: string, fieldValidation: string, method = "POST", address = path) => {
  const { code, text, headers } = await client.request(method, `${address}?fieldManager=m&fieldValidation=${fieldValidation}`, { body, headers: { "content-type": type } });
  return { code, answer: JSON.parse(text) as { readonly message: string; readonly spec?: { readonly paused?: boolean } }, warnings: warningsOf(headers["warning"]) };
};

test.each([
  ["application/json", odd, inJson, `strict decoding error: ${inJson.join(", ")}`],
  ["application/yaml", oddYaml, inYaml, `strict decoding error: yaml: unmarshal errors:\n  ${inYaml[0]}\n  ${inYaml[1]}, ${inYaml[2]}`],
] as const)("what is odd in a body of %s is refused, told or passed over", async (type, body, problems, strictly) => {
  expect(await write(type, body(`strict-${++count}`), "Strict")).toMatchObject({
    code: 400, answer: { message: `Deployment in version "v1" cannot be handled as a Deployment: ${strictly}` },
  });
  const told = await write(type, body(`warn-${++count}`), "Warn");
  expect(told).toMatchObject({ code: 201 });
  expect(told.warnings).toEqual(problems);
  expect(await write(type, body(`ignore-${++count}`), "Ignore")).toMatchObject({ code: 201, warnings: [] });
  // The last one counts.
  expect(told.answer.spec?.paused).toBeUndefined();
});

test.each([
  ["application/merge-patch+json", '{"spec":{"foo":1,"replicas":2,"replicas":3}}', ['duplicate field "spec.replicas"', 'unknown field "spec.foo"']],
  ["application/strategic-merge-patch+json", '{"spec":{"foo":1,"replicas":2,"replicas":3}}', ['duplicate field "spec.replicas"', 'unknown field "spec.foo"']],
  ["application/json-patch+json", '[{"op":"add","path":"/spec/foo","value":1,"value":2}]', ['json patch duplicate field "[0].value"', 'unknown field "spec.foo"']],
] as const)("and in a patch of %s", async (type, patch, problems) => {
  const name = `patched-${++count}`;
  const containers = [{ name: "c", image: "i" }];
  const spec = { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers } } };
  await api.of(Deployment).create({ metadata: { name, namespace: "default" }, spec });
  const strict = await write(type, patch, "Strict", "PATCH", `${path}/${name}`);
  expect(strict.code).toBe(422);
  expect(strict.answer.message).toMatch(/^ "" is invalid: patch: Invalid value: ".*": strict decoding error: /);
  expect(strict.answer.message.endsWith(`strict decoding error: ${problems.join(", ")}`)).toBe(true);
  expect(await write(type, patch, "Warn", "PATCH", `${path}/${name}`)).toMatchObject({ code: 200, warnings: problems });
  expect(await write(type, patch, "Ignore", "PATCH", `${path}/${name}`)).toMatchObject({ code: 200, warnings: [] });
});

test.each([
  ["an unknown field", "spec: {foo: 1}", '.spec.foo: field not declared in schema'],
  ["a value of a wrong type", "spec: {replicas: many}", ".spec.replicas: expected numeric (int or float), got string"],
  ["two wrong things", "spec: {paused: 1, foo: 1}", "errors:\n  .spec.paused: expected boolean, got int\n  .spec.foo: field not declared in schema"],
  ["a list's element twice", "spec: {template: {spec: {containers: [{name: a}, {name: a}]}}}", '.spec.template.spec.containers: duplicate entries for key [name="a"]'],
  ["an element without its key", "spec: {template: {spec: {containers: [{image: a}]}}}",
    '.spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)'],
] as const)("applying %s is refused, whatever is asked for", async (_what, yaml, problem) => {
  const body = `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x, namespace: default}\n${yaml}\n`;
  for (const validation of ["Strict", "Warn", "Ignore"]) {
    expect(await write("application/apply-patch+yaml", body, validation, "PATCH", `${path}/x`)).toMatchObject({
      code: 400, answer: { message: `failed to create typed patch object (default/x; apps/v1, Kind=Deployment): ${problem}` },
    });
  }
});

test("a key that is applied twice is refused, told or passed over", async () => {
  const body = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  paused: true\n  paused: true\n  selector: {matchLabels: {a: b}}\n" +
    "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}\n";
  const apply = (validation: string) => write("application/apply-patch+yaml", body, validation, "PATCH", `${path}/applied`);
  expect(await apply("Strict")).toMatchObject({ code: 400, answer: { message: expect.stringContaining('line 5: key "paused" already set in map') as string } });
  expect(await apply("Warn")).toMatchObject({ code: 201, warnings: ['line 5: key "paused" already set in map'] });
  expect(await apply("Ignore")).toMatchObject({ code: 200, warnings: [] });
});
