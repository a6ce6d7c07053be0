import { expect } from "vitest";
import { type Behaviour, image, shell } from "./stage.ts";

/** Empty directories, on disk and in memory. */

const media = { default: "", tmpfs: "Memory" } as const;
type Medium = keyof typeof media;

const volumeMounts = [{ name: "test-volume", mountPath: "/test-volume" }];
const volume = (medium: Medium) => ({ name: "test-volume", emptyDir: { medium: media[medium] } });
const isMemory = "grep -q ' /test-volume tmpfs ' /proc/mounts && echo tmpfs || echo disk";

/** A user makes a file of a mode, and reads it again. */
const supports = (user: "root" | "non-root", mode: string, medium: Medium): Behaviour => [
  `[sig-storage] EmptyDir volumes should support (${user},${mode},${medium}) [LinuxOnly] [Conformance] [NodeConformance]`,
  async (stage) => {
    const script = `cd /test-volume; echo mount-tester new file > test-file; chmod ${mode} test-file; cat test-file; stat -c '%a %u' test-file; ${isMemory}`;
    const runAsUser = user === "root" ? 0 : 1001;
    const output = await stage.outputOf("tester", { containers: [shell(script, { volumeMounts })], volumes: [volume(medium)], securityContext: { runAsUser } });
    expect(output).toBe(`mount-tester new file\n${mode.slice(1)} ${runAsUser}\n${medium === "tmpfs" ? "tmpfs" : "disk"}\n`);
  },
];

const hasMode = (medium: Medium): Behaviour => [
  `[sig-storage] EmptyDir volumes volume on ${medium === "tmpfs" ? "tmpfs" : "default medium"} should have the correct mode [LinuxOnly] [Conformance] [NodeConformance]`,
  async (stage) => {
    const output = await stage.outputOf("tester", { containers: [shell(`stat -c %A /test-volume; ${isMemory}`, { volumeMounts })], volumes: [volume(medium)] });
    expect(output).toBe(`drwxrwxrwx\n${medium === "tmpfs" ? "tmpfs" : "disk"}\n`);
  },
];

const modes: readonly (readonly ["root" | "non-root", string, Medium])[] = [
  ["non-root", "0644", "default"], ["non-root", "0666", "tmpfs"], ["non-root", "0777", "default"], ["non-root", "0777", "tmpfs"],
  ["root", "0644", "default"], ["root", "0644", "tmpfs"], ["root", "0666", "default"], ["root", "0666", "tmpfs"], ["root", "0777", "default"], ["root", "0777", "tmpfs"],
];

export const emptyDirs: readonly Behaviour[] = [
  ...modes.map(([user, mode, medium]) => supports(user, mode, medium)),
  hasMode("default"),
  hasMode("tmpfs"),
  ["[sig-storage] EmptyDir volumes pod should support shared volumes between containers [Conformance]", async (stage) => {
    await stage.runPod("sharing", {
      containers: [
        { name: "main", image, volumeMounts },
        { ...shell("echo Hello from the busy-box sub-container > /test-volume/shareddata.txt; sleep 600", { volumeMounts }), name: "sub" },
      ],
      volumes: [volume("default")],
    });
    await stage.until("one reads what the other wrote", async () => (await stage.exec("sharing", "cat /test-volume/shareddata.txt")) === "Hello from the busy-box sub-container\n");
  }],
];
