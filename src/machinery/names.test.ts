import { describe, expect, test } from "vitest";
import {
  cIdentifierProblems, configMapKeyProblems, dns1035LabelProblems, dns1123LabelProblems, dns1123SubdomainProblems, domainPrefixedPathProblems,
  environmentVariableProblems, generateName, labelValueProblems, type NameCheck, pathSegmentProblems, portNameProblems, portNumberProblems, prefixProblems,
  qualifiedDomainProblems, qualifiedNameProblems, wildcardSubdomainProblems,
} from "./names.ts";
import { seededRandom } from "./random.ts";

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomainWording = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${label}(\\.${label})*')`;
const labelWording = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`;
const qualified = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

describe("wordings", () => {
  const cases: [NameCheck, string, string[]][] = [
    [dns1123SubdomainProblems, "a.b-c.9", []],
    [dns1123SubdomainProblems, "A", [subdomainWording]],
    [dns1123SubdomainProblems, "a".repeat(254), ["must be no more than 253 characters"]],
    [dns1123SubdomainProblems, "A".repeat(254), ["must be no more than 253 characters", subdomainWording]],
    [dns1123SubdomainProblems, "a..b", [subdomainWording]],
    [dns1123LabelProblems, "web-1", []],
    [dns1123LabelProblems, "a.b", ["must not contain dots"]],
    [dns1123LabelProblems, "-a", [labelWording]],
    [dns1035LabelProblems, "a1", []],
    [wildcardSubdomainProblems, "*.example.com", []],
    [qualifiedNameProblems, "example.com/My_name", []],
    [qualifiedNameProblems, "a b", [`name part ${qualified}`]],
    [qualifiedNameProblems, "", ["name part must be non-empty", `name part ${qualified}`]],
    [qualifiedNameProblems, "/a", ["prefix part must be non-empty"]],
    [qualifiedNameProblems, "A/a", [`prefix part ${subdomainWording}`]],
    [qualifiedNameProblems, "a/b/c", [`a valid label key ${qualified} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]],
    [labelValueProblems, "", []],
    [labelValueProblems, "a".repeat(64), ["must be no more than 63 characters"]],
    [portNameProblems, "http", []],
    [portNameProblems, "-8--0-", ["must contain at least one letter (a-z)", "must not contain consecutive hyphens", "must not begin or end with a hyphen"]],
    [portNameProblems, "Averyveryverylongname", ["must be no more than 15 characters", "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"]],
    [environmentVariableProblems, "1 a%", []],
    [environmentVariableProblems, "a=b", ["a valid environment variable name must consist only of printable ASCII characters other than '='"]],
    [configMapKeyProblems, "..", ["must not be '..'"]],
    [configMapKeyProblems, "..a", ["must not start with '..'"]],
    [configMapKeyProblems, ".a", []],
    [pathSegmentProblems, "a/b%", ["may not contain '/'", "may not contain '%'"]],
    [pathSegmentProblems, "..", ["may not be '..'"]],
    [domainPrefixedPathProblems, "acme.io/foo", []],
    [domainPrefixedPathProblems, "foo", ['must be a domain-prefixed path (such as "acme.io/foo")']],
  ];
  test.each(cases)("%# %s", (check, value, problems) => {
    expect(check(value)).toEqual(problems);
  });

  test("of numbers and domains", () => {
    expect(portNumberProblems(0)).toEqual(["must be between 1 and 65535, inclusive"]);
    expect(portNumberProblems(80)).toEqual([]);
    expect(qualifiedDomainProblems("a.b", 3)).toEqual(["should be a domain with at least three segments separated by dots"]);
    expect(dns1035LabelProblems("1a")).toHaveLength(1);
    expect(cIdentifierProblems("a-b")).toHaveLength(1);
  });

  test("a name of a megabyte is refused quickly", () => {
    expect(dns1123SubdomainProblems("a".repeat(1_000_000))[0]).toBe("must be no more than 253 characters");
  });
});

describe("generated names", () => {
  test("append five safe characters and fit into a label", () => {
    expect(generateName("web-", seededRandom(1))).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(generateName("a".repeat(100), seededRandom(1))).toHaveLength(63);
  });

  test("may be asked for with a prefix that ends in a dash", () => {
    expect(prefixProblems(dns1123LabelProblems, "web-")).toEqual([]);
    expect(prefixProblems(dns1123LabelProblems, "-")).toHaveLength(1);
  });
});
