import type { Rules } from "./rules.ts";

/** Packets with this mark leave with the node's own address, so that answers come back through it. */
const masqueradeMark = "0x4000";

type Contents = ReadonlyMap<string, string> | ReadonlySet<string>;

/** The maps and sets of the table: nft's type, and which rules fill it. */
const containers: readonly { readonly name: string; readonly declaration: string; readonly contents: (rules: Rules) => Contents }[] = [
  { name: "services", declaration: "map services { type ipv4_addr . inet_proto . inet_service : verdict; }", contents: (rules) => rules.services },
  {
    name: "endpoints",
    declaration: "map endpoints { typeof ip daddr . meta l4proto . th dport . numgen random mod 65536 : ip daddr . th dport; }",
    contents: (rules) => rules.endpoints,
  },
  { name: "node-ports", declaration: "map node-ports { type inet_proto . inet_service : verdict; }", contents: (rules) => rules.nodePorts },
  {
    name: "node-port-endpoints",
    declaration: "map node-port-endpoints { typeof meta l4proto . th dport . numgen random mod 65536 : ip daddr . th dport; }",
    contents: (rules) => rules.nodePortEndpoints,
  },
  { name: "hairpins", declaration: "set hairpins { type ipv4_addr . ipv4_addr; }", contents: (rules) => rules.hairpins },
  { name: "refused", declaration: "set refused { type ipv4_addr . inet_proto . inet_service; }", contents: (rules) => rules.refused },
  {
    name: "refused-node-ports",
    declaration: "set refused-node-ports { type inet_proto . inet_service; }",
    contents: (rules) => rules.refusedNodePorts,
  },
];

const address = "ip daddr . meta l4proto . th dport";
const nodePort = "meta l4proto . th dport";

export interface TableOptions {
  readonly table: string;
  /** Node ports answer at local addresses within this prefix only, such as `127.0.0.0/8`; at all when absent. */
  readonly nodePortAddresses?: string;
}

/** Every table has the chains for up to this many endpoints. */
const usualSize = 16;

/**
 * The script that leads from one state to the other in one transaction; "" where nothing differs. It is the whole table when nothing is
 * there yet, and when a size of service occurs that the table has no chains for: nft 1.0.6 cannot add a rule that looks up a map of an
 * earlier transaction whose key was declared with typeof.
 */
export function scriptFor(before: Rules | undefined, after: Rules, options: TableOptions): string {
  const isNew = (size: number): boolean => size > usualSize && before?.sizes.has(size) === false;
  return before === undefined || [...after.sizes].some(isNew) ? wholeTable(after, options) : difference(before, after, options);
}

function wholeTable(rules: Rules, { table, nodePortAddresses }: TableOptions): string {
  const local = nodePortAddresses === undefined ? "fib daddr type local" : `fib daddr type local ip daddr ${nodePortAddresses}`;
  const sizes = new Set([...Array.from({ length: usualSize }, (_, index) => index + 1), ...rules.sizes]);
  return [
    `table ip ${table} {}`,
    `delete table ip ${table}`,
    `table ip ${table} {`,
    ...containers.map(({ declaration }) => `  ${declaration}`),
    "  chain dispatch {",
    `    ${address} vmap @services`,
    `    ${local} ${nodePort} vmap @node-ports`,
    "  }",
    "  chain prerouting { type nat hook prerouting priority dstnat; jump dispatch; }",
    "  chain output { type nat hook output priority -100; jump dispatch; }",
    "  chain postrouting {",
    "    type nat hook postrouting priority srcnat;",
    `    meta mark & ${masqueradeMark} == ${masqueradeMark} masquerade`,
    "    ip saddr . ip daddr @hairpins masquerade",
    "  }",
    "  chain refuse {",
    `    ${address} @refused reject`,
    `    ${local} ${nodePort} @refused-node-ports reject`,
    "  }",
    ...["input", "forward", "output"].map((hook) => `  chain refuse-${hook} { type filter hook ${hook} priority -10; ct state new jump refuse; }`),
    "}",
    ...[...sizes].flatMap((size) => chainsOf(table, size)),
    ...containers.flatMap(({ name, contents }) => elements("add", table, name, entriesOf(contents(rules)))),
    "",
  ].join("\n");
}

function difference(before: Rules, after: Rules, { table }: TableOptions): string {
  const lines: string[] = [];
  const changes = containers.map(({ name, contents }) => ({ name, old: contents(before), new: contents(after) }));
  for (const { name, old, new: wanted } of changes) lines.push(...elements("delete", table, name, keysMissing(old, wanted)));
  for (const { name, old, new: wanted } of changes) lines.push(...elements("add", table, name, entriesMissing(wanted, old)));
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** The chains that pick one of `size` endpoints. */
function chainsOf(table: string, size: number): string[] {
  const random = `numgen random mod ${size}`;
  const sticky = `jhash ip saddr mod ${size}`;
  const any = "meta l4proto { tcp, udp, sctp }";
  const mark = `meta mark set meta mark or ${masqueradeMark}`;
  const chain = (name: string, statements: string): string => `add chain ip ${table} ${name}-${size} { ${statements}; }`;
  return [
    chain("random", `${any} dnat ip to ${address} . ${random} map @endpoints`),
    chain("sticky", `${any} dnat ip to ${address} . ${sticky} map @endpoints`),
    chain("node-random", `${mark}; ${any} dnat ip to ${nodePort} . ${random} map @node-port-endpoints`),
    chain("node-sticky", `${mark}; ${any} dnat ip to ${nodePort} . ${sticky} map @node-port-endpoints`),
    chain("local-random", `${any} dnat ip to ${nodePort} . ${random} map @node-port-endpoints`),
    chain("local-sticky", `${any} dnat ip to ${nodePort} . ${sticky} map @node-port-endpoints`),
  ];
}

function elements(verb: "add" | "delete", table: string, name: string, entries: readonly string[]): string[] {
  return entries.length === 0 ? [] : [`${verb} element ip ${table} ${name} { ${entries.join(", ")} }`];
}

function entriesOf(contents: Contents): string[] {
  return "get" in contents ? [...contents].map(([key, value]) => `${key} : ${value}`) : [...contents.keys()];
}

/** Keys that are gone or have another value. */
function keysMissing(old: Contents, wanted: Contents): string[] {
  return [...old.keys()].filter((key) => !wanted.has(key) || valueOf(old, key) !== valueOf(wanted, key));
}

function entriesMissing(wanted: Contents, old: Contents): string[] {
  const missing = [...wanted.keys()].filter((key) => !old.has(key) || valueOf(old, key) !== valueOf(wanted, key));
  return missing.map((key) => (wanted instanceof Map ? `${key} : ${valueOf(wanted, key)}` : key));
}

function valueOf(contents: Contents, key: string): string | undefined {
  return "get" in contents ? contents.get(key) : undefined;
}
