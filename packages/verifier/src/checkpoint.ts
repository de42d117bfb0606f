/** C2SP signed-note and tlog-checkpoint. */
import { asSize, base64, hex, same, utf8 } from "./bytes.ts";
import { sha256 } from "./crypto.ts";
import { Refusal } from "./report.ts";
import {
  HYBRID_DER,
  keyFromEd25519,
  keyFromHybrid,
  keyFromSm2,
  SM2_WITH_SM3_DER,
  type VerifyingKey,
  verifies,
} from "./signature.ts";

export interface LogKey {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly key: VerifyingKey;
  /** As it was written. */
  readonly line: string;
  /** Further keys of the same log, of other suites: each must have signed as well. */
  readonly beside?: readonly LogKey[];
  /** Which keys signed the log between which sizes, where successions tell (`succession.ts`); absent: this one, all of it. */
  readonly terms?: readonly KeyTerm[];
}

/** Keys that sign a log together, between two sizes, both included. */
export interface KeyTerm {
  readonly keys: readonly LogKey[];
  readonly from: number;
  readonly to: number;
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** What stands below the root, line by line. */
  readonly extensions: readonly string[];
}

const NOTE_MAX = 65_536;

/** C2SP signed-note: Ed25519 has a byte of its own, what has none is ff and the DER of its identifier. */
const KEY_TYPES: readonly {
  readonly type: Uint8Array;
  readonly read: (raw: Uint8Array) => VerifyingKey | undefined;
}[] = [
  { type: Uint8Array.of(1), read: keyFromEd25519 },
  { type: Uint8Array.of(0xff, ...SM2_WITH_SM3_DER), read: keyFromSm2 },
  { type: Uint8Array.of(0xff, ...HYBRID_DER), read: keyFromHybrid },
];
const KEYS_MAX = 8;

/** Reads `name+keyid+base64(type ‖ key)`, the form in which a log publishes its key; or several, each of which must have signed. */
export function parseLogKey(written: string): LogKey {
  const lines = written.split(/\s+/).filter((line) => line !== "");
  if (lines.length === 0 || lines.length > KEYS_MAX) throw malformedKey();
  const [first, ...beside] = lines.map(parseOne) as [LogKey, ...LogKey[]];
  if (beside.some(({ name }) => name !== first.name))
    throw new Refusal("log-key", "所给公钥属于不同的日志", "The keys that were given are of different logs");
  return beside.length === 0 ? first : { ...first, beside };
}

function parseOne(line: string): LogKey {
  const [name, keyId, ...rest] = line.split("+");
  const typed = base64(rest.join("+"));
  const known = KEY_TYPES.find(({ type }) => same(typed.subarray(0, type.length), type));
  const key = known?.read(typed.slice(known.type.length));
  if (!name || key === undefined) throw malformedKey();
  const expected = sha256(utf8(`${name}\n`), typed).subarray(0, 4);
  if (hex(expected) !== keyId)
    throw new Refusal("log-key", "日志公钥与其标识不符", "The log's key does not fit its id");
  return { name, keyId: expected, key, line };
}

function malformedKey(): Refusal {
  return new Refusal("log-key", "日志公钥格式有误", "The log's key is malformed");
}

