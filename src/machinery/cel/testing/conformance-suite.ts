import { tests } from "@bufbuild/cel-spec/testdata/conformance.js";
import { declare, type FunctionDeclaration, overload } from "../types/declarations.ts";
import { boolType, bytesType, doubleType, durationType, dynType, intType, listOf, mapOf, nullType, opaque, parameter, stringType, timestampType, type Type, typeOf, uintType } from "../types/type.ts";
import { Bytes } from "../values/bytes.ts";
import { CelList } from "../values/list.ts";
import { BuiltMap } from "../values/map.ts";
import { Double, intOf, Uint } from "../values/numbers.ts";
import { parseDuration } from "../values/time.ts";
import { TypeValue, type Value } from "../values/value.ts";
import { typeNames } from "../library/standard/conversions.ts";

/** The conformance tests of the CEL specification, which @bufbuild/cel-spec carries as JSON. */
export interface ConformanceTest {
  /** `suite/section/name`. */
  readonly name: string;
  readonly expr: string;
  readonly container?: string;
  readonly disableCheck?: boolean;
  readonly checkOnly?: boolean;
  readonly typeEnv?: readonly Declared[];
  readonly bindings?: { readonly [name: string]: { readonly value: JsonValue } };
  readonly value?: JsonValue;
  readonly typedResult?: { readonly result?: JsonValue; readonly deducedType: JsonType };
  readonly evalError?: unknown;
}

interface FunctionJson {
  readonly overloads: readonly { readonly overloadId: string; readonly params?: readonly JsonType[]; readonly resultType: JsonType }[];
}

interface Declared {
  readonly name: string;
  readonly ident?: { readonly type: JsonType };
  readonly function?: FunctionJson;
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Omit<ConformanceTest, "name"> & { readonly name?: string } }[];
}

export function conformanceTests(): ConformanceTest[] {
  const walk = (suite: Suite, path: string): ConformanceTest[] => [
    ...(suite.tests ?? []).map(({ original }) => ({ ...original, name: `${path}/${original.name}` })),
    ...(suite.suites ?? []).flatMap((inner) => walk(inner, path === "" ? inner.name : `${path}/${inner.name}`)),
  ];
  return walk(tests as unknown as Suite, "");
}

type JsonType = { readonly [is: string]: never };
type JsonValue = { readonly [is: string]: never };

/** cel.expr.Type, as JSON. */
export function readType(json: JsonType): Type {
  const [is = "", of] = Object.entries(json)[0] ?? [];
  switch (is) {
    case "primitive":
      return { BOOL: boolType, INT64: intType, UINT64: uintType, DOUBLE: doubleType, STRING: stringType, BYTES: bytesType }[of as unknown as "BOOL"];
    case "wrapper":
      return { is: "wrapper", of: readType({ primitive: of as never }) as typeof intType };
    case "wellKnown":
      return { TIMESTAMP: timestampType, DURATION: durationType, ANY: dynType }[of as unknown as "ANY"];
    case "messageType":
      return (of as unknown as string) === "google.protobuf.Duration" ? durationType : dynType;
    case "listType":
      return listOf(readType((of as unknown as { elemType: JsonType }).elemType ?? { dyn: {} as never }));
    case "mapType": {
      const { keyType, valueType } = of as unknown as { keyType: JsonType; valueType: JsonType };
      return mapOf(readType(keyType), readType(valueType));
    }
    case "typeParam":
      return parameter(of as unknown as string);
    case "abstractType": {
      const { name, parameterTypes = [] } = of as unknown as { name: string; parameterTypes?: JsonType[] };
      return opaque(name, ...parameterTypes.map(readType));
    }
    case "type":
      return typeOf(readType(of as unknown as JsonType));
    case "null":
      return nullType;
    default:
      return dynType;
  }
}

/** Functions that a test declares but nothing defines. */
export function declaredFunctions(test: ConformanceTest): FunctionDeclaration[] {
  return (test.typeEnv ?? []).flatMap((declared) =>
    declared.function === undefined
      ? []
      : [declare(declared.name, ...declared.function.overloads.map(({ overloadId, params = [], resultType }) =>
          overload(overloadId, params.map(readType), readType(resultType), () => null)))],
  );
}

export function declaredVariables(test: ConformanceTest): [string, Type][] {
  return (test.typeEnv ?? []).flatMap(({ name, ident }): [string, Type][] => (ident === undefined ? [] : [[name, readType(ident.type)]]));
}

/** cel.expr.Value, as JSON. @throws Error when it is a message */
export function readValue(json: JsonValue): Value {
  const [is = "", raw] = Object.entries(json)[0] ?? [];
  const of = raw as unknown;
  switch (is) {
    case "int64Value":
      return intOf(BigInt(of as string));
    case "uint64Value":
      return new Uint(intOf(BigInt(of as string)));
    case "doubleValue":
      return new Double(Number(of));
    case "stringValue":
    case "boolValue":
      return of as string;
    case "nullValue":
      return null;
    case "bytesValue":
      return new Bytes(Buffer.from(of as string, "base64"));
    case "listValue":
      return CelList.of(((of as { values?: JsonValue[] }).values ?? []).map((value) => readValue(value)));
    case "mapValue":
      return readMap((of as { entries?: readonly Entry[] }).entries ?? []);
    case "typeValue":
      return new TypeValue(typeNames.get(of as string) ?? opaque(of as string));
    case "objectValue":
      return parseDuration((of as { value: string }).value)!;
    default:
      throw new Error(`${is} is not understood`);
  }
}

interface Entry {
  readonly key: JsonValue;
  readonly value: JsonValue;
}

function readMap(entries: readonly Entry[]): BuiltMap {
  return BuiltMap.of(entries.map(({ key, value }) => [readValue(key), readValue(value)]))!;
}
