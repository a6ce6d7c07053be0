import { type Finding, forEachLine, type SourceFile } from "./files.ts";

const takeClock = "take a Clock (src/machinery/clock.ts) as a constructor argument";

const banned: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\bDate\.now\(/, instead: `${takeClock} and call clock.now().` },
  { pattern: /\bnew Date\(\)/, instead: `${takeClock} and write new Date(clock.now()).` },
  { pattern: /\bperformance\.now\(/, instead: `${takeClock} and call clock.monotonic().` },
  { pattern: /(?<![.\w])(setTimeout|setInterval)\(/, instead: `${takeClock} and call clock.after() or sleep(clock, …).` },
  { pattern: /"(node:)?timers\/promises"/, instead: `${takeClock} and call sleep(clock, …).` },
  { pattern: /\bMath\.random\(/, instead: "take a random source as a constructor argument, so that a seed can replay a run." },
  { pattern: /\bprocess\.env\b/, instead: "take the setting as a constructor argument; only cluster/ and cmd/ read the environment." },
];

const wiring = /^src\/(cluster|cmd)\/|^src\/machinery\/clock\.ts$|\.test\.ts$|\/testing\//;

/** Time, chance and environment come in through constructors; only the wiring (and tests) may reach for them. */
export function bannedCalls(files: readonly SourceFile[]): Finding[] {
  return files
    .filter(({ path }) => path.startsWith("src/") && path.endsWith(".ts") && !wiring.test(path))
    .flatMap((file) =>
      forEachLine(file, (line) => {
        if (isComment(line)) return undefined;
        const found = banned.find(({ pattern }) => pattern.test(line));
        return found === undefined ? undefined : `${found.pattern.exec(line)?.[0]}: ${found.instead}`;
      }),
    );
}

function isComment(line: string): boolean {
  return /^\s*(\/\/|\/?\*)/.test(line);
}
