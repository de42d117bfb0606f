import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { HASH_SIZE_BYTES } from "./hash.ts";
import { type NoteVerifier, openNote } from "./note.ts";

/** What a log states and signs (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The log's name: a URL without scheme, by convention. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Further lines, without line feeds. */
  readonly extensions: readonly string[];
}

/** The text that is signed. */
export function formatCheckpoint(checkpoint: Omit<Checkpoint, "extensions"> & Partial<Checkpoint>): string {
  const { origin, size, root, extensions = [] } = checkpoint;
  if (origin === "" || origin.includes("\n")) throw new RangeError("an origin is one line");
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${size} is no tree size`);
  if (root.length !== HASH_SIZE_BYTES) throw new RangeError(`a root has ${HASH_SIZE_BYTES} bytes`);
  if (extensions.some((line) => line === "" || line.includes("\n"))) throw new RangeError("an extension is one line");
  return `${[origin, size, toBase64(root), ...extensions].join("\n")}\n`;
}

/** Reads a checkpoint's text; undefined when it is malformed. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  if (!text.endsWith("\n")) return undefined;
  const [origin, sizeText, rootText, ...extensions] = text.slice(0, -1).split("\n");
  if (!origin || sizeText === undefined || rootText === undefined || extensions.includes("")) return undefined;
  const size = /^(?:0|[1-9][0-9]{0,15})$/.test(sizeText) ? Number(sizeText) : Number.NaN;
  const root = fromBase64(rootText);
  if (!Number.isSafeInteger(size) || root?.length !== HASH_SIZE_BYTES) return undefined;
  return { origin, size, root, extensions };
}

/** Reads a signed checkpoint and checks that the log itself, under its origin as the key's name, signed it. */
export function openCheckpoint(note: string | Uint8Array, log: NoteVerifier): Checkpoint | undefined {
  const opened = openNote(note, [log]);
  const checkpoint = opened === undefined ? undefined : parseCheckpoint(opened.text);
  return checkpoint?.origin === log.name ? checkpoint : undefined;
}
