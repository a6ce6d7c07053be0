/** The machine, or what was asked of it, stands in the way. The message is one line for the user and names the way out. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}
