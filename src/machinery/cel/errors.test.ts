import { describe, expect, test } from "vitest";
import { compile } from "./cel.ts";
import { Environment } from "./environment.ts";
import { authorizerType } from "./library/kubernetes/authorizer.ts";
import { bindingsLibrary, kubernetesLibraries } from "./library/kubernetes/kubernetes.ts";
import { kubernetesObject, kubernetesSchema } from "./testing/kubernetes-object.ts";
import { declareSchema } from "./schema/structural.ts";
import { dynType } from "./types/type.ts";

const declared = declareSchema(kubernetesSchema, true, "selfType")!;
const environment = Environment.of([...kubernetesLibraries, bindingsLibrary])
  .with([["self", declared.type], ["d", dynType], ["authorizer", authorizerType]]);

/** What Kubernetes 1.36 tells the writer of an expression. The line of the expression and the mark below it are checked once. */
const refused: readonly (readonly [source: string, ...messages: string[]])[] = [
  ["\"%d\".format([\"a\"])", "1:14: error during formatting: decimal clause can only be used on integers, was given string"],
  ["\"%d %d\".format([1])", "1:15: index 1 out of range"],
  ["\"%s\".format([\"a\",1])", "1:12: too many arguments supplied to string.format (expected 1, got 2)"],
  ["[1, \"a\", 2.0].size()", "1:5: expected type 'int' but found 'string'"],
  ["duration(\"x\")", "1:10: invalid duration argument"],
  ["math.greatest(1,2)", "1:1: undeclared reference to 'math' (in container '')", "1:14: undeclared reference to 'greatest' (in container '')"],
  ["\"a\".reverse()", "1:12: found no matching overload for 'reverse' applied to 'string.()'"],
  ["self.", "1:6: Syntax error: no viable alternative at input '.'"],
  ["self.i ==", "1:10: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["(self.i", "1:8: Syntax error: missing ')' at '<EOF>'"],
  ["self.i)", "1:7: Syntax error: extraneous input ')' expecting <EOF>"],
  ["1 +", "1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["foo bar", "1:5: Syntax error: extraneous input 'bar' expecting <EOF>"],
  ["\"abc", "1:1: Syntax error: token recognition error at: '\"abc'", "1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["self.s == 'x", "1:11: Syntax error: token recognition error at: ''x'", "1:13: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["a @ b", "1:3: Syntax error: token recognition error at: '@'", "1:5: Syntax error: extraneous input 'b' expecting <EOF>"],
  ["[1,2", "1:5: Syntax error: mismatched input '<EOF>' expecting {']', ','}"],
  ["{\"a\":", "1:6: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["self..i", "1:6: Syntax error: no viable alternative at input '..'"],
  ["has(self)", "1:5: invalid argument to has() macro"],
  ["self.l.all(1, true)", "1:12: argument must be a simple name"],
  ["self.l.all(x)", "1:11: undeclared reference to 'all' (in container '')", "1:12: undeclared reference to 'x' (in container '')"],
  ["if", "1:1: reserved identifier: if"],
  ["self.if", "1:5: undefined field 'if'"],
  ["true.x", "1:5: type 'bool' does not support field selection"],
  ["1.2.3", "1:4: Syntax error: extraneous input '.3' expecting <EOF>"],
  ["self.i = 5", "1:8: Syntax error: token recognition error at: '= '", "1:10: Syntax error: extraneous input '5' expecting <EOF>"],
  ["self.i & 1", "1:8: Syntax error: token recognition error at: '& '", "1:10: Syntax error: extraneous input '1' expecting <EOF>"],
  ["self.i === 1", "1:10: Syntax error: token recognition error at: '= '"],
  ["self.i ? 1", "1:11: Syntax error: mismatched input '<EOF>' expecting ':'"],
  ["self.l.map(x)", "1:11: undeclared reference to 'map' (in container '')", "1:12: undeclared reference to 'x' (in container '')"],
  ["x -> y", "1:4: Syntax error: extraneous input '>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["'a' + ", "1:7: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["foo(1)", "1:4: undeclared reference to 'foo' (in container '')"],
  ["self.foo()", "1:9: undeclared reference to 'foo' (in container '')"],
  ["self.s.contains(1)", "1:16: found no matching overload for 'contains' applied to 'string.(int)'"],
  ["a.b.c", "1:1: undeclared reference to 'a' (in container '')"],
  ["namespace", "1:1: reserved identifier: namespace"],
  ["self.namespace", "1:5: undefined field 'namespace'"],
  ["self.`a-b`", "1:6: unsupported syntax: '`'"],
  ["0x", "1:2: Syntax error: extraneous input 'x' expecting <EOF>"],
  ["1e", "1:2: Syntax error: extraneous input 'e' expecting <EOF>"],
  ["99999999999999999999", "1:1: invalid int literal"],
  ["\"\\q\"", "1:1: Syntax error: token recognition error at: '\"\\q'", "1:4: Syntax error: token recognition error at: '\"'", "1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["self.l[0", "1:9: Syntax error: missing ']' at '<EOF>'"],
  ["self.l[]", "1:8: Syntax error: mismatched input ']' expecting {'[', '{', '(', '.', '-', '!', '?', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["{1}", "1:3: Syntax error: mismatched input '}' expecting ':'"],
  ["f(1,)", "1:5: Syntax error: mismatched input ')' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["a{b:1}", "1:2: undeclared reference to 'a' (in container '')"],
  ["self.i in", "1:10: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["null.x", "1:5: type 'null' does not support field selection"],
  ["true && ", "1:9: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["|| true", "1:1: Syntax error: extraneous input '||' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["'", "1:1: Syntax error: token recognition error at: '''", "1:2: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["\"", "1:1: Syntax error: token recognition error at: '\"'", "1:2: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["#", "1:1: Syntax error: token recognition error at: '#'", "1:2: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["self.s.matches(\"[\")", "1:16: invalid matches argument"],
  ["self.é", "1:6: Syntax error: token recognition error at: 'é'", "1:7: Syntax error: no viable alternative at input '.'"],
  ["ü == 1", "1:1: Syntax error: token recognition error at: 'ü'", "1:3: Syntax error: extraneous input '==' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["self.i +* 2", "1:9: Syntax error: extraneous input '*' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"],
  ["5 5", "1:3: Syntax error: extraneous input '5' expecting <EOF>"],
  ["(1,2)", "1:3: Syntax error: mismatched input ',' expecting ')'"],
  ["self.i == 1 2", "1:13: Syntax error: extraneous input '2' expecting <EOF>"],
  ["self[\"i\"]", "1:5: found no matching overload for '_[_]' applied to '(selfType, string)'"],
  ["size()", "1:5: found no matching overload for 'size' applied to '()'"],
  ["size(1)", "1:5: found no matching overload for 'size' applied to '(int)'"],
  ["self.o.zz", "1:7: undefined field 'zz'"],
  ["self.l.foo", "1:7: type 'list(string)' does not support field selection"],
  ["1 == \"a\"", "1:3: found no matching overload for '_==_' applied to '(int, string)'"],
  ["self.i + self.s", "1:8: found no matching overload for '_+_' applied to '(int, string)'"],
  ["-self.s", "1:1: found no matching overload for '-_' applied to '(string)'"],
  ["!self.i", "1:1: found no matching overload for '!_' applied to '(int)'"],
  ["self.i && true", "1:5: expected type 'bool' but found 'int'"],
  ["self.i ? 1 : 2", "1:8: found no matching overload for '_?_:_' applied to '(int, int, int)'"],
  ["self.b ? 1 : \"a\"", "1:8: found no matching overload for '_?_:_' applied to '(bool, int, string)'"],
  ["self.l.map(x, y)", "1:15: undeclared reference to 'y' (in container '')"],
  ["type(1) == strin", "1:12: undeclared reference to 'strin' (in container '')"],
  ["cel.bind(1, 2, 3)", "1:10: cel.bind() variable names must be simple identifiers"],
  ["self.o == {}", "1:8: found no matching overload for '_==_' applied to '(selfType.o, map(dyn, dyn))'"],
  ["self.objs[0].zz", "1:13: undefined field 'zz'"],
  ["self.l.filter(x, x)", "1:14: found no matching overload for '_?_:_' applied to '(string, list(string), list(string))'"],
  ["self.l.filter(x, 1)", "1:14: found no matching overload for '_?_:_' applied to '(int, list(string), list(string))'"],
  ["self.s.size", "1:7: type 'string' does not support field selection"],
  ["self.i.x", "1:7: type 'int' does not support field selection"],
];

/** What Kubernetes 1.36 tells when a run fails. */
const failed: readonly (readonly [source: string, message: string])[] = [
  ["self.m[self.e]", "no such key: a"],
  ["d.o.contains(\"a\")", "no such overload"],
  ["d.o.matches(\"a\")", "no such overload"],
  ["d.o.startsWith(\"a\")", "no such overload"],
  ["d.i.size()", "no such overload: size"],
  ["size(d.i)", "no such overload: size"],
  ["d.s.getHours()", "no such overload: getHours(string)"],
  ["d.o.getHours()", "no such overload: getHours(map)"],
  ["d.i.x", "no such key: x"],
  ["d.s.x", "no such key: x"],
  ["d.l.x", "unsupported index type 'string' in list"],
  ["d.b.x", "no such key: x"],
  ["has(d.l.x)", "unsupported index type 'string' in list"],
  ["d.s[0]", "no such key: 0"],
  ["d.i[\"a\"]", "no such key: a"],
  ["d.i[0]", "no such key: 0"],
  ["d.l[\"a\"]", "unsupported index type 'string' in list"],
  ["d.l[d.b]", "unsupported index type 'bool' in list"],
  ["d.l.?x", "unsupported index type 'string' in list"],
  ["d.l[?\"a\"]", "unsupported index type 'string' in list"],
  ["int(d.o)", "no such overload: int(map)"],
  ["string(d.l)", "no such overload: string(list)"],
  ["double(d.b)", "no such overload: double(bool)"],
  ["duration(d.o)", "no such overload: duration(map)"],
  ["d.o.upperAscii()", "no such overload: upperAscii(map)"],
  ["d.i.split(\",\")", "no such overload: split(int, string)"],
  ["d.s.split(d.i)", "no such overload: split(string, int)"],
  ["d.l.join(d.i)", "no such overload: join(list, int)"],
  ["d.s.sum()", "no such overload: sum(string)"],
  ["d.o.find(\"a\")", "no such overload"],
  ["isIP(d.i)", "no such overload: isIP(int)"],
  ["quantity(d.i)", "no such overload: quantity(int)"],
  ["url(d.i)", "no such overload: url(int)"],
  ["strings.quote(d.i)", "no such overload: strings.quote(int)"],
  ["sets.contains(d.o, [1])", "no such overload: sets.contains(map, list)"],
  ["d.i.hasValue()", "no such overload: hasValue(int)"],
  ["d.i.value()", "no such overload: value(int)"],
  ["-d.s", "no such overload"],
  ["!d.s", "no such overload"],
  ["d.o + 1", "no such overload: _+_"],
  ["1 + d.o", "no such overload"],
  ["d.o / 2", "no such overload: _/_"],
  ["d.o < d.o", "no such overload: _<_"],
  ["d.l < d.l", "no such overload: _<_"],
  ["1 < d.o", "no such overload"],
  ["d.i in d.i", "no such overload"],
  ["d.i in d.s", "no such overload"],
  ["d.i.all(x, true)", "got 'types.Int', expected iterable type"],
  ["d.s.map(x, x)", "got 'types.String', expected iterable type"],
  ["d.l % 2", "no such overload: _%_"],
  ["d.l - d.l", "no such overload: _-_"],
  ["d.i - d.l", "no such overload"],
  ["[d.i, d.s].sort()", "list elements must have the same type"],
  ["type(d.i.x)", "no such key: x"],
  ["d.n.reverse()", "no such overload: reverse(double)"],
  ["lists.range(d.s)", "no such overload: lists.range(string)"],
];

describe("errors", () => {
  test.each(refused)("%s is refused", (source, ...messages) => {
    const lines = compile(source, environment).errors?.split("\n").filter((line) => !line.startsWith(" | "));
    expect(lines?.map((line) => line.replace(/^ERROR: <input>:/, ""))).toEqual(messages);
  });

  test.each(failed)("%s fails", (source, message) => {
    expect(compile(source, environment).program!.evaluate({ self: kubernetesObject, d: kubernetesObject })).toMatchObject({ error: message });
  });

  test("a report shows the line and marks the place, wide characters with wide dots", () => {
    expect(compile("self.i == 5 &&\n  'é' == foo", environment).errors).toBe(
      "ERROR: <input>:2:10: undeclared reference to 'foo' (in container '')\n |   'é' == foo\n | ...．.....^",
    );
  });

  test("a run that costs too much ends, whatever would absorb errors", () => {
    const { program } = compile("self.ul.all(a, self.ul.all(b, a + b != 'x')) || true", environment);
    const object = { ul: Array.from({ length: 300 }, (_, index) => `${index}`) };
    expect(program!.evaluate({ self: object }, 100_000)).toMatchObject({ error: "operation cancelled: actual cost limit exceeded", exceededBudget: true });
    expect(program!.evaluate({ self: { ul: ["a"] } }, 5)).toMatchObject({ exceededBudget: true });
  });
});
