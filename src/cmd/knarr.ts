import { Command, InvalidArgumentError, Option } from "commander";
import { clustersOfThisMachine, findCluster, findRunningCluster } from "#cluster/lifecycle/find-cluster.ts";
import { showProgress } from "#cluster/lifecycle/progress.ts";
import { kubeconfigFile, knarrHome } from "#cluster/paths.ts";
import { thisMachine } from "#cluster/setup/outside.ts";
import { SetupError } from "#cluster/setup/setup-error.ts";
import { version } from "#cluster/version.ts";

/** The `knarr` command: each verb loads what it needs when it is called. */
const program = new Command("knarr")
  .description("Kubernetes in one command: a cluster on this machine, in seconds.")
  .version(version, "-V, --version", "say which Knarr this is, and which Kubernetes it serves")
  .addHelpText(
    "after",
    `
A first tour:
  knarr up                                    a cluster with one node that runs containers (Linux, root)
  knarr kubectl apply -f examples/hello.yaml  three pods behind a service, from an image that is built in
  knarr kubectl get pods -o wide              kubectl, on this cluster; any other kubectl works too (context knarr)
  curl http://127.0.0.1:30080/                what they say
  knarr down                                  stop it; \`knarr up\` brings all back
  knarr delete                                remove it and all its data

Also:
  knarr up --nodes 3                          three nodes, each with its own network namespace and containerd
  knarr up --name big --simulate 100          another cluster beside it: a hundred nodes without containers,
                                              anywhere, without root
  knarr image build-from DIRECTORY            an image from a Dockerfile, without Docker and without a registry
  knarr logs scheduler -f                     what one component logs, as it comes
  knarr why pod/NAME                          why the scheduler put a pod where it is, or nowhere
  knarr test                                  every test of Knarr itself

Where things are:
  a cluster's data       ${knarrHome()}/data/NAME (--data-dir for another place, KNARR_HOME for all)
  kubectl's context      ${kubeconfigFile()} (KUBECONFIG for another file): knarr, or knarr-NAME
  what stands behind it  README.md and ARCHITECTURE.md

\`knarr COMMAND --help\` says more of one command.`,
  )
  .enablePositionalOptions()
  .showHelpAfterError("(`knarr --help` shows what there is)");

// Debian leaves sbin out of an ordinary user's PATH, also after `su`; nodes need what is there.
process.env["PATH"] = thisMachine().searchPath.join(":");
const progress = showProgress(process.stderr);

const nameOption = (): Option => new Option("--name <name>", "which cluster").default("knarr");

program
  .command("up")
  .description("bring a cluster up and wait until it can be used; what runs already is left alone")
  .addOption(nameOption())
  .option("--nodes <number>", "nodes with containers (default: as before, or 1); more are added, surplus ones removed", count)
  .option("--simulate <number>", "nodes without containers: their pods only seem to run", count)
  .option("--fleet <file>", "what nodes without containers are like: shapes, zones, delays, failures (docs/simulation.md)")
  .option("--port <number>", "port of the API on 127.0.0.1 (default: as before, or the first free one from 6443)", port)
  .option("--data-dir <directory>", "where a new cluster keeps its data; new or empty")
  .option("--scheduler-config <file>", "the scheduler's KubeSchedulerConfiguration (default: as before)")
  .option("--runtime-config <versions>", "beta versions to serve, such as networking.k8s.io/v1beta1=true, or api/beta (default: as before)")
  .option("--foreground", "show the logs, and stop the cluster on Ctrl-C")
  .action(async ({ simulate: simulatedNodes, fleet: file, dataDir: dataDirectory, schedulerConfig, foreground, ...flags }: UpFlags) => {
    const fleet = file === undefined ? undefined : await (await import("#cluster/simulated-nodes/fleet.ts")).readFleet(file);
    if (flags.runtimeConfig !== undefined) (await import("#cluster/control-plane/runtime-config.ts")).kindsAskedFor(flags.runtimeConfig);
    const options = { ...flags, simulatedNodes, fleet, dataDirectory, schedulerConfiguration: schedulerConfig };
    if (foreground === true) {
      const { runInForeground } = await import("#cluster/lifecycle/foreground.ts");
      await runInForeground(options, progress, console.log);
      process.exit(0);
    }
    const { up, whatToTry } = await import("#cluster/lifecycle/up.ts");
    for (const line of whatToTry(await up(options, progress))) console.log(line);
  });

program
  .command("down")
  .description("stop a cluster; its data stays, and `knarr up` brings all back")
  .addOption(nameOption())
  .action(async ({ name }: Named) => {
    const { down } = await import("#cluster/lifecycle/down.ts");
    await down(name, progress);
  });

program
  .command("delete")
  .description("remove a cluster: processes, networks, data, kubectl context")
  .addOption(nameOption())
  .action(async ({ name }: Named) => {
    const { deleteCluster } = await import("#cluster/lifecycle/down.ts");
    await deleteCluster(name, progress);
  });

