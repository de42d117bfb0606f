/** C2SP tlog-cosignature: who else saw a checkpoint. */
import { base64, concat, hex, same, utf8 } from "./bytes.ts";
import { sha256 } from "./crypto.ts";
import { type Finding, good, open, Refusal } from "./report.ts";
import { keyFromEd25519, type VerifyingKey, verifies } from "./signature.ts";

const COSIGNATURE_TYPE = 4;
const TIME_BYTES = 8;

export interface WitnessKey {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly key: VerifyingKey;
}

/** Witnesses whose word counts, and how many of them must have given it. */
export interface WitnessPolicy {
  readonly witnesses: readonly WitnessKey[];
  readonly quorum: number;
}

/** Reads `name+keyid+base64(04 ‖ key)`. */
export function parseWitnessKey(line: string): WitnessKey {
  const [name, keyId, ...rest] = line.trim().split("+");
  const typed = base64(rest.join("+"));
  const key = typed[0] === COSIGNATURE_TYPE && typed.length === 33 ? keyFromEd25519(typed.subarray(1)) : undefined;
  if (!name || key === undefined) throw new Refusal("witness-key", "见证公钥格式有误", "A witness's key is malformed");
  const expected = sha256(utf8(`${name}\n`), typed).subarray(0, 4);
  if (hex(expected) !== keyId)
    throw new Refusal("witness-key", "见证公钥与其标识不符", "A witness's key does not fit its id");
  return { name, keyId: expected, key };
}

/** Reads the keys of witnesses, and how many of them are asked for: more than half where nothing is stated. */
export function readWitnessPolicy(keys: readonly string[], stated: string | undefined): WitnessPolicy | undefined {
  if (keys.length === 0) return undefined;
  const witnesses = keys.map(parseWitnessKey);
  const quorum = stated === undefined || stated === "" ? Math.floor(witnesses.length / 2) + 1 : Number(stated);
  if (!Number.isInteger(quorum) || quorum < 1 || quorum > witnesses.length)
    throw new Refusal("usage", `见证者数目有误：${stated}`, `Not a number of these witnesses: ${stated}`);
  return { witnesses, quorum };
}

/**
 * Adds what witnesses say of a checkpoint. A wrong signature of a known witness is refused; too few signatures are open: the
 * checkpoint may be too new.
 * @param checkpointNote a signed note that was opened already
 */
export async function checkWitnesses(
  checkpointNote: string,
  policy: WitnessPolicy | undefined,
  found: Finding[],
): Promise<void> {
  if (policy === undefined) return;
  const split = checkpointNote.lastIndexOf("\n\n");
  const signed = checkpointNote.slice(0, split + 1);
  const said = new Map<string, number>();
  for (const line of checkpointNote.slice(split + 2, -1).split("\n")) {
    const [, name = "", encoded] = line.split(" ");
    const bytes = base64(encoded);
    const witness = policy.witnesses.find((one) => one.name === name && same(one.keyId, bytes.subarray(0, 4)));
    if (witness === undefined || said.has(name)) continue;
    said.set(name, await timeOf(witness, bytes.subarray(4), signed));
  }
  const names = [...said].map(([name, at]) => `${name} ${new Date(at * 1_000).toISOString()}`).join(", ");
  if (said.size < policy.quorum) {
    found.push(
      open(
        "not-witnessed",
        `检查点尚无足够的见证：需要 ${policy.quorum} 个，现有 ${said.size} 个`,
        `Too few witnesses have signed the checkpoint: ${said.size} of the ${policy.quorum} needed`,
      ),
    );
    return;
  }
  found.push(good("witnessed", `检查点有见证：${names}`, `The checkpoint is witnessed: ${names}`));
}

async function timeOf({ key }: WitnessKey, stated: Uint8Array, signed: string): Promise<number> {
  const bytes = stated.subarray(0, TIME_BYTES);
  const at = bytes.length === TIME_BYTES ? Number(BigInt(`0x${hex(bytes)}`)) : Number.NaN;
  const message = concat(utf8(`cosignature/v1\ntime ${at}\n`), utf8(signed));
  // Beyond this, a date cannot be written.
  if (!(at <= 8.64e12) || !(await verifies(key, message, stated.subarray(TIME_BYTES), "raw"))) {
    throw new Refusal("witness-signature", "见证签名无效", "A witness's signature is wrong");
  }
  return at;
}
