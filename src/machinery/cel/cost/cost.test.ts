import { describe, expect, test } from "vitest";
import { compile } from "../cel.ts";
import { Environment } from "../environment.ts";
import { bindingsLibrary, kubernetesLibraries } from "../library/kubernetes/kubernetes.ts";
import { declareSchema, type StructuralSchema } from "../schema/structural.ts";
import { limitsOf } from "../schema/declared.ts";
import { dynType } from "../types/type.ts";

/** Texts, lists and maps with and without limits. */
const schema: StructuralSchema = {"type": "object", "required": ["i", "s"], "properties": {"i": {"type": "integer"}, "n": {"type": "number"}, "b": {"type": "boolean"}, "s": {"type": "string", "maxLength": 10}, "u": {"type": "string"}, "e": {"type": "string", "enum": ["a", "bbb"]}, "ios": {"x-kubernetes-int-or-string": true}, "by": {"type": "string", "format": "byte"}, "dur": {"type": "string", "format": "duration"}, "dt": {"type": "string", "format": "date-time"}, "da": {"type": "string", "format": "date"}, "l": {"type": "array", "maxItems": 5, "items": {"type": "string", "maxLength": 7}}, "ul": {"type": "array", "items": {"type": "string"}}, "il": {"type": "array", "maxItems": 9, "items": {"type": "integer"}}, "set": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}, "lm": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "items": {"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}, "v": {"type": "integer"}}}}, "m": {"type": "object", "maxProperties": 4, "additionalProperties": {"type": "string", "maxLength": 6}}, "um": {"type": "object", "additionalProperties": {"type": "integer"}}, "o": {"type": "object", "properties": {"x": {"type": "integer"}, "missing": {"type": "string"}, "namespace": {"type": "string"}, "a-b": {"type": "string"}, "deep": {"type": "object", "properties": {"z": {"type": "string", "default": "q"}}}}}, "objs": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}, "port": {"type": "integer"}}}}, "pu": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}};
const object = {"apiVersion": "g/v1", "kind": "K", "metadata": {"name": "nm"}, "i": 5, "n": 1.5, "b": true, "s": "hello", "u": "some longer text", "e": "a", "ios": "50%", "by": "aGVsbG8=", "dur": "1h", "dt": "2020-01-02T03:04:05Z", "da": "2021-02-03", "l": ["a", "bb", "ccc"], "ul": ["x", "y"], "il": [3, 1, 2], "set": ["p", "q"], "lm": [{"k": "one", "v": 1}, {"k": "two", "v": 2}], "m": {"k1": "v1", "k2": "v2"}, "um": {"a": 1, "b": 2}, "o": {"x": 7, "namespace": "ns", "a-b": "dash", "deep": {"z": "zz"}}, "objs": [{"name": "n1", "port": 80}, {"name": "n2", "port": 443}], "pu": {"q": 1}};

const declared = declareSchema(schema, true)!;
const environment = Environment.of([...kubernetesLibraries, bindingsLibrary]).with([["self", declared.type], ["d", dynType]]);

/** Costs as Kubernetes 1.36 tells them for the same schema and object: estimated at the least and at the most, and of the run. */
const costs: readonly (readonly [source: string, minimum: number, maximum: number, actual: number])[] = [
  ["\"%s %d\".format([\"a\", 1])", 11, 11, 1],
  ["d.l.all(x, x.size() > 0)", 2, 32, 21],
  ["self.l.exists(x, x == \"a\")", 3, 33, 12],
  ["self.l.map(x, x + \"b\")", 13, 93, 45],
  ["self.l.filter(x, x == \"a\")", 13, 88, 22],
  ["has(self.o.x)", 2, 2, 2],
  ["has(self.o)", 1, 1, 1],
  ["self.i > 3 ? self.s : self.u", 5, 5, 4],
  ["(self.i > 3 ? self.o : self.o).x", 6, 6, 5],
  ["self.l[0]", 3, 3, 3],
  ["self.l[self.i - 4]", 6, 6, 6],
  ["self.il[self.i-5] == 3", 6, 6, 7],
  ["self.m[\"k1\"]", 3, 3, 3],
  ["self.i in [1,2,5]", 15, 15, 2],
  ["self.i in [1,2,self.i]", 17, 17, 17],
  ["\"k1\" in self.m", 3, 3, 3],
  ["self.l.size()", 3, 3, 3],
  ["size(self.s)", 3, 3, 3],
  ["[self.i]", 12, 12, 12],
  ["{\"a\": self.i}", 32, 32, 32],
  ["[1]", 10, 10, 0],
  ["[[1]]", 20, 20, 0],
  ["{\"a\":[1]}", 40, 40, 0],
  ["duration(\"1h\")", 1, 1, 0],
  ["timestamp(\"2020-01-01T00:00:00Z\").getFullYear()", 2, 2, 1],
  ["self.s.startsWith(\"he\")", 3, 3, 3],
  ["self.s + self.u", 4, 314581, 7],
  ["self.u.matches(\"^[a-z ]*$\")", 5, 943721, 8],
  ["self.?o.?x.orValue(3)", 4, 4, 3],
  ["self.?o.x", 2, 2, 3],
  ["self.o.?x.hasValue()", 4, 4, 4],
  ["d.?q.r.orValue(1)", 3, 3, 1],
  ["self.m[?\"zz\"].orValue(\"q\")", 4, 4, 2],
  ["optional.of(self.i).optMap(v, v + 1).value()", 6, 22, 12],
  ["cel.bind(x, self.i + 1, x + x)", 16, 16, 6],
  ["self.um.all(k, v, v > 0)", 3, 2246948, 13],
  ["self.um.transformMap(k, v, v + 1)", 33, 2246978, 13],
  ["self.um.transformList(k, v, v)", 13, 5842070, 29],
  ["self.b && self.i == 5", 2, 4, 5],
  ["self.b || d.q", 2, 3, 2],
  ["!self.b", 3, 3, 3],
  ["-self.i", 3, 3, 3],
  ["type(self.i) == int", 4, 4, 4],
  ["string(self.i)", 3, 3, 3],
  ["dyn(self.i) == 5", 3, 3, 4],
  ["self.objs.exists_one(o, o.port == 80)", 4, 4194304, 12],
  ["self.objs == self.objs", 5, 104862, 5],
  ["self.dt > timestamp(\"2020-01-01T00:00:00Z\")", 4, 4, 3],
  ["self.lm.filter(e, e.k == \"one\")[0].v", 15, 5033167, 25],
  ["d.l.map(x, {\"n\": x})", 12, 227, 132],
  ["self.il.sum()", 2, 11, 5],
  ["self.l.max()", 2, 22, 2],
  ["self.l.isSorted()", 2, 22, 2],
  ["self.ul.indexOf(\"y\")", 2, 329854432052, 2],
  ["self.il.sort()", 13, 175, 31],
  ["self.objs.sortBy(o, o.port)[0].name", 38, 2199033741338, 55],
  ["self.il.distinct()", 13, 175, 31],
  ["[[1],[2]].flatten()", 43, 43, 13],
  ["self.il.slice(0,2)", 15, 15, 15],
  ["self.il.reverse()", 13, 22, 16],
  ["sets.contains(self.ul, [\"x\"])", 13, 1048588, 5],
  ["self.u.find(\"[a-z]+\")", 4, 629148, 6],
  ["self.u.findAll(\"[a-z]+\", 2)", 4, 629148, 6],
  ["self.u.split(\" \")", 2, 629148, 6],
  ["self.u.replace(\"e\",\"ee\")", 2, 629148, 6],
  ["self.u.substring(2,4)", 2, 314575, 4],
  ["self.u.upperAscii()", 2, 314575, 4],
  ["ip(\"1.2.3.4\").family()", 2, 2, 2],
  ["cidr(\"10.0.0.0/8\").containsIP(\"10.1.1.1\")", 3, 6, 3],
  ["cidr(\"10.0.0.0/8\").containsCIDR(cidr(\"10.1.0.0/16\"))", 6, 10, 6],
  ["ip.isCanonical(\"::1\")", 1, 1, 1],
  ["quantity(\"1Gi\").isGreaterThan(quantity(\"1M\"))", 3, 3, 3],
  ["quantity(\"1\") == quantity(\"1\")", 3, 3, 3],
  ["format.named(\"uuid\").value().validate(self.s)", 4, 132, 22],
  ["url(\"https://a/b\").getHost()", 3, 3, 3],
  ["1 + 2 * 3", 2, 2, 2],
  ["\"a\" + \"b\"", 1, 1, 1],
  ["self.by.size()", 3, 3, 3],
  ["self.by == b\"hello\"", 3, 3, 3],
  ["self.n < 2", 3, 3, 3],
  ["self.dur < duration(\"2h\")", 4, 4, 3],
  ["string(self.dt)", 3, 3, 3],
  ["self.ul + [\"z\"]", 13, 13, 3],
  ["[1,2] + self.il", 13, 13, 3],
  ["self.e == \"a\"", 3, 3, 3],
  ["self.s.format([1])", 12, 16, 3],
  ["\"%s\".format([self.i])", 13, 13, 13],
  ["strings.quote(self.s)", 2, 6, 3],
  ["[3,1].sort()", 29, 29, 19],
  ["lists.range(4)", 15, 15, 15],
  ["[1,2].first()", 11, 11, 1],
  ["semver(\"1.2.3\").compareTo(semver(\"1.2.4\"))", 3, 3, 3],
  ["self.ios == \"50%\"", 3, 3, 3],
  ["type(self.ios) == string && self.ios.endsWith(\"%\")", 4, 7, 7],
  ["self.set.all(x, x in [\"p\",\"q\"])", 3, 16777203, 11],
  ["bytes(self.s)", 2, 6, 3],
  ["string(b\"abc\")", 1, 1, 0],
  ["d.o.namespace", 1, 1, 3],
  ["d.um.a + 1", 2, 2, 4],
  ["d.i + 1 == 6", 3, 3, 4],
  ["d.objs.all(o, o.port > 1)", 2, 5242877, 15],
  ["d.s == \"hello\"", 2, 2, 3],
  ["d.s + \"x\"", 2, 6, 3],
  ["size(d.l)", 2, 2, 3],
  ["has(d.o.q) && d.o.q", 1, 2, 2],
];

describe("costs", () => {
  test.each(costs)("of %s are estimated as %d to %d and are %d", (source, minimum, maximum, actual) => {
    const { program, errors } = compile(source, environment);
    expect(errors).toBeUndefined();
    expect(program!.estimateCost(limitsOf(declared))).toEqual({ minimum, maximum });
    expect(program!.evaluate({ self: object, d: object })).toMatchObject({ cost: actual });
  });
});
