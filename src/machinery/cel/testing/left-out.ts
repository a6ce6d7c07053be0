import type { ConformanceTest } from "./conformance-suite.ts";

/** Why a test is left out. `count` is how many are, so that none slips in unseen. */
export interface LeftOut {
  readonly why: string;
  readonly count: number;
  applies(test: ConformanceTest): boolean;
}

/** In this order: the first that applies counts. */
export const leftOut: readonly LeftOut[] = [
  {
    why: "needs protobuf messages or enumerations, which Kubernetes has none of in CEL",
    count: 693,
    applies: (test) => /^(enums|proto2|proto3)/.test(test.name) || messages.test(JSON.stringify(test)),
  },
  {
    why: "needs cel.block and cel.index, with which cel-go's optimizer writes down what it has found",
    count: 25,
    applies: ({ name }) => name.startsWith("block_ext/"),
  },
  {
    why: "needs base64.encode and base64.decode, which Kubernetes does not switch on",
    count: 4,
    applies: ({ name }) => name.startsWith("encoders_ext/"),
  },
  {
    why: "needs identifiers in backticks, which Kubernetes does not switch on",
    count: 6,
    applies: ({ name }) => name.startsWith("fields/quoted_map_fields/"),
  },
  {
    why: "cel-go, and with it Kubernetes, answers otherwise",
    count: 8,
    applies: ({ name }) => differentUpstream.has(name),
  },
];

const messages = /TestAllTypes|NestedEnum|GlobalEnum|google\.protobuf\.(?!Timestamp\b|Duration\b)|\bNullValue\b|\bValue\{/;

const differentUpstream = new Set([
  // -1 in place of an error.
  "string_ext/value_errors/indexof_out_of_range",
  "string_ext/value_errors/lastindexof_out_of_range",
  // The last value of a key, not an error.
  "fields/qualified_identifier_resolution/map_value_repeat_key",
  "fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous",
  // All of the duration, not what is beyond its seconds.
  "timestamps/duration_converters/get_milliseconds",
  // Nothing is there, which is no error.
  "optionals/optionals/map_null_entry_no_such_key",
  "optionals/optionals/map_present_key_invalid_field",
  // Deduces null.
  "type_deductions/legacy_nullable_types/null_assignable_to_abstract_parameter_candidate",
]);
