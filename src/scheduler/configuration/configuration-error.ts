/** A configuration file is wrong; the message has a line for each fault. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
  }
}
