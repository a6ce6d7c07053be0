import path from "node:path";
import { failuresOf, isRunning, outputOf, type Service } from "../processes.ts";
import { SetupError } from "../setup/setup-error.ts";

const lookEveryMilliseconds = 50;
/** One failure may be a matter of order, such as a node that starts before the API does. */
const failuresBorne = 2;

/** Waits for `ready`. @throws SetupError with what a service said, if one gives up meanwhile or fails again and again */
export async function whileRunning(services: readonly Service[], ready: Promise<void>): Promise<void> {
  let waiting = true;
  const gaveUp = async (): Promise<void> => {
    while (waiting) {
      for (const service of services) {
        if (!isRunning(service)) throw new SetupError(lastWords(service));
        if (failuresOf(service) > failuresBorne) throw new SetupError(`${lastWords(service)} (${service.name} keeps trying: see \`knarr logs\`)`);
      }
      await new Promise((resolve) => setTimeout(resolve, lookEveryMilliseconds));
    }
  };
  try {
    await Promise.race([ready, gaveUp()]);
  } finally {
    waiting = false;
  }
}

function lastWords(service: Service): string {
  return outputOf(service).at(-1) ?? `${service.name} ended at once: see ${path.join(service.directory, `${service.name}.out`)}`;
}
