/**
 * A package of the ferry as bytes: a head in the clear, and a body encrypted for the recipient, which holds the manifest, the signatures of
 * those who released it, and what is carried. Read and written in pieces: a package may be larger than memory.
 *
 *     length (4) ‖ head ‖ pieces of 64 KiB, each sealed
 *     body: length (4) ‖ manifest ‖ count (1) ‖ (length (4) ‖ signature)… ‖ items, one after the other
 */

import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { concatBytes, fromUtf8, utf8 } from "#lib/crypto/bytes";
import { openPiece, PIECES_MAX, type PieceKeys, sealPiece } from "#lib/crypto/recipient";
import type { SuiteName } from "#lib/crypto/suite";
import { canonicalize } from "#lib/json/canonical";

export const FERRY_FORMAT = "zhengtong-ferry/1";
export const HEAD_MAX_BYTES = 4_096;
export const MANIFEST_MAX_BYTES = 4 * 1024 * 1024;
export const RELEASES_MAX = 4;
export const RELEASE_MAX_BYTES = 65_536;
const PIECE_BYTES = 65_536;
const TAG_BYTES = 16;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NODE_CODE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const SEQUENCE_MAX = 2 ** 32 - 1;

/** What anybody may read who finds the medium. */
export interface ContainerHead {
  readonly id: string;
  /** Codes of the nodes. */
  readonly from: string;
  readonly to: string;
  /** 1, 2, 3 … from one node to another. */
  readonly sequence: number;
  readonly suite: Exclude<SuiteName, "hybrid">;
}

/** Bytes that are not such a package, or not whole, or changed. */
export class ContainerError extends Error {
  readonly code: "not-a-package" | "altered" | "incomplete";
  constructor(code: ContainerError["code"]) {
    super(code);
    this.name = "ContainerError";
    this.code = code;
  }
}

/** What the encryption is bound to: a head that is changed opens nothing. */
export function headBinding({ id, from, to, sequence, suite }: ContainerHead): Uint8Array {
  return utf8(canonicalize({ format: FERRY_FORMAT, id, from, to, sequence, suite }));
}

export interface ContainerBody {
  readonly manifest: Uint8Array;
  readonly releases: readonly Uint8Array[];
  /** What is carried, in the manifest's order. */
  readonly items: AsyncIterable<Uint8Array>;
}

/** The bytes of a package, in pieces. */
export async function* writeContainer(
  head: ContainerHead,
  { wrapped, keys }: { readonly wrapped: Uint8Array; readonly keys: PieceKeys },
  body: ContainerBody,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { id, from, to, sequence, suite } = head;
  const written = utf8(
    canonicalize({ format: FERRY_FORMAT, id, from, to, sequence, suite, key: toBase64url(wrapped) }),
  );
  yield concatBytes(fourBytes(written.length), written);
  let index = 0;
  let held: Uint8Array = new Uint8Array(0);
  for await (const part of plainBody(body)) {
    held = held.length === 0 ? part : concatBytes(held, part);
    let at = 0;
    // The last piece is sealed as such: it is held back until it is known.
    while (held.length - at > PIECE_BYTES) {
      yield sealPiece(keys, { index: index++, isLast: false, plaintext: held.subarray(at, at + PIECE_BYTES) });
      at += PIECE_BYTES;
    }
    held = held.slice(at);
  }
  yield sealPiece(keys, { index, isLast: true, plaintext: held });
}

async function* plainBody({ manifest, releases, items }: ContainerBody): AsyncGenerator<Uint8Array, void, undefined> {
  yield concatBytes(
    fourBytes(manifest.length),
    manifest,
    Uint8Array.of(releases.length),
    ...releases.flatMap((release) => [fourBytes(release.length), release]),
  );
  yield* items;
}

/** Reads as much as it is asked for from what comes in pieces of any size. */
class Source {
  readonly #parts: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(parts: AsyncIterable<Uint8Array>) {
    this.#parts = parts[Symbol.asyncIterator]();
  }

  /** So many bytes, or what is left where fewer are. */
  async upTo(size: number): Promise<Uint8Array> {
    const taken: Uint8Array[] = [];
    let missing = size;
    while (missing > 0) {
      if (this.#held.length === 0 && !(await this.#more())) break;
      const part = this.#held.subarray(0, missing);
      taken.push(part);
      missing -= part.length;
      this.#held = this.#held.subarray(part.length);
    }
    return concatBytes(...taken);
  }

  async exactly(size: number): Promise<Uint8Array> {
    const bytes = await this.upTo(size);
    if (bytes.length < size) throw new ContainerError("incomplete");
    return bytes;
  }

  async hasEnded(): Promise<boolean> {
    return this.#held.length === 0 && !(await this.#more());
  }

  async #more(): Promise<boolean> {
    while (!this.#ended) {
      const next = await this.#parts.next();
      if (next.done === true) this.#ended = true;
      else if (next.value.length > 0) {
        this.#held = next.value;
        return true;
      }
    }
    return false;
  }
}

