/** What expressions may cost in Kubernetes; the same for all clusters, so that a rule that one takes all take. */
export const costLimits = {
  /** One run of one expression: about a tenth of a second upstream. */
  perCall: 1_000_000,
  /** All runs for one custom resource, or for one binding of a policy, in one request. */
  perRequest: 10_000_000,
  /** All match conditions of one webhook, or of one binding of a policy, in one request. */
  matchConditions: 2_500_000,
  /** The estimate of one rule of a schema, times how often its value may occur (`mostOccurrences`, or the product of the limits above it). */
  estimatePerRule: 10_000_000,
  /** The estimates of all rules of a CustomResourceDefinition together. */
  estimatePerDefinition: 100_000_000,
} as const;

/** Bytes that the text of a messageExpression may have. */
export const longestMessage = 5 * 1024;

/** What the writer of a rule that is estimated too high is told. @param what such as `estimated rule cost` */
export function excessMessage(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  // A factor just above 1 is told with more digits, so that it does not read as 1.0.
  const times = factor > 100 ? "more than 100x" : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  return (
    `${what} exceeds budget by factor of ${times} ` +
    "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)"
  );
}
