import { semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, forbiddenValue, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { inclusiveRangeProblem } from "#machinery/names.ts";
import type {
  ExemptPriorityLevelConfiguration, LimitedPriorityLevelConfiguration, LimitResponse, PriorityLevelConfiguration, QueuingConfiguration,
} from "../../generated/flowcontrol-v1.ts";
import { mandatoryPriorityLevels } from "../mandatory.ts";

const specPath = fieldPath("spec");
const mostQueues = 10_000_000;
/** A flow's hand of queues is dealt from the bits of one 64-bit hash. */
const mostBits = 60;

export function validatePriorityLevelConfiguration({ metadata: { name }, spec }: PriorityLevelConfiguration): FieldError[] {
  const { type, limited, exempt } = spec;
  const fixed = mandatoryPriorityLevels.get(name);
  const errors = fixed && !semanticallyEqual(spec, fixed) && type !== "Exempt"
    ? [invalidValue(specPath, spec, `spec of '${name}' must equal the fixed value`)] : [];
  if ((name === "exempt") !== (type === "Exempt")) {
    errors.push(invalidValue(specPath.child("type"), type, "type must be 'Exempt' if and only if `name` is 'exempt'"));
  }
  if (type === "Exempt") {
    if (limited) errors.push(forbiddenValue(specPath.child("limited"), "must be nil if the type is not Limited"));
    return exempt ? [...errors, ...validateExempt(exempt, specPath.child("exempt"))] : errors;
  }
  if (exempt) errors.push(forbiddenValue(specPath.child("exempt"), "must be nil if the type is Limited"));
  return limited
    ? [...errors, ...validateLimited(limited, specPath.child("limited"))]
    : [...errors, requiredValue(specPath.child("limited"), "must not be empty when type is Limited")];
}

function validateExempt({ nominalConcurrencyShares: shares, lendablePercent }: ExemptPriorityLevelConfiguration, path: FieldPath): FieldError[] {
  return [
    ...(shares < 0 ? [invalidValue(path.child("nominalConcurrencyShares"), shares, "must be a non-negative integer")] : []),
    ...(lendablePercent < 0 || lendablePercent > 100
      ? [invalidValue(path.child("lendablePercent"), lendablePercent, inclusiveRangeProblem(0, 100))] : []),
  ];
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, path: FieldPath): FieldError[] {
  const { limitResponse, borrowingLimitPercent: borrowed } = limited;
  return [
    ...validateExempt(limited, path),
    ...(borrowed !== undefined && borrowed < 0
      ? [invalidValue(path.child("borrowingLimitPercent"), borrowed, "if specified, must be a non-negative integer")] : []),
    ...validateResponse(limitResponse, path.child("limitResponse")),
  ];
}

function validateResponse({ type, queuing }: LimitResponse, path: FieldPath): FieldError[] {
  const at = path.child("queuing");
  if (type === "Reject") return queuing ? [forbiddenValue(at, "must be nil if limited.limitResponse.type is not Limited")] : [];
  return queuing ? validateQueuing(queuing, at) : [requiredValue(at, "must not be empty if limited.limitResponse.type is Limited")];
}

function validateQueuing({ queues, handSize, queueLengthLimit }: QueuingConfiguration, path: FieldPath): FieldError[] {
  const errors = Object.entries({ queueLengthLimit, queues })
    .flatMap(([field, value]) => (value <= 0 ? [invalidValue(path.child(field), value, "must be positive")] : []));
  if (queues > mostQueues) errors.push(invalidValue(path.child("queues"), queues, `must not be greater than ${mostQueues}`));
  const at = path.child("handSize");
  if (handSize <= 0) return [...errors, invalidValue(at, handSize, "must be positive")];
  if (handSize > queues) return [...errors, invalidValue(at, handSize, `should not be greater than queues (${queues})`)];
  if (bitsOf(queues, handSize) <= mostBits) return errors;
  const why = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${mostBits}`;
  return [...errors, invalidValue(at, handSize, why)];
}

/** Bits that it takes to deal so many cards of a deck. */
function bitsOf(deck: number, hand: number): number {
  let bits = 0;
  for (let dealt = 0; dealt < hand && bits <= mostBits; dealt++) bits += Math.log2(deck - dealt);
  return Math.ceil(bits);
}
