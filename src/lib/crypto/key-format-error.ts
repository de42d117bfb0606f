/** Bytes or a text that are no key, or not one of the algorithm that was asked for. */
export class KeyFormatError extends Error {
  readonly code = "ERR_KEY_FORMAT";

  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
    this.name = "KeyFormatError";
  }
}
