/** Runs a program to its end; resolves with its output, rejects unless it ends with 0. Given in by whoever starts the kubelet. */
export type Run = (command: string, args: readonly string[]) => Promise<string>;
