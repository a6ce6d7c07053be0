/** Tells the user what is being done, step by step, on standard error. */
export interface Progress {
  /** Does the work under a title; what it reports meanwhile is shown behind the title. */
  step<T>(title: string, work: (report: (detail: string) => void) => Promise<T>): Promise<T>;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const quietMilliseconds = 3_000;

/** On a terminal one living line per step; elsewhere a line at its end, and one every few seconds meanwhile. */
export function showProgress(stream: NodeJS.WriteStream): Progress {
  return {
    async step(title, work) {
      const started = performance.now();
      let detail = "";
      let frame = 0;
      let told = started;
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
          detail = text;
          if (stream.isTTY || performance.now() - told < quietMilliseconds) return;
          told = performance.now();
          stream.write(`  … ${text}\n`);
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
