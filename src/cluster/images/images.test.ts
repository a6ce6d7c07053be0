import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { extract, type Header } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Outside, RunResult } from "../setup/outside.ts";
import { SetupError } from "../setup/setup-error.ts";
import { buildFrom, checkName, defaultName } from "./build-from.ts";
import { makeBuiltInImages } from "./built-in-images.ts";
import type { Busybox } from "./busybox.ts";
import { parseDockerfile } from "./dockerfile.ts";
import { makeHello } from "./hello.ts";
import { type Image, toArchive } from "./image.ts";

const busybox: Busybox = { program: Buffer.from("busybox"), commands: ["busybox", "sh", "ls"] };
let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "knarr-images-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** What a tar archive holds, by path. */
async function untar(archive: Uint8Array): Promise<Map<string, { header: Header; content: Buffer }>> {
  const entries = new Map<string, { header: Header; content: Buffer }>();
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    entries.set(entry.header.name.replace(/\/$/, ""), { header: entry.header, content: Buffer.concat(chunks) });
  }
  return entries;
}

describe("archives", () => {
  it("lead from the index to manifest, configuration and layers, each named by its digest", async () => {
    const blobs = await untar(await toArchive(await makeHello(busybox)));
    const json = (name: string) => JSON.parse(blobs.get(name)!.content.toString());
    const blob = (digest: string) => `blobs/sha256/${digest.replace("sha256:", "")}`;
    expect(json("oci-layout")).toEqual({ imageLayoutVersion: "1.0.0" });
    const [manifest] = json("index.json").manifests;
    expect(manifest.annotations["io.containerd.image.name"]).toBe("knarr.local/hello:1");
    const { config, layers } = json(blob(manifest.digest));
    expect(json(blob(config.digest)).rootfs.diff_ids).toEqual([layers[0].digest]);
    const layer = await untar(blobs.get(blob(layers[0].digest))!.content);
    expect(layer.get("bin/sh")!.header).toMatchObject({ type: "symlink", linkname: "busybox" });
    for (const [name, { content }] of blobs) {
      if (name.startsWith("blobs/sha256/")) expect(createHash("sha256").update(content).digest("hex")).toBe(path.basename(name));
    }
  });

  it("are the same bytes for the same image", async () => {
    const make = async () => Buffer.from(await toArchive(await makeHello(busybox)));
    expect((await make()).equals(await make())).toBe(true);
  });
});

describe("built-in images", () => {
  const outside = (program: string): Outside => ({
    platform: "linux",
    userId: 0,
    searchPath: [path.dirname(program)],
    exists: (file) => file === program,
    read: () => undefined,
    writeScript: () => {},
    remove: () => {},
    run: async (command): Promise<RunResult> => ({ status: command.includes("apt") ? 100 : 0, stdout: "busybox\nsh\n", stderr: "E: offline" }),
  });

  /** The smallest ELF header of a 64-bit program without segments. */
  function elf(): Buffer {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32BE(0x7f454c46, 0);
    bytes[4] = 2;
    return bytes;
  }

  it("are made once and kept", async () => {
    const program = path.join(folder, "busybox");
    writeFileSync(program, elf());
    const cache = path.join(folder, "cache");
    const first = await makeBuiltInImages(outside(program), cache, () => {});
    expect(first.map(({ name }) => name)).toEqual(["knarr.local/pause:1", "knarr.local/hello:1"]);
    const made = statSync(first[0]!.archive).mtimeMs;
    expect(await makeBuiltInImages(outside(program), cache, () => {})).toEqual(first);
    expect(statSync(first[0]!.archive).mtimeMs).toBe(made);
  });

  it.each(["bin", "usr/bin"])("are made of the busybox that Debian's package has in /%s, where the machine has none", async (place) => {
    const fetching: Outside = {
      ...outside(path.join(folder, "none")),
      run: async (command, _, options): Promise<RunResult> => {
        const directory = options?.currentDirectory ?? "";
        if (command === "apt-get") writeFileSync(path.join(directory, "busybox-static.deb"), "");
        if (command === "dpkg-deb") {
          mkdirSync(path.join(directory, place), { recursive: true });
          writeFileSync(path.join(directory, place, "busybox"), elf());
        }
        return { status: 0, stdout: "busybox\nsh\n", stderr: "" };
      },
    };
    expect(await makeBuiltInImages(fetching, path.join(folder, `cache-${place.length}`), () => {})).toHaveLength(2);
  });

  it("cannot be made from a busybox that needs libraries, and say so with the way out", async () => {
    const program = path.join(folder, "busybox");
    writeFileSync(program, "#!/bin/sh\n");
    await expect(makeBuiltInImages(outside(program), path.join(folder, "cache"), () => {})).rejects.toThrow(/no static busybox.*check the network/);
  });
});

