import { standardMacros } from "../../syntax/standard-macros.ts";
import type { Library } from "../library.ts";
import { conversions, typeNames } from "./conversions.ts";
import { moments } from "./moments.ts";
import { operators } from "./operators.ts";
import { texts } from "./text.ts";

/** What every expression may use: the standard definitions of the CEL specification. */
export const standardLibrary: Library = { functions: [...operators, ...conversions, ...texts, ...moments], macros: standardMacros, types: typeNames };
