import { spawn } from "node:child_process";
import type { Nftables } from "./kube-proxy.ts";

/** Applies scripts with the `nft` command. @param prefix goes before it, such as `nsenter --net=/run/netns/node` */
export function nftCommand(prefix: readonly string[] = []): Nftables {
  return {
    apply: (script) =>
      new Promise((resolve, reject) => {
        const [command, ...args] = [...prefix, "nft", "-f", "-"];
        const child = spawn(command, args, { stdio: ["pipe", "ignore", "pipe"] });
        let said = "";
        child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(0, 4096)));
        child.stdin.on("error", () => undefined);
        child.on("error", (cause) => reject(new Error("nft cannot be run: install the package nftables", { cause })));
        child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`nft: ${said.trim()}`))));
        child.stdin.end(script);
      }),
  };
}