export interface OpenedContainer {
  readonly manifest: Uint8Array;
  readonly releases: readonly Uint8Array[];
  /** The next item of so many bytes, in parts of a piece's size at the most. @throws {ContainerError} */
  item(bytes: number): AsyncGenerator<Uint8Array, void, undefined>;
  /** That nothing follows. @throws {ContainerError} */
  end(): Promise<void>;
}

/**
 * Reads the head of a package, and then, with the keys that it takes, what is in it.
 * @throws {ContainerError}
 */
export async function readContainer(parts: AsyncIterable<Uint8Array>): Promise<{
  readonly head: ContainerHead;
  readonly wrapped: Uint8Array;
  open(keys: PieceKeys): Promise<OpenedContainer>;
}> {
  const source = new Source(parts);
  const length = readFourBytes(await source.upTo(4));
  if (length === undefined || length === 0 || length > HEAD_MAX_BYTES) throw new ContainerError("not-a-package");
  const { wrapped, ...head } = readHead(await source.exactly(length));
  return {
    head,
    wrapped,
    async open(keys) {
      const body = new Source(openedPieces(source, keys));
      const manifest = await sized(body, MANIFEST_MAX_BYTES);
      const count = (await body.exactly(1))[0] ?? 0;
      if (count > RELEASES_MAX) throw new ContainerError("not-a-package");
      const releases: Uint8Array[] = [];
      for (let at = 0; at < count; at++) releases.push(await sized(body, RELEASE_MAX_BYTES));
      return {
        manifest,
        releases,
        async *item(bytes) {
          for (let left = bytes; left > 0; ) {
            const part = await body.exactly(Math.min(left, PIECE_BYTES));
            left -= part.length;
            yield part;
          }
        },
        async end() {
          if (!(await body.hasEnded())) throw new ContainerError("altered");
        },
      };
    },
  };
}

async function* openedPieces(source: Source, keys: PieceKeys): AsyncGenerator<Uint8Array, void, undefined> {
  for (let index = 0; index <= PIECES_MAX; index++) {
    const ciphertext = await source.upTo(PIECE_BYTES + TAG_BYTES);
    const isLast = await source.hasEnded();
    if (ciphertext.length < TAG_BYTES) throw new ContainerError("incomplete");
    const plaintext = openPiece(keys, { index, isLast, ciphertext });
    if (plaintext === undefined) {
      // A piece that opens as one in the middle, with nothing behind it: the end is missing.
      const cut = isLast && openPiece(keys, { index, isLast: false, ciphertext }) !== undefined;
      throw new ContainerError(cut ? "incomplete" : "altered");
    }
    yield plaintext;
    if (isLast) return;
  }
}

async function sized(body: Source, maxBytes: number): Promise<Uint8Array> {
  const length = readFourBytes(await body.exactly(4));
  if (length === undefined || length > maxBytes) throw new ContainerError("not-a-package");
  return body.exactly(length);
}

function readHead(bytes: Uint8Array): ContainerHead & { readonly wrapped: Uint8Array } {
  let members: Record<string, unknown>;
  try {
    members = Object(JSON.parse(fromUtf8(bytes)));
  } catch {
    throw new ContainerError("not-a-package");
  }
  const { format, id, from, to, sequence, suite, key } = members;
  const wrapped = typeof key === "string" ? fromBase64url(key) : undefined;
  const ref = { id, from, to, sequence };
  const isSuite = suite === "international" || suite === "national";
  if (format !== FERRY_FORMAT || !isPackageRef(ref) || !isSuite || wrapped === undefined) {
    throw new ContainerError("not-a-package");
  }
  return { ...ref, suite, wrapped };
}

/** Whether what was read names a package as it must be named. */
export function isPackageRef(
  ref: Readonly<Record<"id" | "from" | "to" | "sequence", unknown>>,
): ref is Pick<ContainerHead, "id" | "from" | "to" | "sequence"> {
  const { id, from, to, sequence } = ref;
  return matches(id, UUID) && matches(from, NODE_CODE) && matches(to, NODE_CODE) && isSequence(sequence);
}

function matches(value: unknown, form: RegExp): value is string {
  return typeof value === "string" && form.test(value);
}

function isSequence(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= SEQUENCE_MAX;
}

function fourBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function readFourBytes(bytes: Uint8Array): number | undefined {
  return bytes.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : undefined;
}
