/** The text of a field as it is read, from its beginning to its end. What does not fit is a SyntaxError. */
export class StructuredText {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  wrong(): SyntaxError {
    return new SyntaxError(`not a structured field at character ${this.#at}`);
  }

  /** Whether the next character is one of these. */
  isNext(characters: string): boolean {
    return !this.atEnd && characters.includes(this.#text.charAt(this.#at));
  }

  /** Passes over a character, if it is the next one. */
  take(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at += 1;
    return true;
  }

  expect(character: string): void {
    if (!this.take(character)) throw this.wrong();
  }

  skipSpaces(): void {
    while (this.take(" "));
  }

  /** Spaces and tabs: between the members of lists. */
  skipWhitespace(): void {
    while (this.take(" ") || this.take("\t"));
  }

  /** @param sticky with the flag `y`, and without nested repetition: it runs on what a stranger wrote */
  match(sticky: RegExp): string {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    if (found === undefined) throw this.wrong();
    this.#at += found.length;
    return found;
  }

  /** RFC 9651 §4.2.5. */
  quoted(): string {
    this.expect('"');
    let value = "";
    for (;;) {
      value += this.match(/[ !#-[\]-~]*/y);
      if (this.take('"')) return value;
      this.expect("\\");
      if (!this.isNext('"\\')) throw this.wrong();
      value += this.#text.charAt(this.#at);
      this.#at += 1;
    }
  }
}
