import type { Operation } from "#kernel/contract/contract";
import { type FileOfCall, filesIn } from "#kernel/contract/stored-file";
import { isFault } from "#kernel/errors/fault";
import { fileHasMark, turnsMarksAway } from "#kernel/secrecy/marked-content";
import type { Kernel } from "#kernel/system/kernel";
import { OFFER_MS } from "../limits.ts";
import type { FileOffers } from "./offers.ts";

/** Bytes of one piece of a file that is read from the store. */
const PIECE_BYTES = 64 * 1024;

/**
 * Promises the files that a call or an answer names to the node that it goes to: that node comes for them, and nobody else.
 * @returns false where one of them is not here
 */
export async function offerFilesIn(
  { kernel, offers }: { readonly kernel: Kernel; readonly offers: FileOffers },
  said: { readonly schema: Operation["input"]; readonly value: unknown; readonly to: string; readonly act: string },
): Promise<boolean> {
  const { schema, value, to, act } = said;
  for (const { digest, bytes: sizeBytes } of filesIn(schema, value)) {
    if (!(await kernel.files.has(digest))) return false;
    const open = (start: number) => pieces(kernel, digest, start);
    offers.offer({ digest, sizeBytes, open }, { to, act, forMs: OFFER_MS });
  }
  return true;
}

async function* pieces(kernel: Kernel, digest: string, start: number): AsyncGenerator<Uint8Array> {
  const bytes = await kernel.files.read(digest);
  for (let at = start; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/**
 * Puts the files of an answer into this node's store before its caller has it.
 * @returns false where one did not come, or is marked as a state secret
 */
export async function takeFilesIn(
  kernel: Kernel,
  said: { readonly schema: Operation["output"]; readonly value: unknown },
  bring: (file: FileOfCall) => Promise<Uint8Array>,
): Promise<boolean> {
  try {
    for (const file of filesIn(said.schema, said.value)) {
      const { mediaType, name } = file;
      const bytes = await bring(file);
      if (turnsMarksAway(kernel.zone) && (await fileHasMark({ name, bytes }))) return false;
      await kernel.files.put(bytes, { mediaType, name });
    }
    return true;
  } catch (error) {
    if (isFault(error, "ERR_EXCHANGE_PEER") || isFault(error, "ERR_EXCHANGE_FILE")) return false;
    throw error;
  }
}
