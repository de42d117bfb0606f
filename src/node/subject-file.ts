import { closeSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENTRY_MAX_SUBJECTS } from "#kernel/ledger/limits";
import type { Vault } from "#kernel/vault/vault";
import { fromUtf8, utf8 } from "#lib/crypto/bytes";

/** What the vault's key of such files is for. */
const LABEL = "import.subjects";

/**
 * Whom an import concerns, until its ledger entries are written: a list that may be as long as the file, so it waits on disk, sealed,
 * in a folder that this account alone can read. What is in memory is one part, as long as an entry's list may be.
 */
export class SubjectFile implements Disposable {
  readonly #vault: Vault;
  readonly #folder: string;
  readonly #descriptor: number;
  readonly #partEnds: number[] = [];
  #part = new Set<string>();

  static async open(vault: Vault): Promise<SubjectFile> {
    return new SubjectFile(vault, await mkdtemp(join(tmpdir(), "zhengtong-import-")));
  }

  private constructor(vault: Vault, folder: string) {
    this.#vault = vault;
    this.#folder = folder;
    this.#descriptor = openSync(join(folder, "subjects"), "wx+", 0o600);
  }

  /** Somebody named twice in one part stands in it once. */
  add(id: string): void {
    this.#part.add(id);
    if (this.#part.size === ENTRY_MAX_SUBJECTS) this.#flush();
  }

  /** All parts in order; one that is empty when nobody was named. */
  *parts(): Generator<readonly string[], void, undefined> {
    if (this.#part.size > 0 || this.#partEnds.length === 0) this.#flush();
    let at = 0;
    for (const [nth, end] of this.#partEnds.entries()) {
      const sealed = Buffer.alloc(end - at);
      for (let read = 0; read < sealed.length; ) {
        read += readSync(this.#descriptor, sealed, read, sealed.length - read, at + read);
      }
      at = end;
      yield JSON.parse(fromUtf8(this.#vault.open(LABEL, sealed, `${nth}`))) as readonly string[];
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #flush(): void {
    const sealed = this.#vault.seal(LABEL, utf8(JSON.stringify([...this.#part])), `${this.#partEnds.length}`);
    const begin = this.#partEnds.at(-1) ?? 0;
    for (let written = 0; written < sealed.length; ) {
      written += writeSync(this.#descriptor, sealed, written, sealed.length - written, begin + written);
    }
    this.#partEnds.push(begin + sealed.length);
    this.#part = new Set();
  }
}
