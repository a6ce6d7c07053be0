import { execFile } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A made-up checkout, in which node and npm are scripts that only say that they were called. */
let home: string;
let programs: string;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "knarr-launcher-"));
  programs = path.join(home, "programs");
  copyFileSync("knarr", path.join(home, "knarr"));
  for (const folder of ["programs", "src/api", "src/cmd", "tools/api-schema", "build", "node_modules"]) mkdirSync(path.join(home, folder), { recursive: true });
  for (const file of ["package.json", "tools/build.mjs", "tools/generate-api.ts", "build/knarr.js", "build/stamp"]) put(file, "");
  put("package-lock.json", "{}");
  put("node_modules/.package-lock.json", "{}");
  put("node_modules/.knarr-lock.json", "{}");
  node("v20.19.0");
  script("npm", 'echo "npm $*"; mkdir -p node_modules; echo "{}" > node_modules/.package-lock.json');
  age("build/stamp", -10);
});

afterEach(() => rmSync(home, { recursive: true }));

const put = (file: string, text: string): void => writeFileSync(path.join(home, file), text);

/** Sets a file's time to so many seconds ago. */
const age = (file: string, seconds: number): void => {
  const time = new Date(Date.now() - seconds * 1000);
  utimesSync(path.join(home, file), time, time);
};

function script(name: string, body: string): void {
  put(`programs/${name}`, `#!/bin/sh\n${body}\n`);
  chmodSync(path.join(programs, name), 0o755);
}

function node(version: string): void {
  script("node", `case $1 in --version) echo ${version} ;; *) echo "node \${1##*/} $2" ;; esac`);
}

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function launch(file = path.join(home, "knarr"), ...parameters: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(file, parameters, { env: { PATH: `${programs}:/usr/bin:/bin` }, encoding: "utf8" }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

describe("./knarr", () => {
  it("hands over at once when everything is current", async () => {
    expect(await launch(undefined, "up")).toEqual({ status: 0, stdout: "node knarr.js up\n", stderr: "" });
  });

  it("finds its home through symbolic links", async () => {
    symlinkSync("knarr", path.join(home, "one"));
    symlinkSync(path.join(home, "one"), path.join(programs, "two"));
    expect((await launch(path.join(programs, "two"))).stdout).toBe("node knarr.js \n");
  });

  it.each(["v18.19.0", "v20.18.3", "v9.11.2"])("says in one line that Node %s is too old, and the way out", async (version) => {
    node(version);
    const { status, stderr } = await launch();
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`^knarr: needs Node 20\\.19 or newer, found ${version} at .*nodejs\\.org.*\n$`));
  });

  it.each(["v20.19.0", "v22.1.0", "v100.0.0"])("is content with Node %s", async (version) => {
    node(version);
    expect((await launch()).status).toBe(0);
  });

  it("says so when there is no Node", async () => {
    script("node", "exit 127");
    expect((await launch()).stderr).toMatch(/^knarr: needs Node 20\.19 or newer, and there is no `node` on PATH: .*\n$/);
  });

  it("builds when a source is newer than the last build", async () => {
    put("src/cmd/knarr.ts", "");
    age("src/cmd/knarr.ts", -20);
    const { stdout, stderr } = await launch();
    expect(stderr).toBe("knarr: building …\nnode build.mjs \n");
    expect(stdout).toBe("node knarr.js \n");
  });

  it("does not build for tests or for what the build generates", async () => {
    mkdirSync(path.join(home, "src/api/generated"));
    for (const file of ["src/api/generated/schemas.ts", "src/cmd/knarr.test.ts"]) {
      put(file, "");
      age(file, -20);
    }
    for (const folder of ["src/api", "src/api/generated"]) age(folder, -20);
    expect((await launch()).stderr).toBe("");
  });

  it("installs packages when the lock file has changed", async () => {
    put("package-lock.json", '{"changed":true}');
    expect((await launch()).stderr).toContain("npm ci --legacy-peer-deps");
    expect((await launch()).stderr).not.toContain("npm");
  });

  it("leaves a linked node_modules to its owner", async () => {
    rmSync(path.join(home, "node_modules"), { recursive: true });
    symlinkSync("/nonexistent", path.join(home, "node_modules"));
    expect((await launch()).stderr).toBe("");
  });

  it("says what to do when npm fails", async () => {
    put("package-lock.json", '{"changed":true}');
    script("npm", "echo 'npm error network' >&2; exit 1");
    const { status, stderr } = await launch();
    expect(status).toBe(1);
    expect(stderr.trim().split("\n").at(-1)).toMatch(/^knarr: `npm ci` failed in .*: see above; without network access/);
  });

  it("runs the tests by a program that needs no build of its own", async () => {
    expect((await launch(undefined, "test", "upgrade")).stdout).toBe("node test.mjs upgrade\n");
  });
});
