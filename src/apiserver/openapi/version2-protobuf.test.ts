import { expect, test } from "vitest";
import { encodeVersion2 } from "./version2-protobuf.ts";

/** `field(n, …)`: a field of bytes, made of texts and other such fields. */
function field(number: number, ...parts: readonly (string | Buffer)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from([number * 8 + 2 > 127 ? (number * 8 + 2) & 127 | 128 : number * 8 + 2, ...(number > 15 ? [number >> 4] : [])]), Buffer.from([content.length]), content]);
}

test.each([
  ["plain fields", { swagger: "2.0", info: { title: "a", version: "b" } }, [field(1, "2.0"), field(2, field(1, "a"), field(2, "b"))]],
  ["definitions by name", { definitions: { X: { type: "string", $ref: "y" } } }, [field(9, field(1, field(1, "X"), field(2, field(22, field(1, "string")), field(1, "y"))))]],
  ["extensions as YAML", { definitions: { X: { "x-k": ["a"] } } }, [field(9, field(1, field(1, "X"), field(2, field(31, field(1, "x-k"), field(2, field(2, '["a"]'))))))]],
  ["parameters by place", { paths: { "/p": { get: { parameters: [{ name: "a", in: "body" }, { name: "b", in: "query" }] } } } }, [
    field(8, field(2, field(1, "/p"), field(2, field(2,
      field(8, field(1, field(1, field(2, "a"), field(3, "body")))),
      field(8, field(1, field(2, field(3, field(4, "b"), field(2, "query"))))),
    )))),
  ]],
  ["security", { security: [{ B: [] }] }, [field(12, field(1, field(1, "B"), field(2)))]],
] as const)("%s", (_case, document, expected) => {
  expect(Buffer.from(encodeVersion2(document)).toString("hex")).toBe(Buffer.concat([...expected]).toString("hex"));
});
