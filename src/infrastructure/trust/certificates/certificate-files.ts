/**
 * The certificates of signing keys, kept beside the keys. A holder has one after the other: when one ends, the next
 * generation has a new key, and the earlier stay, since what was sealed with them is still to be verified.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeOnce } from "../keys/write-once.ts";
import { CERTIFICATE_FILE_MODE, fromPem, toPem } from "./authority-files.ts";

/** More would mean that certificates end as fast as they are made. */
const MAX_GENERATIONS = 1000;

export class CertificateFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, "certificates");
  }

  /** The newest certificate under a label, DER, and which generation it is (from 1); generation 0 where there is none. */
  async newest(label: string): Promise<{ readonly generation: number; readonly der: Uint8Array | undefined }> {
    let der: Uint8Array | undefined;
    for (let generation = 1; generation <= MAX_GENERATIONS; generation++) {
      const next = await this.#read(label, generation);
      if (next === undefined) return { generation: generation - 1, der };
      der = next;
    }
    throw new RangeError(`a holder has more than ${MAX_GENERATIONS} certificates`);
  }

  /** Keeps a certificate. Where another came first it is that one which counts. */
  async keep(
    label: string,
    generation: number,
    der: Uint8Array,
  ): Promise<{ readonly der: Uint8Array; readonly won: boolean }> {
    await mkdir(this.#folder, { recursive: true, mode: 0o755 });
    const won = await writeOnce(this.#path(label, generation), Buffer.from(toPem(der)), CERTIFICATE_FILE_MODE);
    return won ? { der, won } : { der: (await this.#read(label, generation)) ?? der, won };
  }

  async #read(label: string, generation: number): Promise<Uint8Array | undefined> {
    try {
      return fromPem(await readFile(this.#path(label, generation), "utf8"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  #path(label: string, generation: number): string {
    return join(this.#folder, `${createHash("sha256").update(label).digest("hex")}.${generation}.pem`);
  }
}