describe("building from a folder", () => {
  const base: Image = { name: "knarr.local/hello:1", layers: [Buffer.from("layer")], settings: { Cmd: ["/server"], Env: ["PATH=/bin", "A=1"], User: "1000:1000" } };

  async function build(dockerfile: string): Promise<Image> {
    writeFileSync(path.join(folder, "Dockerfile"), dockerfile);
    return buildFrom(folder, "knarr.local/test:1", async (name) => (name === base.name ? base : undefined));
  }

  it("puts a layer with the files on the base's, and changes only the settings that are named", async () => {
    mkdirSync(path.join(folder, "site/img"), { recursive: true });
    writeFileSync(path.join(folder, "site/index.html"), "hi");
    writeFileSync(path.join(folder, "run.sh"), "#!/bin/sh\n");
    chmodSync(path.join(folder, "run.sh"), 0o755);
    symlinkSync("index.html", path.join(folder, "site/start.html"));
    const image = await build('FROM knarr.local/hello:1\nCOPY site /www/\nCOPY run.sh /bin/\nENV A=2 B="two words"\nEXPOSE 80 53/udp\nWORKDIR /www\n');
    expect(image.settings).toEqual({
      Cmd: ["/server"], User: "1000:1000", WorkingDir: "/www",
      Env: ["PATH=/bin", "A=2", "B=two words"], ExposedPorts: { "80/tcp": {}, "53/udp": {} },
    });
    expect(image.layers[0]).toBe(base.layers[0]);
    const layer = await untar(image.layers[1]!);
    expect([...layer.keys()].toSorted()).toEqual(["bin/run.sh", "www", "www/img", "www/index.html", "www/start.html"]);
    expect(layer.get("bin/run.sh")!.header.mode).toBe(0o755);
    expect(layer.get("www/start.html")!.header.linkname).toBe("index.html");
  });

  it("forgets the base's arguments with a new entry point, but not its own, in either order", async () => {
    expect((await build('FROM knarr.local/hello:1\nENTRYPOINT ["/a"]')).settings.Cmd).toBeUndefined();
    expect((await build('FROM knarr.local/hello:1\nCMD ["x"]\nENTRYPOINT ["/a"]')).settings.Cmd).toEqual(["x"]);
    expect((await build('FROM knarr.local/hello:1\nENTRYPOINT ["/a"]\nCMD ["x"]')).settings.Cmd).toEqual(["x"]);
  });

  it("reads comments, continued lines and the shell's form", async () => {
    expect((await build("# base\nFROM scratch\nENV A=1 \\\n  # why\n  B=2\nCMD echo hi")).settings).toEqual({
      Env: ["A=1", "B=2"],
      Cmd: ["/bin/sh", "-c", "echo hi"],
    });
  });

  it.each([
    ["FROM scratch\nRUN make", /line 2: RUN: not supported.*knarr image import/],
    ["COPY a b", /starts with FROM/],
    ["FROM scratch\nFROM scratch", /line 2: FROM: a second FROM/],
    ["FROM alpine", /line 1: FROM: "alpine" is not here to build upon/],
    ["FROM scratch\nCOPY ../secret /", /line 2: COPY: \.\.\/secret lies outside/],
    ["FROM scratch\nCOPY nothing /", /there is no nothing in/],
    ["FROM scratch\nCOPY --chown=1 a /", /flags are not supported/],
    ["FROM scratch\nCMD [1]", /a list is JSON/],
    ["FROM scratch\nEXPOSE http", /"http" is no port/],
    ["FROM scratch\nENV =1", /write NAME=value/],
    ["FROM scratch\nUSER", /line 2: USER: needs a value/],
  ])("refuses %j", async (dockerfile, message) => {
    await expect(build(dockerfile)).rejects.toThrow(message);
    await expect(build(dockerfile)).rejects.toThrow(SetupError);
  });

  it("says so where there is no Dockerfile", async () => {
    await expect(buildFrom(folder, "knarr.local/test:1", async () => undefined)).rejects.toThrow(/no Dockerfile in/);
  });

  it("fails on no text in another way than with a one-line message", () => {
    const lines = fc.array(fc.oneof(fc.string(), fc.constantFrom("FROM scratch", "COPY . /", "CMD [", "ENV A=\\", "\\")));
    fc.assert(
      fc.property(lines, (parts) => {
        try {
          parseDockerfile(parts.join("\n"));
        } catch (error) {
          expect(error).toBeInstanceOf(SetupError);
        }
      }),
    );
  });
});

describe("image names", () => {
  it("come from the folder", () => {
    expect(defaultName("/srv/My Shop_2")).toBe("knarr.local/my-shop-2:1");
    expect(() => checkName(defaultName("/"))).not.toThrow();
  });

  it("need a domain with a dot, a path and a tag", () => {
    expect(() => checkName("registry.example.com:5000/team/shop:v1.2")).not.toThrow();
    for (const name of ["shop", "shop:1", "knarr.local/shop", "knarr.local/Shop:1", "library/shop:1"]) expect(() => checkName(name)).toThrow(SetupError);
  });
});
