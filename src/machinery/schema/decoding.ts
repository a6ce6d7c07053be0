import { badRequest, type StatusError } from "../status-error.ts";

/** At most so many problems of one body are told. */
const maximumProblems = 100;

/** Where the decoder stands in a body, and what it found there that belongs to no field. */
export class Decoding {
  /** Names of fields, keys of maps and indexes of lists, from the outside in. */
  readonly #path: (string | number)[] = [];
  /** Which steps of the path are names of fields. */
  readonly #fields: string[] = [];
  readonly problems: string[] = [];
  /** Go's name of the innermost message, such as `DeploymentSpec`. */
  struct = "";

  enterField(name: string): void {
    this.#path.push(name);
    this.#fields.push(name);
  }

  leaveField(): void {
    this.#path.pop();
    this.#fields.pop();
  }

  enter(step: string | number): void {
    this.#path.push(step);
  }

  leave(): void {
    this.#path.pop();
  }

  unknownField(name: string): void {
    if (this.problems.length < maximumProblems) this.problems.push(`unknown field ${JSON.stringify(this.#pathTo(name))}`);
  }

  /** Clients know this wording from Go's encoding/json. */
  wrongType(value: unknown, goType: string): StatusError {
    const where = this.#fields.length === 0 ? "Go value" : `Go struct field ${this.struct}.${this.#fields.join(".")}`;
    return badRequest(`json: cannot unmarshal ${jsonType(value)} into ${where} of type ${goType}`);
  }

  #pathTo(name: string): string {
    let text = "";
    for (const step of this.#path) text += typeof step === "number" ? `[${step}]` : text === "" ? step : `.${step}`;
    return text === "" ? name : `${text}.${name}`;
  }
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? "number" : `number ${value}`;
  return typeof value;
}
