import { runControlPlane } from "#cluster/control-plane/run.ts";
import { runProcess } from "#cluster/process-main.ts";

/** The process of a cluster's control plane: `control-plane --cluster NAME`. */
runProcess(({ record }) => runControlPlane(record));
