/**
 * Signs notes (C2SP signed-note), the ledger's checkpoints: with Ed25519, which everybody reads, and below it with SM2 and, where the node
 * has post-quantum signatures, with Ed25519 and ML-DSA-65 together, which others pass over. The lines are independent: who trusts one
 * suite alone checks its line alone.
 */
import { createHash } from "node:crypto";
import { ecdsaPair } from "#kernel/documents/ecdsa";
import type { CheckpointSigner } from "#kernel/ports";
import { hybridFromSpki } from "#lib/crypto/hybrid-files";
import { type SuiteChoice, suitesFor } from "#lib/crypto/purposes";
import { sm2PublicKeyFromSpki } from "#lib/crypto/sm2/key-files";
import type { VerifyingKey } from "#lib/crypto/suite";
import { formatSuiteVerifierKey, suiteNoteVerifier } from "#lib/merkle/suite-note";
import { generationLabel } from "../keys/key-generations.ts";
import type { KeyStore } from "../keys/key-store.ts";

/** Ed25519 in C2SP signed-note. */
const ED25519_KEY_TYPE = 0x01;
const RAW_KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const MAX_NOTE_CHARACTERS = 65_536;
/** The key that signs checkpoints. */
export const LOG_LABEL = "ledger/checkpoint";

/**
 * Opens the signer of a log, or of other notes under keys of another label; `origin` is its schemaless URL-like name, which
 * has no spaces and no plus sign.
 */
export async function openNoteSigner(
  keys: KeyStore,
  origin: string,
  choice: SuiteChoice,
  label = LOG_LABEL,
  generation = 1,
): Promise<CheckpointSigner> {
  if (!/^[^\s+]{1,200}$/.test(origin)) throw new RangeError("a log's origin has neither blanks nor a plus sign");
  const own = generationLabel(label, generation);
  const { info } = await keys.ensureKey(own, "ed25519");
  const typedKey = Buffer.concat([Buffer.of(ED25519_KEY_TYPE), info.subarray(-RAW_KEY_BYTES)]);
  const keyId = createHash("sha256").update(`${origin}\n`).update(typedKey).digest().subarray(0, KEY_ID_BYTES);
  const beside = await Promise.all(besideOf(choice).map((one) => openBeside(keys, { origin, label, generation }, one)));
  return {
    origin,
    furtherKeys: beside.map(({ verifierKey }) => verifierKey),
    verifierKey: `${origin}+${keyId.toString("hex")}+${typedKey.toString("base64")}`,
    async sign(noteText) {
      if (!noteText.endsWith("\n") || noteText.length > MAX_NOTE_CHARACTERS) {
        throw new RangeError("a note's text ends with a newline and is not longer than its bound");
      }
      const bytes = Buffer.from(noteText, "utf8");
      const line = (id: Uint8Array, signature: Uint8Array) =>
        `\u2014 ${origin} ${Buffer.concat([id, signature]).toString("base64")}\n`;
      const lines = [line(keyId, await keys.sign(own, bytes))];
      for (const one of beside) lines.push(line(one.keyId, await one.sign(bytes)));
      return lines.join("");
    },
  };
}

/** The signer of the node's log: each generation of its keys has labels of its own. */
export async function openLogSigner(
  keys: KeyStore,
  origin: string,
  choice: SuiteChoice,
  generation = 1,
): Promise<CheckpointSigner> {
  return {
    ...(await openNoteSigner(keys, origin, choice, LOG_LABEL, generation)),
    successor: () => openLogSigner(keys, origin, choice, generation + 1),
  };
}

interface BesideSuite {
  readonly algorithm: "sm2" | "hybrid";
  readonly read: (info: Uint8Array) => VerifyingKey;
}

const SM2: BesideSuite = { algorithm: "sm2", read: sm2PublicKeyFromSpki };
const HYBRID: BesideSuite = { algorithm: "hybrid", read: hybridFromSpki };

/** SM2 on every node: it costs little, and whoever relies on it may read any node's log. */
function besideOf(choice: SuiteChoice): readonly BesideSuite[] {
  return suitesFor("checkpoint", choice).beside.some(({ name }) => name === "hybrid") ? [SM2, HYBRID] : [SM2];
}

async function openBeside(
  keys: KeyStore,
  log: { readonly origin: string; readonly label: string; readonly generation: number },
  { algorithm, read }: BesideSuite,
) {
  const label = generationLabel(`${log.label}-${algorithm}`, log.generation);
  const verifier = suiteNoteVerifier(log.origin, read((await keys.ensureKey(label, algorithm)).info));
  return {
    keyId: verifier.keyId,
    verifierKey: formatSuiteVerifierKey(verifier),
    async sign(bytes: Uint8Array): Promise<Uint8Array> {
      const signature = await keys.sign(label, bytes);
      return algorithm === "sm2" ? ecdsaPair(signature) : signature;
    },
  };
}
