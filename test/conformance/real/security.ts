import { expect } from "vitest";
import { type Behaviour, shell } from "./stage.ts";

/** As whom containers run, and what they may do. */

const runsAs = (where: "container" | "pod"): Behaviour => {
  const context = { runAsUser: 1001, runAsGroup: 2002 };
  const place = where === "pod" ? "pod.Spec" : "container";
  return [
    `[sig-node] Security Context should support ${place}.SecurityContext.RunAsUser And ${place}.SecurityContext.RunAsGroup [LinuxOnly] [Conformance]`,
    async (stage) => {
      const spec = where === "pod" ? { containers: [shell("id -u; id -g")], securityContext: context } : { containers: [shell("id -u; id -g", { securityContext: context })] };
      expect(await stage.outputOf("security", spec)).toBe("1001\n2002\n");
    },
  ];
};

const suite = "[sig-node] Security Context";

export const security: readonly Behaviour[] = [
  runsAs("container"),
  runsAs("pod"),
  [`${suite} When creating a pod with privileged should run the container as unprivileged when false [LinuxOnly] [Conformance] [NodeConformance]`, async (stage) => {
    const securityContext = { privileged: false, runAsUser: 0 };
    const output = await stage.outputOf("unprivileged", { containers: [shell("ip link add dummy0 type dummy 2>&1 || true", { securityContext })] });
    expect(output).toContain("RTNETLINK answers: Operation not permitted");
  }],
  [`${suite} When creating a pod with readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false [Conformance] [NodeConformance]`, async (stage) => {
    await stage.outputOf("writable", { containers: [shell("touch /checkfile", { securityContext: { readOnlyRootFilesystem: false, runAsUser: 0 } })] });
  }],
  [`${suite} when creating containers with AllowPrivilegeEscalation should not allow privilege escalation when false [LinuxOnly] [Conformance] [NodeConformance]`, async (stage) => {
    const securityContext = { allowPrivilegeEscalation: false, runAsUser: 1000 };
    const output = await stage.outputOf("escalation", { containers: [shell("grep NoNewPrivs /proc/self/status; id -u", { securityContext })] });
    expect(output).toBe("NoNewPrivs:\t1\n1000\n");
  }],
];
