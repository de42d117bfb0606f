import { createCipheriv } from "node:crypto";
import { utf8 } from "./bytes.ts";
import {
  type BatchKeys,
  batchKeysOf,
  CIPHER_BLOCK_BYTES,
  type DataKey,
  EnvelopeError,
  FORM_OF,
  type Form,
  headerOf,
  isTagged,
  openAttribute,
  type SealedValue,
  TAG_BYTES,
} from "./envelope.ts";

/**
 * Opens several values. Those of batches are decrypted together, wherever in their batches they stood.
 * @returns of each its plaintext, `undefined` where it does not open; views that share buffers
 */
export function openAttributes(
  find: (id: string) => DataKey | undefined,
  values: readonly SealedValue[],
): (Uint8Array | undefined)[] {
  const opened = new Array<Uint8Array | undefined>(values.length).fill(undefined);
  let run: Run | undefined;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as SealedValue;
    if (run === undefined || !beginsWith(value.sealed, run.header)) {
      decryptRun(run, opened);
      run = runOf(find, value.sealed);
    }
    const bodyAt = run === undefined ? 0 : run.header.length + CIPHER_BLOCK_BYTES;
    if (run === undefined || value.sealed.length < bodyAt + TAG_BYTES) opened[at] = opensAlone(find, value);
    else if (isTagged(run.keys, bodyAt, value)) run.parts.push({ at, sealed: value.sealed });
  }
  decryptRun(run, opened);
  return opened;
}

/** Values of batches that follow each other and have one key. */
interface Run {
  readonly form: Form;
  readonly header: Uint8Array;
  readonly keys: BatchKeys;
  readonly parts: { readonly at: number; readonly sealed: Uint8Array }[];
}

/** `undefined` of what was sealed alone, is no envelope, or has a key that is not there. */
function runOf(find: (id: string) => DataKey | undefined, sealed: Uint8Array): Run | undefined {
  const form = FORM_OF[sealed[0] ?? 0];
  const idEnd = 2 + (sealed[1] ?? 0);
  if (form === undefined || sealed[0] !== form.batchVersion || sealed.length < idEnd) return undefined;
  const id = Buffer.from(sealed.buffer, sealed.byteOffset + 2, idEnd - 2).toString("latin1");
  const key = find(id);
  if (key?.id !== id) return undefined;
  return { form, header: headerOf(id, form.batchVersion), keys: batchKeysOf(key, form), parts: [] };
}

function beginsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  if (bytes.length < head.length) return false;
  for (let at = 0; at < head.length; at++) if (bytes[at] !== head[at]) return false;
  return true;
}

/** Enciphers the counters of all values in one call (SP 800-38A §6.5): a cipher for each would cost more than a short value. */
function decryptRun(run: Run | undefined, opened: (Uint8Array | undefined)[]): void {
  if (run === undefined || run.parts.length === 0) return;
  const { header, form, keys, parts } = run;
  const bodyAt = header.length + CIPHER_BLOCK_BYTES;
  const sizeOf = (sealed: Uint8Array) => sealed.length - bodyAt - TAG_BYTES;
  const blocksOf = (sealed: Uint8Array) => Math.ceil(sizeOf(sealed) / CIPHER_BLOCK_BYTES);
  const blocks = parts.reduce((sum, { sealed }) => sum + blocksOf(sealed), 0);
  const counters = Buffer.allocUnsafe(blocks * CIPHER_BLOCK_BYTES);
  let end = 0;
  for (const { sealed } of parts) {
    end = writeCounters(counters, end, { sealed, startAt: header.length, blocks: blocksOf(sealed) });
  }
  const cipher = createCipheriv(form.blockCipher, keys.cipher, null).setAutoPadding(false);
  const plain = cipher.update(counters);
  end = 0;
  for (const { at, sealed } of parts) {
    const size = sizeOf(sealed);
    for (let place = 0; place < size; place++)
      plain[end + place] = (plain[end + place] ?? 0) ^ (sealed[bodyAt + place] ?? 0);
    opened[at] = plain.subarray(end, end + size);
    end += blocksOf(sealed) * CIPHER_BLOCK_BYTES;
  }
}

/** One counter after the other from where a value starts: a number of 16 bytes. */
function writeCounters(
  counters: Buffer,
  begin: number,
  { sealed, startAt, blocks }: { readonly sealed: Uint8Array; readonly startAt: number; readonly blocks: number },
): number {
  let end = begin;
  for (let block = 0; block < blocks; block++) {
    let carry = block;
    for (let place = CIPHER_BLOCK_BYTES - 1; place >= 0; place--) {
      carry += sealed[startAt + place] ?? 0;
      counters[end + place] = carry & 0xff;
      carry >>>= 8;
    }
    end += CIPHER_BLOCK_BYTES;
  }
  return end;
}

function opensAlone(
  find: (id: string) => DataKey | undefined,
  { sealed, associatedData }: SealedValue,
): Uint8Array | undefined {
  try {
    return openAttribute(find, sealed, typeof associatedData === "string" ? utf8(associatedData) : associatedData);
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined;
    throw error;
  }
}
