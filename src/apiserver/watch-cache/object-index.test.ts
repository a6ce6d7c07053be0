import fc from "fast-check";
import { expect, test } from "vitest";
import { CachedObject } from "./cached-object.ts";
import { ObjectIndex } from "./object-index.ts";

function objectNamed(namespace: string, name: string, revision: number): CachedObject {
  const metadata = { name, namespace, uid: "", resourceVersion: String(revision), creationTimestamp: "" };
  return CachedObject.of({ apiVersion: "v1", kind: "ConfigMap", metadata }, revision);
}

const step = fc.record({
  do: fc.constantFrom("set", "set", "delete", "list"), namespace: fc.constantFrom("a", "a-b", "b"), name: fc.constantFrom("x", "y", "y-1", "y.1", "z"),
});

test("whatever comes and goes, lists are in the order of keys and hold the newest of each", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const index = new ObjectIndex();
    const model = new Map<string, CachedObject>();
    const listed = (namespace: string): CachedObject[] =>
      [...model].filter(([key]) => namespace === "" || key.startsWith(`${namespace}/`)).sort(([one], [other]) => (one < other ? -1 : 1)).map(([, object]) => object);
    for (const [revision, { do: action, namespace, name }] of steps.entries()) {
      const key = `${namespace}/${name}`;
      const object = objectNamed(namespace, name, revision);
      if (action === "list") expect(index.list(namespace)).toEqual(listed(namespace));
      else expect(action === "set" ? index.set(object) : index.delete(namespace, name)).toBe(model.get(key));
      if (action === "set") model.set(key, object);
      if (action === "delete") model.delete(key);
    }
    for (const namespace of ["", "a", "a-b", "b"]) expect(index.list(namespace)).toEqual(listed(namespace));
    expect(index.size).toBe(model.size);
  }));
});

test("a list that was given out stays as it was", () => {
  const index = new ObjectIndex();
  index.set(objectNamed("a", "x", 1));
  const before = index.list("a");
  index.set(objectNamed("a", "y", 2));
  index.delete("a", "x");
  expect(before.map(({ name }) => name)).toEqual(["x"]);
});

test("objects that come and go while nobody looks leave nothing behind", () => {
  const index = new ObjectIndex();
  for (let count = 0; count < 5000; count++) {
    index.set(objectNamed("a", `x-${count}`, count));
    if (count > 0) index.delete("a", `x-${count - 1}`);
  }
  expect(index.list("a").map(({ name }) => name)).toEqual(["x-4999"]);
});
