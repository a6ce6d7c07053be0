import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { eventually, helmProgram, type Outcome, runCommand } from "./cluster.ts";
import { SimulatedKubectl } from "./simulated-kubectl.ts";

const folder = path.join(import.meta.dirname, "custom");
const definition = readFileSync(path.join(folder, "certificates.yaml"), "utf8");

const certificate = (name: string, spec = "dnsNames: [a.example.com]"): string => `
apiVersion: trust.example.com/v1
kind: Certificate
metadata: {name: ${name}}
spec: {secretName: ${name}-tls, issuerRef: {name: ca}, ${spec}}
`;

/** Custom resources as their users meet them: kubectl and Helm. Each test goes on from the one before. */
describeWith(["linux"], "custom resources", () => {
  let kubectl: SimulatedKubectl;
  const apply = (manifest: string): Promise<string> => kubectl.run("apply --filename -", manifest);
  const fails = async (command: string, input?: string): Promise<string> => {
    const { code, stderr } = await kubectl.try(command, input);
    expect(code).not.toBe(0);
    return stderr;
  };

  beforeAll(async () => {
    kubectl = await SimulatedKubectl.start();
  });
  afterAll(() => kubectl.stop());

  test("a definition is applied, and at once its kind is there", async () => {
    expect(await apply(definition)).toBe("customresourcedefinition.apiextensions.k8s.io/certificates.trust.example.com created\n");
    await kubectl.run("wait --for condition=established --timeout=10s crd/certificates.trust.example.com");
    expect(await kubectl.run("api-resources --api-group trust.example.com")).toMatch(/^certificates +tcert,tcerts +trust\.example\.com\/v1 +true +Certificate$/m);
    expect(await apply(definition)).toContain("unchanged");
    expect(await kubectl.run("explain certificate.spec.privateKey")).toMatch(/algorithm\s+<string>\s+enum: RSA, ECDSA, Ed25519/);
    expect(await kubectl.run("explain certificates.trust.example.com --recursive")).toMatch(/outputs\s+<\[\]Object>\s+password\s+<Object>/);
    expect(await kubectl.run("get tcert")).toBe("");
  });

  test("objects are applied with defaults, shown in columns, and refused with what is wrong", async () => {
    expect(await apply(certificate("web"))).toBe("certificate.trust.example.com/web created\n");
    expect(await kubectl.run("get certificate web -o jsonpath={.spec.privateKey}{.spec.usages}{.spec.issuerRef.kind}"))
      .toBe('{"algorithm":"RSA","size":2048}["digital signature"]Issuer');
    expect(await kubectl.run("get tcert -o wide")).toMatch(/^NAME +READY +SECRET +COPIES +AGE\nweb +web-tls +1 +[\dms]+\n$/);
    expect(await kubectl.run("get trust -o name")).toBe("certificate.trust.example.com/web\n");
    expect(await kubectl.run("describe tcert web")).toMatch(/Secret Name: +web-tls/);
    expect(await fails("apply -f -", certificate("bad", "dnsNames: [a b], commonName: x, copies: 11"))).toMatch(
      /The Certificate "bad" is invalid: [^]*spec\.copies: Invalid value: 11: spec\.copies in body should be less than or equal to 10/,
    );
    expect(await fails("apply -f -", certificate("bad", "dnsNames: [a], keySize: 1"))).toContain('unknown field "spec.keySize"');
    expect(await kubectl.run("get tcert --field-selector spec.issuerRef.name=other -o name")).toBe("");
    expect(await kubectl.run("get tcert --field-selector spec.issuerRef.name=ca -o name")).toBe("certificate.trust.example.com/web\n");
  });

  test("objects are patched, edited, scaled and waited for", async () => {
    await kubectl.run(["patch", "tcert", "web", "--type", "merge", "--patch", '{"spec":{"commonName":null,"extra":{"a":{"b":1}}}}']);
    await kubectl.run(["patch", "tcert", "web", "--type", "json", "--patch", '[{"op":"add","path":"/spec/outputs","value":[{"type":"pem"}]}]']);
    expect(await fails('patch tcert web --type strategic --patch {"spec":{}}')).toMatch(/UnsupportedMediaType|application\/strategic-merge-patch\+json is not supported/);
    expect(await kubectl.run("apply --server-side --field-manager other -f -", certificate("web", "dnsNames: [b.example.com]"))).toContain("serverside-applied");
    expect(await kubectl.run("get tcert web -o jsonpath={.spec.dnsNames}{.spec.extra.a.b}{.spec.outputs[0].type}")).toBe('["b.example.com"]1pem');
    await kubectl.try("edit tcert web", "", { EDITOR: "sed -i s/digital\\ signature/server\\ auth/" });
    expect(await kubectl.run("get tcert web -o jsonpath={.spec.usages}")).toBe('["server auth"]');
    await kubectl.run("scale tcert web --replicas 3");
    expect(await kubectl.run("get tcert web -o jsonpath={.spec.copies}")).toBe("3");
    const status = '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}';
    const generation = await kubectl.run("get tcert web -o jsonpath={.metadata.generation}");
    await kubectl.run(["patch", "tcert", "web", "--subresource", "status", "--type", "merge", "--patch", status]);
    expect(await kubectl.run("wait --for condition=Ready --timeout=10s tcert/web")).toContain("condition met");
    expect(await kubectl.run("get tcert web -o jsonpath={.metadata.generation}")).toBe(generation);
  });

  test("objects are collected with their owners, and go with their namespace", async () => {
    await kubectl.run("create namespace shop");
    await kubectl.run("apply --namespace shop -f -", certificate("owner"));
    const uid = await kubectl.run("get tcert owner --namespace shop -o jsonpath={.metadata.uid}");
    const owned = `{"metadata":{"ownerReferences":[{"apiVersion":"trust.example.com/v1","kind":"Certificate","name":"owner","uid":"${uid}"}]}}`;
    await kubectl.run("create configmap owned --namespace shop");
    await kubectl.run(["patch", "configmap", "owned", "--namespace", "shop", "--type", "merge", "--patch", owned]);
    await kubectl.run("delete tcert owner --namespace shop");
    await eventually(() => kubectl.run("get configmaps --namespace shop -o name"), (names) => !names.includes("owned"));
    await kubectl.run("apply --namespace shop -f -", certificate("left"));
    await kubectl.run("delete namespace shop --timeout=30s");
    expect(await kubectl.run("get tcert --all-namespaces -o name")).toBe("certificate.trust.example.com/web\n");
  });

  test("a definition goes with all its objects", async () => {
    await kubectl.run("delete crd certificates.trust.example.com --timeout=30s");
    expect(await fails("get certificates.trust.example.com")).toContain('the server doesn\'t have a resource type "certificates"');
    await apply(definition);
    await kubectl.run("wait --for condition=established --timeout=10s crd/certificates.trust.example.com");
    expect(await kubectl.run("get tcert -o name")).toBe("");
  });

  test("a chart brings its definitions along", async () => {
    const helm = (command: string): Promise<Outcome> =>
      runCommand(helmProgram(), command.split(" "), { environment: kubectl.environment });
    expect(await helm(`install one ${path.join(folder, "chart")} --wait --timeout 60s`)).toMatchObject({ code: 0 });
    expect(await kubectl.run("get gadget one -o jsonpath={.spec.size}")).toBe("1");
    expect((await helm(`upgrade one ${path.join(folder, "chart")} --set size=0`)).stderr).toContain("spec.size in body should be greater than or equal to 1");
    expect(await helm("uninstall one")).toMatchObject({ code: 0 });
    expect(await kubectl.run("get gadgets -o name")).toBe("");
    expect(await kubectl.run("get crd gadgets.example.com -o name")).toContain("gadgets.example.com");
  });
});
