import { bindingsLibrary } from "../bindings.ts";
import type { Library } from "../library.ts";
import { listsLibrary } from "../lists.ts";
import { optionalsLibrary } from "../optionals.ts";
import { setsLibrary } from "../sets.ts";
import { standardLibrary } from "../standard/standard.ts";
import { stringsLibrary } from "../strings/strings.ts";
import { twoVariableComprehensionsLibrary } from "../two-variable-comprehensions.ts";
import { authorizerLibrary } from "./authorizer.ts";
import { formatsLibrary } from "./formats.ts";
import { jsonPatchLibrary } from "./json-patch.ts";
import { kubernetesListsLibrary } from "./lists.ts";
import { networkAddressesLibrary } from "./network-addresses.ts";
import { quantitiesLibrary } from "./quantities.ts";
import { regularExpressionsLibrary } from "./regular-expressions.ts";
import { semanticVersionsLibrary } from "./semantic-versions.ts";
import { urlsLibrary } from "./urls.ts";

/** What Kubernetes 1.36 lets every expression use. */
export const kubernetesLibraries: readonly Library[] = [
  standardLibrary, urlsLibrary, regularExpressionsLibrary, kubernetesListsLibrary, authorizerLibrary, optionalsLibrary, quantitiesLibrary,
  stringsLibrary(1), setsLibrary, networkAddressesLibrary, formatsLibrary, twoVariableComprehensionsLibrary, semanticVersionsLibrary, listsLibrary,
];

/** Beyond that: for device selectors (`cel.bind`), and for mutations by JSON patch. */
export { bindingsLibrary, jsonPatchLibrary };
