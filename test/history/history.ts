/** What clients asked and were told, in the order in which it happened: by ticks, not by a clock, so that two never tie. */

/** One operation, from the asking to the answer. */
export interface Recorded<Call, Result> {
  /** Operations of one key say nothing about another key. */
  readonly key: string;
  /** Who asked, for a reader. */
  readonly client: string;
  readonly call: Call;
  readonly askedAt: number;
  /** Absent where no answer came: it may have been done, at any time after it was asked, or never. */
  readonly answer?: { readonly at: number; readonly result: Result };
}

/** Records operations while they run. One recorder for one history. */
export class Recorder<Call, Result> {
  readonly #operations: Recorded<Call, Result>[] = [];
  #tick = 0;

  /**
   * Runs one operation, with all its tries: it is asked when the first begins.
   * @param work gives the answer; undefined where none came
   */
  async run<R extends Result>(
    about: { readonly key: string; readonly client: string; readonly call: Call },
    work: () => Promise<R | undefined>,
  ): Promise<R | undefined> {
    const place = this.#operations.length;
    const asked: Recorded<Call, Result> = { ...about, askedAt: this.#tick++ };
    this.#operations.push(asked);
    const result = await work();
    if (result !== undefined) this.#operations[place] = { ...asked, answer: { at: this.#tick++, result } };
    return result;
  }

  get operations(): readonly Recorded<Call, Result>[] {
    return this.#operations;
  }
}