/** Opens a signed checkpoint under the log's own key, and under each that was given beside it; or under those that signed at its size. */
export async function openCheckpoint(note: unknown, log: LogKey): Promise<Checkpoint> {
  const { signed, lines } = readNote(note);
  const terms = log.terms ?? [{ keys: [log, ...(log.beside ?? [])], from: 0, to: Number.POSITIVE_INFINITY }];
  const keys = terms.flatMap((term) => term.keys);
  const signedBy = await signersOf({ signed, lines }, keys);
  if (signedBy.size === 0) {
    throw new Refusal("checkpoint-signature", "检查点不是该日志签署的", "The checkpoint was not signed by this log");
  }
  const checkpoint = parseSigned(signed);
  if (checkpoint.origin !== log.name) {
    throw new Refusal("checkpoint-origin", "检查点属于另一份日志", "The checkpoint is of another log");
  }
  const signing = terms.filter((term) => term.keys.some((key) => signedBy.has(key)));
  const inTerm = signing.filter(({ from, to }) => from <= checkpoint.size && checkpoint.size <= to);
  if (inTerm.length === 0) throw outOfTerm(signing[0] as KeyTerm, checkpoint.size);
  const missing = inTerm.map((term) => term.keys.filter((key) => !signedBy.has(key)));
  if (missing.every((some) => some.length > 0)) {
    const named = (missing[0] ?? []).map(({ key, keyId }) => `${key.algorithm} ${hex(keyId)}`).join(", ");
    throw new Refusal(
      "checkpoint-key-missing",
      `检查点没有您提供的密钥的签名：${named}`,
      `A key that you gave did not sign the checkpoint: ${named}`,
      "open",
    );
  }
  return checkpoint;
}

function outOfTerm({ keys, from, to }: KeyTerm, size: number): Refusal {
  const id = keys[0] === undefined ? "" : hex(keys[0].keyId);
  return size > to
    ? new Refusal(
        "checkpoint-key-ended",
        `规模为 ${size} 的检查点由旧密钥 ${id} 签署，该密钥在规模 ${to} 时已被更换`,
        `The checkpoint at ${size} is signed with key ${id}, which was followed by another at ${to}`,
      )
    : new Refusal(
        "checkpoint-key-early",
        `规模为 ${size} 的检查点由密钥 ${id} 签署，该密钥自规模 ${from} 起才启用`,
        `The checkpoint at ${size} is signed with key ${id}, which signs from ${from} on`,
      );
}

/** A signed note's text and the lines below it. */
export function readNote(note: unknown): { readonly signed: string; readonly lines: readonly string[] } {
  if (typeof note !== "string" || note.length > NOTE_MAX || !note.endsWith("\n")) throw malformed();
  const split = note.lastIndexOf("\n\n");
  if (split < 0) throw malformed();
  return { signed: note.slice(0, split + 1), lines: note.slice(split + 2, -1).split("\n") };
}

/** Which of these keys signed. Lines of others are passed over; a wrong one of a known key condemns the note. */
export async function signersOf(
  { signed, lines }: ReturnType<typeof readNote>,
  keys: readonly LogKey[],
): Promise<ReadonlySet<LogKey>> {
  const signedBy = new Set<LogKey>();
  for (const line of lines) {
    const [dash, name, encoded, ...more] = line.split(" ");
    if (dash !== "\u2014" || more.length > 0) throw malformed();
    const bytes = base64(encoded);
    const key = keys.find((one) => one.name === name && same(one.keyId, bytes.subarray(0, 4)));
    if (key === undefined) continue;
    if (!(await verifies(key.key, utf8(signed), bytes.subarray(4), "raw"))) {
      throw new Refusal("checkpoint-signature", "检查点签名无效", "The checkpoint's signature is wrong");
    }
    signedBy.add(key);
  }
  return signedBy;
}

/** Reads what was signed; nothing of it is proved yet. */
export function parseSigned(signed: string): Checkpoint {
  const [origin, size, root, ...extensions] = signed.slice(0, -1).split("\n");
  if (!origin || size === undefined || !/^(?:0|[1-9][0-9]{0,15})$/.test(size)) throw malformed();
  const hash = base64(root);
  if (hash.length !== 32) throw malformed();
  return { origin, size: asSize(Number(size)), root: hash, extensions };
}

/** Whether a text looks like a signed note. */
export function looksLikeNote(source: string): boolean {
  return source.includes("\n\n\u2014 ");
}

function malformed(): Refusal {
  return new Refusal("checkpoint-malformed", "检查点格式有误", "The checkpoint is malformed");
}
