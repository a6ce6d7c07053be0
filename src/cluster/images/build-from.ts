import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { SetupError } from "../setup/setup-error.ts";
import { copyInto } from "./copy-files.ts";
import { complaint, type Instruction, parseCommand, parseDockerfile, parsePairs } from "./dockerfile.ts";
import { directory, type TreeNode, toTar } from "./file-tree.ts";
import type { Image, ImageSettings } from "./image.ts";

/** Finds the image that a FROM names; undefined when it is not one that can be built upon. */
export type FindBase = (name: string) => Promise<Image | undefined>;

/** What the instructions have come to so far. */
interface Draft {
  settings: ImageSettings;
  readonly files: Map<string, TreeNode>;
  /** Whether the arguments are this Dockerfile's rather than its base's. */
  ownArguments: boolean;
}

type Apply = (draft: Draft, instruction: Instruction, folder: string) => void;

const instructions: Readonly<Record<string, Apply>> = {
  FROM: () => {},
  COPY: (draft, instruction, folder) => copyInto(draft.files, instruction, folder, draft.settings.WorkingDir ?? "/"),
  ENV(draft, instruction) {
    const environment = new Map(draft.settings.Env?.map((entry) => [entry.slice(0, entry.indexOf("=")), entry]));
    for (const [name, value] of parsePairs(instruction)) environment.set(name, `${name}=${value}`);
    draft.settings = { ...draft.settings, Env: [...environment.values()] };
  },
  CMD(draft, instruction) {
    draft.settings = { ...draft.settings, Cmd: parseCommand(instruction) };
    draft.ownArguments = true;
  },
  ENTRYPOINT(draft, instruction) {
    const { Cmd: inherited, ...rest } = draft.settings;
    // The base's arguments were for the base's program.
    draft.settings = { ...rest, Entrypoint: parseCommand(instruction), ...(draft.ownArguments ? { Cmd: inherited } : {}) };
  },
  EXPOSE(draft, instruction) {
    const ports = instruction.value.split(/\s+/);
    const wrong = ports.find((port) => !/^\d{1,5}(\/(tcp|udp|sctp))?$/.test(port));
    if (wrong !== undefined) throw complaint(instruction, `"${wrong}" is no port: write 8080 or 53/udp`);
    const exposed = Object.fromEntries(ports.map((port) => [port.includes("/") ? port : `${port}/tcp`, {}]));
    draft.settings = { ...draft.settings, ExposedPorts: { ...draft.settings.ExposedPorts, ...exposed } };
  },
  USER(draft, { value }) {
    draft.settings = { ...draft.settings, User: value };
  },
  WORKDIR(draft, { value }) {
    const folder = path.posix.resolve(draft.settings.WorkingDir ?? "/", value);
    if (folder !== "/") draft.files.set(folder.slice(1), directory());
    draft.settings = { ...draft.settings, WorkingDir: folder };
  },
  LABEL(draft, instruction) {
    draft.settings = { ...draft.settings, Labels: { ...draft.settings.Labels, ...Object.fromEntries(parsePairs(instruction)) } };
  },
  STOPSIGNAL(draft, { value }) {
    draft.settings = { ...draft.settings, StopSignal: value };
  },
};

/**
 * Builds an image from a folder with a Dockerfile of which only that is used which puts files together (no RUN): no
 * registry, no daemon, no containers. docs/images.md has the language.
 *
 * @throws SetupError naming the line that cannot be followed.
 */
export async function buildFrom(folder: string, name: string, findBase: FindBase): Promise<Image> {
  const dockerfile = path.join(folder, "Dockerfile");
  if (!existsSync(dockerfile)) {
    throw new SetupError(`no Dockerfile in ${folder}: write one, such as \`FROM knarr.local/hello:1\` and \`COPY . /www/\``);
  }
  const steps = parseDockerfile(readFileSync(dockerfile, "utf8"));
  const base = await resolveBase(steps, findBase);
  const draft: Draft = { settings: base?.settings ?? {}, files: new Map(), ownArguments: false };
  for (const step of steps) instructions[step.name]?.(draft, step, folder);
  const layer = draft.files.size === 0 ? [] : [await toTar(draft.files)];
  return { name, layers: [...(base?.layers ?? []), ...layer], settings: draft.settings };
}

/** `knarr.local/FOLDER:1`, in the letters that a reference may have. */
export function defaultName(folder: string): string {
  const base = path.basename(path.resolve(folder)).toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  return `knarr.local/${base === "" ? "image" : base}:1`;
}

/** @throws SetupError unless the name has a domain with a dot and a tag; without the former it would mean docker.io. */
export function checkName(name: string): void {
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+:[\w][\w.-]{0,127}$/.test(name)) return;
  throw new SetupError(`"${name}" cannot name an image here: write a domain with a dot, a path and a tag, such as knarr.local/shop:1`);
}

async function resolveBase(steps: readonly Instruction[], findBase: FindBase): Promise<Image | undefined> {
  const [from] = steps;
  if (from === undefined || from.value === "scratch") return undefined;
  const base = await findBase(from.value);
  if (base === undefined) {
    throw complaint(from, `"${from.value}" is not here to build upon: take knarr.local/hello:1 (busybox, a web server) or scratch`);
  }
  return base;
}
