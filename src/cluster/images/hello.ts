import { type Busybox, busyboxTree } from "./busybox.ts";
import { directory, file, type FileTree, toTar } from "./file-tree.ts";
import type { Image } from "./image.ts";

/** The demonstration image: a web server on port 8080 that tells where it runs, and all of busybox's commands. */
export const helloImage = "knarr.local/hello:1";

/** A shell as process 1 takes TERM, which busybox's web server there would not. */
const server = `#!/bin/sh
trap 'kill "$server" 2>/dev/null; exit 0' TERM INT
echo "serving on port \${PORT:-8080}"
httpd -f -vv -p "\${PORT:-8080}" -h /www &
server=$!
wait "$server"
`;

const page = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
echo "\${MESSAGE:-Hello from Knarr}"
echo "pod: \${POD_NAME:-$(hostname)}"
echo "namespace: \${POD_NAMESPACE:-unknown}"
echo "node: \${NODE_NAME:-unknown}"
`;

const files: FileTree = new Map([
  ["server", file(server, 0o755)],
  ["www/cgi-bin/index.cgi", file(page, 0o755)],
  ["www/healthz", file("ok\n")],
  ["etc/passwd", file("root:x:0:0:root:/root:/bin/sh\nhello:x:1000:1000:hello:/home/hello:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")],
  ["etc/group", file("root:x:0:\nhello:x:1000:\nnogroup:x:65534:\n")],
  ["root", directory(0o700)],
  ["home/hello", directory(0o777)],
  ["tmp", directory(0o1777)],
  ["var/tmp", directory(0o1777)],
]);

export async function makeHello(busybox: Busybox): Promise<Image> {
  const tree = new Map([...busyboxTree(busybox), ...files]);
  return {
    name: helloImage,
    layers: [await toTar(tree)],
    settings: {
      Cmd: ["/server"],
      Env: ["PATH=/usr/local/bin:/bin"],
      User: "1000:1000",
      ExposedPorts: { "8080/tcp": {} },
    },
  };
}