program
  .command("status")
  .description("how the clusters of this machine are")
  .option("--name <name>", "only this one")
  .action(async ({ name }: { readonly name?: string }) => {
    const { statusOf } = await import("#cluster/lifecycle/status.ts");
    const records = name === undefined ? clustersOfThisMachine().list() : [findCluster(name)];
    if (records.length === 0) console.log("There is no cluster on this machine: make one with `knarr up`.");
    for (const record of records) console.log((await statusOf(record)).join("\n"));
  });

program
  .command("logs [component]")
  .description("what the cluster's processes log; of one process (control-plane, node-1) or component (scheduler, kubelet)")
  .addOption(nameOption())
  .option("-f, --follow", "go on as more comes")
  .option("-n, --lines <number>", "so many of the last lines", count, 200)
  .action(async (component: string | undefined, { name, follow, lines }: Named & { readonly follow?: boolean; readonly lines: number }) => {
    const { printLogs } = await import("#cluster/lifecycle/logs.ts");
    await printLogs(findCluster(name), { component, follow: follow === true, lines }, console.log);
  });

program
  .command("why <pod>")
  .description("why a pod (pod/NAME) is on its node, or on none: which plugin refused which nodes, and how many points the others got")
  .addOption(nameOption())
  .option("-n, --namespace <namespace>", "namespace of the pod", "default")
  .action(async (pod: string, { name, namespace }: Named & { readonly namespace: string }) => {
    const { whyPod } = await import("#cluster/lifecycle/why.ts");
    console.log((await whyPod(findCluster(name), pod, namespace)).join("\n"));
  });

program
  .command("kubectl")
  .description("kubectl on this cluster, with all its own parameters (`--name` comes before them)")
  .addOption(nameOption())
  .argument("[parameters...]")
  .passThroughOptions()
  .allowUnknownOption()
  .helpOption(false)
  .action(async (parameters: readonly string[], { name }: Named) => {
    const { runKubectl } = await import("#cluster/lifecycle/kubectl.ts");
    process.exitCode = runKubectl(findRunningCluster(name), parameters);
  });

program
  .command("test [files...]")
  .description("run Knarr's own checks and tests, or those cluster tests whose file names contain a word given here")
  .action(() => fail(new SetupError("tests are run by the launcher: call ./knarr test in a checkout")));

const image = program.command("image").description("images on the nodes, without a registry");

image
  .command("import <file>")
  .description("load the images of an OCI or Docker archive (docker save, podman save) into every node")
  .addOption(nameOption())
  .action(async (file: string, { name }: Named) => {
    const { importIntoNodes } = await import("#cluster/lifecycle/images.ts");
    const names = await progress.step(`Images of ${file} loaded`, () => importIntoNodes(findCluster(name), file));
    for (const loaded of names) console.log(loaded);
  });

image
  .command("ls")
  .description("which images the nodes have")
  .addOption(nameOption())
  .action(async ({ name }: Named) => {
    const { listImages } = await import("#cluster/lifecycle/images.ts");
    for (const { node, name: loaded, bytes } of await listImages(findCluster(name))) {
      console.log(`${node.padEnd(10)} ${(bytes / 1e6).toFixed(1).padStart(8)} MB  ${loaded}`);
    }
  });

image
  .command("build-from <directory>")
  .description("build an image from a directory with a Dockerfile (FROM scratch or a built-in image; COPY, ENV, CMD …) and load it")
  .addOption(nameOption())
  .option("-t, --tag <image>", "name of the image (default: knarr.local/DIRECTORY:1)")
  .action(async (directory: string, { name, tag }: Named & { readonly tag?: string }) => {
    const { buildIntoNodes } = await import("#cluster/lifecycle/images.ts");
    const { defaultName } = await import("#cluster/images/build-from.ts");
    const wanted = tag ?? defaultName(directory);
    await progress.step(`Image ${wanted} built and loaded`, (report) => buildIntoNodes(findCluster(name), directory, wanted, report));
    console.log(wanted);
  });

program.parseAsync().catch(fail);

interface Named {
  readonly name: string;
}

interface UpFlags extends Named {
  readonly nodes?: number;
  readonly simulate?: number;
  readonly fleet?: string;
  readonly port?: number;
  readonly dataDir?: string;
  readonly schedulerConfig?: string;
  readonly runtimeConfig?: string;
  readonly foreground?: boolean;
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || text.trim() === "") throw new InvalidArgumentError("give a whole number, such as 3");
  return number;
}

function port(text: string): number {
  const number = count(text);
  if (number < 1 || number > 65_535) throw new InvalidArgumentError("give a port between 1 and 65535");
  return number;
}

/** One line for what the user can mend; the whole stack for what is our fault. */
function fail(error: unknown): never {
  const isExpected = error instanceof Error && ["SetupError", "MachineError"].includes(error.name);
  for (const line of isExpected ? error.message.split("\n") : ["this should not have happened:"]) console.error(`knarr: ${line}`);
  if (!isExpected) console.error(error);
  process.exit(1);
}
