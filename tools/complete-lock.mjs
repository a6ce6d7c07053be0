// Completes package-lock.json where the registry that it was made against lacks a package for another platform.
//
// npm leaves such an optional dependency out of the lock, and then `npm ci` refuses the lock everywhere. The entries
// added here carry the version that their parent asks for and the platform that their name tells, but no checksum.
// `node tools/complete-lock.mjs` after adding a package; with --check it only says whether that is needed.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const file = path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));

const added = Object.entries(lock.packages).flatMap(([from, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !isLocked(from, name))
    .map(([name, wanted]) => [`node_modules/${name}`, platformEntry(name, wanted, entry.dev)]),
);

if (added.length > 0 && process.argv.includes("--check")) {
  const names = added.map(([name]) => path.basename(name)).join(", ");
  console.error(`package-lock.json lacks ${names}, so \`npm ci\` refuses it: run \`node tools/complete-lock.mjs\``);
  process.exitCode = 1;
} else if (added.length > 0) {
  lock.packages = Object.fromEntries(Object.entries({ ...lock.packages, ...Object.fromEntries(added) }).toSorted(([a], [b]) => a.localeCompare(b, "en")));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`added ${added.length} packages for other platforms to package-lock.json`);
}

/** Whether the package at `from` finds `name` in its own node_modules or in one above. */
function isLocked(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    if (lock.packages[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === "") return false;
  }
}

function platformEntry(name, wanted, dev) {
  const words = name.split(/[/-]/);
  const among = (...known) => words.find((word) => known.includes(word));
  const os = among("darwin", "linux", "win32", "freebsd", "android", "openharmony");
  const cpu = among("x64", "arm64", "arm", "ia32", "ppc64", "s390x", "riscv64", "loong64");
  if (os === undefined || cpu === undefined) throw new Error(`${name}: cannot tell its platform from its name`);
  return { version: wanted.replace(/^[~^]/, ""), cpu: [cpu], ...(dev ? { dev } : {}), optional: true, os: [os] };
}
