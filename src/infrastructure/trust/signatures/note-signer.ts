/**
 * Signs notes (C2SP signed-note), the ledger's checkpoints: with Ed25519, which everybody reads, and below it with SM2,
 * which others pass over. The two are independent: who trusts one suite alone checks its line alone.
 */
import { createHash } from "node:crypto";
import { ecdsaPair } from "#kernel/documents/ecdsa";
import type { CheckpointSigner } from "#kernel/ports";
import { sm2PublicKeyFromSpki } from "#lib/crypto/sm2/key-files";
import { formatSuiteVerifierKey, suiteNoteVerifier } from "#lib/merkle/suite-note";
import type { KeyStore } from "../keys/key-store.ts";

/** Ed25519 in C2SP signed-note. */
const ED25519_KEY_TYPE = 0x01;
const RAW_KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const MAX_NOTE_CHARACTERS = 65_536;

/**
 * Opens the signer of a log, or of other notes under keys of another label; `origin` is its schemaless URL-like name, which
 * has no spaces and no plus sign.
 */
export async function openNoteSigner(
  keys: KeyStore,
  origin: string,
  label = "ledger/checkpoint",
): Promise<CheckpointSigner> {
  if (!/^[^\s+]{1,200}$/.test(origin)) throw new RangeError("a log's origin has neither blanks nor a plus sign");
  const nationalLabel = `${label}-sm2`;
  const { info } = await keys.ensureKey(label, "ed25519");
  const typedKey = Buffer.concat([Buffer.of(ED25519_KEY_TYPE), info.subarray(-RAW_KEY_BYTES)]);
  const keyId = createHash("sha256").update(`${origin}\n`).update(typedKey).digest().subarray(0, KEY_ID_BYTES);
  const national = await keys.ensureKey(nationalLabel, "sm2");
  const nationalVerifier = suiteNoteVerifier(origin, sm2PublicKeyFromSpki(national.info));
  return {
    origin,
    furtherKeys: [formatSuiteVerifierKey(nationalVerifier)],
    verifierKey: `${origin}+${keyId.toString("hex")}+${typedKey.toString("base64")}`,
    async sign(noteText) {
      if (!noteText.endsWith("\n") || noteText.length > MAX_NOTE_CHARACTERS) {
        throw new RangeError("a note's text ends with a newline and is not longer than its bound");
      }
      const bytes = Buffer.from(noteText, "utf8");
      const line = (id: Uint8Array, signature: Uint8Array) =>
        `\u2014 ${origin} ${Buffer.concat([id, signature]).toString("base64")}\n`;
      const nationalSignature = ecdsaPair(await keys.sign(nationalLabel, bytes));
      return line(keyId, await keys.sign(label, bytes)) + line(nationalVerifier.keyId, nationalSignature);
    },
  };
}
