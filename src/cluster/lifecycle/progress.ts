/** Tells the user what is being done, step by step, on standard error. */
export interface Progress {
  /** Does the work under a title; what it reports meanwhile is shown behind the title. */
  step<T>(title: string, work: (report: (detail: string) => void) => Promise<T>): Promise<T>;
  say(line: string): void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** On a terminal one living line per step; elsewhere a line at the start of each long step and one at its end. */
export function showProgress(stream: NodeJS.WriteStream): Progress {
  return {
    say: (line) => void stream.write(`${line}\n`),
    async step(title, work) {
      const started = performance.now();
      let detail = "";
      let frame = 0;
      const draw = (): void => {
        const width = Math.max(20, stream.columns ?? 80) - 4;
        stream.write(`\r\x1b[K${frames[frame++ % frames.length]} ${`${title}${detail && ` – ${detail}`}`.slice(0, width)}`);
      };
      const timer = stream.isTTY ? setInterval(draw, 100) : undefined;
      const done = (mark: string): void => {
        clearInterval(timer);
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        stream.write(`${stream.isTTY ? "\r\x1b[K" : ""}${mark} ${title} (${seconds} s)\n`);
      };
      try {
        const result = await work((text) => {
          if (!stream.isTTY && text !== detail) stream.write(`  ${text}\n`);
          detail = text;
        });
        done("✓");
        return result;
      } catch (error) {
        done("✗");
        throw error;
      }
    },
  };
}
