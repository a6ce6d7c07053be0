import { runNode } from "#cluster/nodes/run-node.ts";
import { runProcess } from "#cluster/process-main.ts";

/** The process of a node, inside its network namespace: `node --cluster NAME --node NODE`. */
runProcess(({ record, node }) => runNode(record, node));
