/** Signs notes (C2SP signed-note): the ledger's checkpoints. The key pair is Ed25519. */
import { createHash } from "node:crypto";
import type { CheckpointSigner } from "#kernel/ports";
import type { KeyStore } from "../keys/key-store.ts";

/** Ed25519 in C2SP signed-note. */
const ED25519_KEY_TYPE = 0x01;
const RAW_KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const MAX_NOTE_CHARACTERS = 65_536;

/** Opens the signer of a log; `origin` is its schemaless URL-like name, which has no spaces and no plus sign. */
export async function openNoteSigner(keys: KeyStore, origin: string): Promise<CheckpointSigner> {
  if (!/^[^\s+]{1,200}$/.test(origin)) throw new RangeError("a log's origin has neither blanks nor a plus sign");
  const label = "ledger/checkpoint";
  const { info } = await keys.ensureKey(label, "ed25519");
  const typedKey = Buffer.concat([Buffer.of(ED25519_KEY_TYPE), info.subarray(-RAW_KEY_BYTES)]);
  const keyId = createHash("sha256").update(`${origin}\n`).update(typedKey).digest().subarray(0, KEY_ID_BYTES);
  return {
    origin,
    verifierKey: `${origin}+${keyId.toString("hex")}+${typedKey.toString("base64")}`,
    async sign(noteText) {
      if (!noteText.endsWith("\n") || noteText.length > MAX_NOTE_CHARACTERS) {
        throw new RangeError("a note's text ends with a newline and is not longer than its bound");
      }
      const signature = await keys.sign(label, Buffer.from(noteText, "utf8"));
      return `\u2014 ${origin} ${Buffer.concat([keyId, signature]).toString("base64")}\n`;
    },
  };
}
