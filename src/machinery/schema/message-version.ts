import type { Field, Message, Type } from "./message.ts";

/**
 * A message as another version of its API package has it: the same fields, and other names for itself and for those messages of the
 * package that it is made of.
 *
 * @param version of the package, such as `v1beta1`
 */
export function messageInVersion(message: Message, version: string): Message {
  return new Version(packageOf(message.name), version).of(message);
}

/** One version of a package. */
class Version {
  readonly #package: string;
  readonly #version: string;
  readonly #made = new Map<string, Message>();

  constructor(ofPackage: string, version: string) {
    this.#package = ofPackage;
    this.#version = version;
  }

  of(message: Message): Message {
    if (packageOf(message.name) !== this.#package) return message;
    let made = this.#made.get(message.name);
    if (made === undefined) {
      made = new RenamedMessage(message, this);
      this.#made.set(message.name, made);
    }
    return made;
  }

  /** @param name ends with the package's version and the message's own name, such as `io.k8s.api.networking.v1.IPAddress` */
  rename(name: string): string {
    const ownName = name.slice(name.lastIndexOf("."));
    const before = name.slice(0, -ownName.length).replace(/[^./]+$/, this.#version);
    return before + ownName;
  }

  type(type: Type): Type {
    if (type.is === "list" || type.is === "map") return { is: type.is, of: this.type(type.of) };
    if (type.is !== "message") return type;
    const linked = (): Message => this.of(type.message);
    // Asked for when it is needed: messages may refer to each other in circles.
    return { is: "message", get message() { return linked(); } };
  }

  field(field: Field): Field {
    return { ...field, type: this.type(field.type) };
  }
}

class RenamedMessage implements Message {
  readonly name: string;
  readonly openapiName: string;
  readonly #original: Message;
  readonly #version: Version;
  #declared: readonly Field[] | undefined;
  #fields: ReadonlyMap<string, Field> | undefined;

  constructor(original: Message, version: Version) {
    this.name = version.rename(original.name);
    this.openapiName = version.rename(original.openapiName);
    this.#original = original;
    this.#version = version;
  }

  get description(): string {
    return this.#original.description;
  }

  get isKind(): boolean {
    return this.#original.isKind;
  }

  get atomic(): boolean {
    return this.#original.atomic;
  }

  get union(): boolean {
    return this.#original.union;
  }

  get declared(): readonly Field[] {
    return (this.#declared ??= this.#original.declared.map((field) => this.#version.field(field)));
  }

  get fields(): ReadonlyMap<string, Field> {
    return (this.#fields ??= new Map([...this.#original.fields].map(([name, field]) => [name, this.#version.field(field)])));
  }
}

function packageOf(messageName: string): string {
  return messageName.slice(0, messageName.lastIndexOf("."));
}
