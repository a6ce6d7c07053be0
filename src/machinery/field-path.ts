/**
 * Where in an object something is, such as `spec.containers[0].env` or `metadata.annotations[a/b]`.
 * Immutable; the text is made only when it is asked for, because most validation finds nothing to say.
 */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  readonly #step: string;
  readonly #bracketed: boolean;

  private constructor(parent: FieldPath | undefined, step: string, bracketed: boolean) {
    this.#parent = parent;
    this.#step = step;
    this.#bracketed = bracketed;
  }

  /** The path of no field at all, which upstream writes `<nil>`. */
  static readonly root = new FieldPath(undefined, "", false);

  child(name: string, ...below: string[]): FieldPath {
    let path = new FieldPath(this, name, false);
    for (const next of below) path = new FieldPath(path, next, false);
    return path;
  }

  index(index: number): FieldPath {
    return new FieldPath(this, String(index), true);
  }

  /** An entry of a map. */
  key(key: string): FieldPath {
    return new FieldPath(this, key, true);
  }

  toString(): string {
    if (this === FieldPath.root) return "<nil>";
    const steps: FieldPath[] = [];
    for (let path: FieldPath | undefined = this; path !== undefined && path !== FieldPath.root; path = path.#parent) steps.push(path);
    let text = "";
    for (const { step, bracketed } of steps.reverse().map((path) => ({ step: path.#step, bracketed: path.#bracketed }))) {
      text += bracketed ? `[${step}]` : text === "" ? step : `.${step}`;
    }
    return text;
  }
}

/** A path that starts at the object: `fieldPath("spec", "replicas")`. */
export function fieldPath(name: string, ...below: string[]): FieldPath {
  return FieldPath.root.child(name, ...below);
}
