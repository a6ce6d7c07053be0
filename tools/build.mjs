// Builds what runs: each src/cmd/*.ts and the library become build/*.js, sharing chunks. Plain Node, because nothing is built yet.
//
// Files appear by renaming, chunks before the entries that name them, so that two builds at once do no harm. Chunks of
// earlier builds stay for a week: a cluster that was started from them may still load one lazily.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const target = path.join(root, "build");
const weekMilliseconds = 7 * 24 * 3600 * 1000;

mkdirSync(path.join(root, "src/api/generated"), { recursive: true });
mkdirSync(target, { recursive: true });
const started = new Date();

const generated = spawnSync(process.execPath, ["--import", "tsx", "tools/generate-api.ts"], { cwd: root, stdio: "inherit" });
if (generated.status !== 0) process.exit(1);

const commands = list(path.join(root, "src/cmd")).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
const entries = [...commands.map((name) => `src/cmd/${name}`), "src/cluster/library.ts"];
const result = await build({
  absWorkingDir: root,
  entryPoints: entries.map((file) => ({ in: path.join(root, file), out: path.basename(file, ".ts") })),
  outdir: target,
  bundle: true,
  splitting: true,
  write: false,
  format: "esm",
  platform: "node",
  target: "node20",
  mainFields: ["module", "main"],
  chunkNames: "chunks/[name]-[hash]",
  // Finds its native part relative to its own place.
  external: ["lmdb"],
  // CommonJS packages expect `require` and their place, which an ES module lacks.
  banner: {
    js: [
      'import { createRequire as knarrCreateRequire } from "node:module";',
      "const require = knarrCreateRequire(import.meta.url);",
      "const __filename = import.meta.filename, __dirname = import.meta.dirname;",
    ].join("\n"),
  },
  sourcemap: "linked",
  sourcesContent: false,
  keepNames: true,
  logLevel: "warning",
}).catch(() => process.exit(1));

const isEntry = ({ path: file }) => path.dirname(file) === target;
for (const file of [...result.outputFiles.filter((one) => !isEntry(one)), ...result.outputFiles.filter(isEntry)]) write(file.path, file.contents);
const current = new Set(result.outputFiles.map((file) => path.basename(file.path)));
prune(path.join(target, "chunks"), current, weekMilliseconds);
prune(target, new Set([...current, "chunks", "stamp"]), 0);
write(path.join(target, "stamp"), "");
utimesSync(path.join(target, "stamp"), started, started);

function write(file, contents) {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, contents);
  renameSync(temporary, file);
}

function prune(directory, current, keptMilliseconds) {
  for (const name of list(directory)) {
    const file = path.join(directory, name);
    if (!current.has(name) && started.getTime() - statSync(file).mtimeMs >= keptMilliseconds) rmSync(file, { force: true });
  }
}

function list(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
