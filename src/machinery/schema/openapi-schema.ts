/** OpenAPI 2 has no `allOf` beside a `$ref`, and its clients expect no enumerations and no alternatives. */
export type OpenApiVersion = 2 | 3;

/** A schema object of OpenAPI, as JSON. */
export interface OpenApiSchema {
  readonly [keyword: string]: unknown;
}
