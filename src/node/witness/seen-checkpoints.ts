import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#kernel/errors/fault";
import type { SeenCheckpoint, SeenCheckpoints } from "#kernel/witnessing/witness";
import { sha256Hex } from "#lib/crypto/digest";
import { parseCheckpoint } from "#lib/merkle/checkpoint";
import { parseNote } from "#lib/merkle/note";

/** What a witness has seen, one file a log: the checkpoint's note as it came. For one process alone. */
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
    return { size: checkpoint.size, root: checkpoint.root, note };
  }

  async replace(origin: string, _before: SeenCheckpoint | undefined, { note }: SeenCheckpoint): Promise<boolean> {
    const path = this.#path(origin);
    const file = await open(`${path}.new`, "w", 0o600);
    try {
      await file.writeFile(note);
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
    return true;
  }

  #path(origin: string): string {
    return join(this.#folder, `${sha256Hex(origin)}.checkpoint`);
  }
}
