import { connectCri } from "#kubelet/runtime/cri/client.ts";
import { sleep } from "#machinery/clock.ts";
import type { Clock } from "#machinery/clock.ts";
import type { Run } from "./command.ts";
import type { Platform } from "./platform.ts";

const SEEN_LIMIT_MILLISECONDS = 10_000;

/**
 * Loads the images of an OCI or Docker archive into a node and unpacks them. Resolves with their names once pods may
 * use them. A name needs a domain with a dot (`knarr.local/hello:1`), or it is read as one of docker.io.
 */
export async function importImages(run: Run, clock: Clock, platform: Platform, archive: string): Promise<readonly string[]> {
  const { layout, machine } = platform;
  const output = await run("ctr", [
    "--address", layout.containerdSocket, "--namespace", "k8s.io", "images", "import", "--snapshotter", machine.snapshotter, archive,
  ]);
  const names = [...new Set([...output.matchAll(/^unpacking (\S+) \(/gm)].map((match) => String(match[1])))];
  const client = connectCri(layout.containerdSocket, clock);
  try {
    const end = clock.monotonic() + SEEN_LIMIT_MILLISECONDS;
    for (const image of names) {
      // The CRI hears of new images a moment later.
      while ((await client.imageStatus({ image: { image } })).image === null) {
        if (clock.monotonic() > end) throw new Error(`${image} was imported, but the runtime does not see it`);
        await sleep(clock, 20);
      }
    }
  } finally {
    client.close();
  }
  return names;
}
