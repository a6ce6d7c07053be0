import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addQuantities, approximateValue, canonicalQuantity, compareQuantities, formatQuantity, isQuantity, milliQuantityOf, milliValue, multiplyQuantity,
  negateQuantity, parseQuantity, quantityOf, quantitySign, subtractQuantities, value,
} from "./quantity.ts";

describe("canonical form", () => {
  test.each([
    ["0", "0"], ["0Ki", "0"], ["-0", "0"], ["000", "0"], ["1", "1"], ["100m", "100m"], ["1000m", "1"], ["0.1", "100m"], ["1.5", "1500m"], ["0.5", "500m"],
    ["1500m", "1500m"], ["2000", "2k"], ["1000000", "1M"], ["12345678", "12345678"], ["1.5Gi", "1536Mi"], ["1024Ki", "1Mi"], ["1000Ki", "1000Ki"],
    ["0.5Ki", "512"], ["1.5Ki", "1536"], ["0.9Gi", "966367641600m"], ["0.1m", "100u"], ["0.30000000000000004", "300000001n"], ["0.9n", "1n"],
    ["-0.9n", "-1n"], ["1e3", "1e3"], ["12e6", "12e6"], ["1000e3", "1e6"], ["100E", "100E"], ["1000E", "1e21"], ["8Ei", "9223372036854775807"],
    ["1.", "1."], [".5", "500m"], ["-1.5", "-1500m"], ["1e-3", "1e-3"], ["1e-2", "10e-3"], ["1E", "1E"], ["1E3", "1E3"], ["100Gi", "100Gi"], ["-1Gi", "-1Gi"],
  ])("%s is written %s", (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  test("arithmetic rewrites a text that upstream keeps as written", () => {
    expect(formatQuantity(addQuantities(parseQuantity("1.500"), parseQuantity("1")))).toBe("2500m");
  });
});

describe("errors", () => {
  const format = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  test.each([
    ["", format], ["1.1.M", format], ["1+1.0M", format], ["aoeu", format], ["1 ", format], ["1x", format], ["0.1mi", "unable to parse quantity's suffix"],
    [".5i", "unable to parse quantity's suffix"], ["1i", "unable to parse quantity's suffix"], ["-3.01e-", "unable to parse quantity's suffix"],
    ["1e999999999", "unable to parse numeric part of quantity"], ["9".repeat(600), format],
  ])("%s is refused", (text, message) => {
    expect(() => parseQuantity(text)).toThrow(message);
    expect(isQuantity(text)).toBe(false);
  });
});

describe("numbers", () => {
  test.each([
    ["100m", 1, 100], ["1", 1, 1000], ["1001m", 2, 1001], ["0.1m", 1, 1], ["1Gi", 2 ** 30, 2 ** 30 * 1000], ["1.5Mi", 1572864, 1572864000], ["-100m", -1, -100],
    ["2k", 2000, 2000000], ["0", 0, 0], ["3Ti", 3 * 2 ** 40, 3 * 2 ** 40 * 1000],
  ])("%s rounds up to %d units and %d thousandths", (text, units, thousandths) => {
    expect(value(text)).toBe(units);
    expect(milliValue(text)).toBe(thousandths);
    expect(value(parseQuantity(text))).toBe(units);
    expect(milliValue(parseQuantity(text))).toBe(thousandths);
  });

  test("sums take the notation of the first amount that is not zero", () => {
    expect(formatQuantity(addQuantities(parseQuantity("0"), parseQuantity("1Gi")))).toBe("1Gi");
    expect(formatQuantity(subtractQuantities(parseQuantity("1Gi"), parseQuantity("512Mi")))).toBe("512Mi");
    expect(formatQuantity(multiplyQuantity(parseQuantity("250m"), 4))).toBe("1");
    expect(formatQuantity(negateQuantity(parseQuantity("1")))).toBe("-1");
    expect(formatQuantity(quantityOf(1024, "BinarySI"))).toBe("1Ki");
    expect(formatQuantity(milliQuantityOf(1500))).toBe("1500m");
    expect(compareQuantities("1Gi", "1G")).toBe(1);
    expect(quantitySign("-1n")).toBe(-1);
    expect(approximateValue("1500m")).toBe(1.5);
  });
});

describe("properties", () => {
  const anyQuantity = fc
    .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.constantFrom("DecimalSI" as const, "BinarySI" as const, "DecimalExponent" as const))
    .map(([nanos, format]) => ({ nanos, format }));

  test("what is written reads back as the same amount, and canonical text stays", () => {
    fc.assert(fc.property(anyQuantity, (quantity) => {
      const text = formatQuantity(quantity);
      const capped = text.endsWith("i");
      if (!capped) expect(parseQuantity(text).nanos).toBe(quantity.nanos);
      expect(canonicalQuantity(text)).toBe(text);
    }));
  });

  test("any text is either refused with a known message or has one canonical form", () => {
    const text = fc.stringMatching(/^[-+]?[0-9.]{0,12}[eEinumkKMGTP]{0,3}[-+]?[0-9]{0,3}$/);
    fc.assert(fc.property(text, (input) => {
      if (!isQuantity(input)) return;
      const once = canonicalQuantity(input);
      expect(compareQuantities(once, input)).toBe(0);
    }));
  });

  test("the quick way agrees with the exact one", () => {
    fc.assert(fc.property(fc.nat(), fc.constantFrom("", "m", "Ki", "Mi", "Gi", "k", "u"), (number, suffix) => {
      const text = `${number}${suffix}`;
      expect(value(text)).toBe(value(parseQuantity(text)));
      expect(milliValue(text)).toBe(milliValue(parseQuantity(text)));
    }));
  });
});
