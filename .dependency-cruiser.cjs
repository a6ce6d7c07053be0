// The layers of tools/layers.json, as rules for dependency-cruiser. Each rule's comment says what to do instead.
const { components } = require("./tools/layers.json");

const tests = "[.]test[.]ts$|/testing/";
/** What is run, or imported by those who use the package. */
const entries = "^src/(cmd/[^/]+|cluster/library)[.]ts$";

/** One rule for a component: it reaches only itself and what the table lets it import. */
function layerRule({ name, imports, importsTypes = [] }) {
  const allowed = [name, ...imports, ...importsTypes];
  return {
    name: `layer: ${name}`,
    comment:
      `src/${name}/ may import ${imports.length === 0 ? "nothing of ours" : `only ${imports.join(", ")}`} (tools/layers.json). ` +
      "Components meet through the API: watch or write an object instead, take what you need as a constructor argument and let " +
      "cluster/ pass it, or, where both sides need the same pure code, move it to machinery/.",
    severity: "error",
    from: { path: `^src/${name}/` },
    to: { path: "^src/", pathNot: `^src/(${allowed.join("|")})/` },
  };
}

/** Units of one folder do not know each other: each is one file (or folder) plus one line in a list. */
function siblingRule(folder) {
  return {
    name: `unit: ${folder}`,
    comment:
      `A unit in src/${folder}/ may not import a sibling. Lift what they share one folder up, ` +
      "or make the unit a folder of its own (deployment/ in place of deployment.ts).",
    severity: "error",
    from: { path: `^src/${folder}/([^/.]+)` },
    to: { path: `^src/${folder}/`, pathNot: `^src/${folder}/$1[./-]` },
  };
}

module.exports = {
  forbidden: [
    ...components.filter(({ imports }) => Array.isArray(imports)).map(layerRule),
    ...[
      "controller-manager/controllers",
      "scheduler/plugins",
      "apiserver/admission/plugins",
      "kubelet/volumes",
      "kubectl/commands",
    ].map(siblingRule),
    {
      name: "pure: no node modules",
      comment:
        "machinery/ and api/ are pure: of Node's modules they may import crypto only. Take bytes or an interface as an argument " +
        "and let cluster/ or the component do the I/O.",
      severity: "error",
      from: { path: "^src/(machinery|api)/", pathNot: tests },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?crypto$" },
    },
    {
      name: "pure: no client",
      comment:
        "Controllers and scheduler plugins decide, the runtime acts: return the writes (or gather what is needed in `observe`) " +
        "instead of calling a client.",
      severity: "error",
      from: { path: "^src/(controller-manager/controllers|scheduler/plugins)/", pathNot: tests },
      to: { path: "^src/client/" },
    },
    {
      name: "no cycle",
      comment: "These files import each other in a circle. Move what both need to a third file, or pass it as an argument.",
      severity: "error",
      from: { pathNot: "^src/api/generated/" },
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment:
        "This import leads nowhere. Inside a component write ./file.ts, across components #component/file.ts; a package has to be " +
        "in package.json.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "reachable",
      comment:
        "Nothing that runs reaches this file: wire it up (a unit needs its line in the list), or delete it; if only tests use it, " +
        "move it to a folder called testing/.",
      severity: "error",
      from: { path: entries },
      to: { path: "^src/", pathNot: `${tests}|^src/api/generated/|${entries}`, reachable: false },
    },
    {
      name: "no undeclared package",
      comment: "This package is not in package.json: it is there by accident. Add it (and its reason in docs/decisions/dependencies.md).",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no development package",
      comment: "What runs in a cluster may not need a development dependency. Move the package to `dependencies`, or do without.",
      severity: "error",
      from: { path: "^src/", pathNot: tests },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm", "type-only"], pathNot: "@types/" },
    },
    {
      name: "no test",
      comment: "A test may not be imported. Move what is shared to a file in a folder called testing/.",
      severity: "error",
      from: {},
      to: { path: "[.]test[.]ts$" },
    },
    {
      name: "no testing code",
      comment: "Code under testing/ is for tests only. Move what the program needs out of it.",
      severity: "error",
      from: { path: "^src/", pathNot: tests },
      to: { path: "/testing/" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    preserveSymlinks: true,
    doNotFollow: { path: "^node_modules/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".js", ".json"],
    },
  },
};
