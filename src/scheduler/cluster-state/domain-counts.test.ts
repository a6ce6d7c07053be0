import fc from "fast-check";
import { expect, test } from "vitest";
import { DomainCounts } from "./domain-counts.ts";

test("the lowest count is always right, whatever opens, closes and changes", () => {
  const operation = fc.tuple(fc.constantFrom("toggle", "more", "less"), fc.constantFrom("a", "b", "c", "d"));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const counts = new DomainCounts();
      const model = new Map<string, number>();
      for (const [what, domain] of operations) {
        const count = model.get(domain);
        if (what === "toggle") {
          if (count === undefined) counts.open(domain);
          else counts.close(domain);
          if (count === undefined) model.set(domain, 0);
          else model.delete(domain);
        } else if (count !== undefined && (what === "more" || count > 0)) {
          counts.change(domain, what === "more" ? 1 : -1);
          model.set(domain, count + (what === "more" ? 1 : -1));
        }
        expect(counts.fewest).toBe(model.size === 0 ? 0 : Math.min(...model.values()));
        expect(counts.size).toBe(model.size);
      }
    }),
  );
});
