/** C2SP signed-note and tlog-checkpoint. */
import { asSize, base64, hex, same, utf8 } from "./bytes.ts";
import { keyFromEd25519, sha256, type VerifyingKey, verifies } from "./crypto.ts";
import { Refusal } from "./report.ts";

export interface LogKey {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly key: VerifyingKey;
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

const NOTE_MAX = 65_536;

/** Reads `name+keyid+base64`, the form in which a log publishes its key. */
export function parseLogKey(line: string): LogKey {
  const [name, keyId, ...rest] = line.trim().split("+");
  const typed = base64(rest.join("+"));
  const key = typed[0] === 1 && typed.length === 33 ? keyFromEd25519(typed.subarray(1)) : undefined;
  if (!name || key === undefined) throw new Refusal("log-key", "日志公钥格式有误", "The log's key is malformed");
  const expected = sha256(utf8(`${name}\n`), typed).subarray(0, 4);
  if (hex(expected) !== keyId)
    throw new Refusal("log-key", "日志公钥与其标识不符", "The log's key does not fit its id");
  return { name, keyId: expected, key };
}

/** Opens a signed checkpoint under the log's own key. */
export async function openCheckpoint(note: unknown, log: LogKey): Promise<Checkpoint> {
  if (typeof note !== "string" || note.length > NOTE_MAX || !note.endsWith("\n")) throw malformed();
  const split = note.lastIndexOf("\n\n");
  if (split < 0) throw malformed();
  const signed = note.slice(0, split + 1);
  let found = false;
  for (const line of note.slice(split + 2, -1).split("\n")) {
    const [dash, name, encoded, ...more] = line.split(" ");
    if (dash !== "\u2014" || more.length > 0) throw malformed();
    const bytes = base64(encoded);
    if (name !== log.name || !same(bytes.subarray(0, 4), log.keyId)) continue;
    if (!(await verifies(log.key, utf8(signed), bytes.subarray(4), "raw"))) {
      throw new Refusal("checkpoint-signature", "检查点签名无效", "The checkpoint's signature is wrong");
    }
    found = true;
  }
  if (!found) {
    throw new Refusal("checkpoint-signature", "检查点不是该日志签署的", "The checkpoint was not signed by this log");
  }
  const checkpoint = parseSigned(signed);
  if (checkpoint.origin !== log.name) {
    throw new Refusal("checkpoint-origin", "检查点属于另一份日志", "The checkpoint is of another log");
  }
  return checkpoint;
}

function parseSigned(signed: string): Checkpoint {
  const [origin, size, root] = signed.split("\n");
  if (!origin || size === undefined || !/^(?:0|[1-9][0-9]{0,15})$/.test(size)) throw malformed();
  const hash = base64(root);
  if (hash.length !== 32) throw malformed();
  return { origin, size: asSize(Number(size)), root: hash };
}

/** Whether a text looks like a signed note. */
export function looksLikeNote(source: string): boolean {
  return source.includes("\n\n\u2014 ");
}

function malformed(): Refusal {
  return new Refusal("checkpoint-malformed", "检查点格式有误", "The checkpoint is malformed");
}
