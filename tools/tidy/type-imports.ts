import { type Finding, forEachLine, type SourceFile } from "./files.ts";

interface Layers {
  readonly components: readonly { readonly name: string; readonly importsTypes?: readonly string[] }[];
}

/** Where tools/layers.json lets a component import only another's types, the import has to say `import type`. */
export function typeImports(files: readonly SourceFile[]): Finding[] {
  const layers = files.find(({ path }) => path === "tools/layers.json");
  if (layers === undefined) return [];
  return (JSON.parse(layers.text) as Layers).components.flatMap(({ name, importsTypes = [] }) =>
    importsTypes.flatMap((imported) => judge(files, name, imported)),
  );
}

function judge(files: readonly SourceFile[], component: string, imported: string): Finding[] {
  const statement = new RegExp(`^\\s*(import|export) (?!type )[^;]*from "#${imported}/|^} from "#${imported}/|import\\("#${imported}/`);
  return files
    .filter(({ path }) => path.startsWith(`src/${component}/`) && path.endsWith(".ts"))
    .flatMap((file) =>
      forEachLine(file, (line) =>
        statement.test(line)
          ? `${component}/ may import only types of ${imported}/: write \`import type { … } from "#${imported}/…"\` on one line, ` +
            "and take the value as a constructor argument."
          : undefined,
      ),
    );
}
