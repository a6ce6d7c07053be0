import path from "node:path";

/** Small young generation: these processes idle most of the time, and memory counts more than a little garbage collection. */
const nodeOptions = ["--max-semi-space-size=8", "--enable-source-maps"];

/** The command that runs another program of the build, such as `control-plane`: they lie beside the one that runs now. */
export function programCommand(name: string): readonly string[] {
  return [process.execPath, ...nodeOptions, path.join(path.dirname(process.argv[1] ?? ""), `${name}.js`)];
}
