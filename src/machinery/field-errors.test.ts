import { describe, expect, test } from "vitest";
import {
  duplicateValue, fieldErrorText, forbiddenValue, internalFieldError, invalidValue, notFoundValue, notSupportedValue, requiredValue,
  tooFew, tooLong, tooLongInCharacters, tooMany, tooShort, typeInvalid,
} from "./field-errors.ts";
import { FieldPath, fieldPath } from "./field-path.ts";
import { quote } from "./quote.ts";
import { invalid } from "./status-error.ts";

describe("field paths", () => {
  test.each([
    [fieldPath("spec", "containers").index(0).child("name"), "spec.containers[0].name"],
    [fieldPath("metadata", "annotations").key("a/b"), "metadata.annotations[a/b]"],
    [FieldPath.root, "<nil>"],
    [FieldPath.root.key("x").child("y"), "[x].y"],
  ])("%s", (path, text) => {
    expect(path.toString()).toBe(text);
  });
});

describe("field errors", () => {
  const at = fieldPath("spec", "x");
  test.each([
    [invalidValue(at, -1, "must be greater than or equal to 0"), "spec.x: Invalid value: -1: must be greater than or equal to 0"],
    [invalidValue(at, { a: ["b"] }, "field is immutable"), 'spec.x: Invalid value: {"a":["b"]}: field is immutable'],
    [invalidValue(at, null, ""), "spec.x: Invalid value: null"],
    [notSupportedValue(at, "x", ["a", "b"]), 'spec.x: Unsupported value: "x": supported values: "a", "b"'],
    [requiredValue(at), "spec.x: Required value"],
    [requiredValue(at, "name is needed"), "spec.x: Required value: name is needed"],
    [duplicateValue(at, "n"), 'spec.x: Duplicate value: "n"'],
    [notFoundValue(at, "n"), 'spec.x: Not found: "n"'],
    [forbiddenValue(at, "may not be set"), "spec.x: Forbidden: may not be set"],
    [tooLong(at, 63), "spec.x: Too long: may not be more than 63 bytes"],
    [tooLongInCharacters(at, 1), "spec.x: Too long: may not be more than 1 character"],
    [tooShort(at, 2), "spec.x: Too short: must be at least 2 characters"],
    [tooMany(at, 5, 1), "spec.x: Too many: 5: must have at most 1 item"],
    [tooFew(at, 0, 2), "spec.x: Too few: 0: must have at least 2 items"],
    [typeInvalid(at, "x", "must be a number"), 'spec.x: Invalid value: "x": must be a number'],
    [internalFieldError(at, "broke"), "spec.x: Internal error: broke"],
  ])("%j", (error, text) => {
    expect(fieldErrorText(error)).toBe(text);
  });

  test("become an Invalid status whose message says each thing once and whose causes keep them all", () => {
    const error = requiredValue("spec.a");
    const status = invalid({ group: "apps", resource: "Deployment" }, "web", [error, error, invalidValue("spec.b", 1, "no")]);
    expect(status.message).toBe('Deployment.apps "web" is invalid: [spec.a: Required value, spec.b: Invalid value: 1: no]');
    expect(status.code).toBe(422);
    expect(status.body.details?.causes).toHaveLength(3);
    expect(status.body.details?.causes?.[0]).toEqual({ reason: "FieldValueRequired", message: "Required value", field: "spec.a" });
  });
});

test.each([["a\"b\\", '"a\\"b\\\\"'], ["\n\t\u0000", '"\\n\\t\\x00"'], ["é☃", '"é☃"'], ["\u200b", '"\\u200b"']])("quotes %j", (text, quoted) => {
  expect(quote(text)).toBe(quoted);
});
