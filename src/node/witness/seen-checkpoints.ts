import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#kernel/errors/fault";
import type { SeenCheckpoint, SeenCheckpoints } from "#kernel/witnessing/witness";
import { sha256Hex } from "#lib/crypto/digest";
import { parseCheckpoint } from "#lib/merkle/checkpoint";
import { parseNote } from "#lib/merkle/note";
import { openSuccession } from "#lib/merkle/succession";

/** What a witness has seen, one file a log: the checkpoint's note as it came; beside it how the log's keys followed each other. For one process alone. */
export class SeenCheckpointFiles implements SeenCheckpoints {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async in(folder: string): Promise<SeenCheckpointFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new SeenCheckpointFiles(folder);
  }

  /** @throws ERR_WITNESS_STATE when the file is there and cannot be read: to begin anew would be to vouch for a fork */
  async of(origin: string): Promise<SeenCheckpoint | undefined> {
    let note: string;
    try {
      note = await readFile(this.#path(origin), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const checkpoint = parseCheckpoint(parseNote(note)?.text ?? "");
    if (checkpoint?.origin !== origin) throw new Fault("ERR_WITNESS_STATE", { message: this.#path(origin) });
    return { size: checkpoint.size, root: checkpoint.root, note, successions: await this.#successions(origin) };
  }

  async replace(origin: string, before: SeenCheckpoint | undefined, next: SeenCheckpoint): Promise<boolean> {
    // First by whom the log is signed: after a crash between the two it is followed once all the same.
    if (next.successions.length > (before?.successions.length ?? 0))
      await this.#write(`${this.#path(origin)}.successions`, JSON.stringify(next.successions));
    await this.#write(this.#path(origin), next.note);
    return true;
  }

  /** @throws ERR_WITNESS_STATE when the file is there and cannot be read: a key that was followed would count again */
  async #successions(origin: string): Promise<readonly string[]> {
    const path = `${this.#path(origin)}.successions`;
    try {
      const notes = JSON.parse(await readFile(path, "utf8")) as unknown;
      if (Array.isArray(notes) && notes.every((note) => typeof note === "string" && openSuccession(note) !== undefined))
        return notes;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw new Fault("ERR_WITNESS_STATE", { message: path });
  }

  async #write(path: string, content: string): Promise<void> {
    const file = await open(`${path}.new`, "w", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    const folder = await open(this.#folder, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  #path(origin: string): string {
    return join(this.#folder, `${sha256Hex(origin)}.checkpoint`);
  }
}
