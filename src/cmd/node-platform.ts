import { runPlatform } from "#cluster/nodes/run-platform.ts";
import { runOnce } from "#cluster/process-main.ts";

/** Makes a node's ground and prints what to put before a command that is to run inside: `node-platform --cluster NAME --node NODE`. */
runOnce(({ record, node }) => runPlatform(record, node));
