/** This node's keys for the ferry: one opens packages, one signs receipts. Made once, sealed by the room. */
import type { Sql } from "#kernel/database/sql";
import { randomBytes } from "#kernel/random";
import type { Zone } from "#kernel/system/act";
import type { Secrets } from "#kernel/system/context";
import { ed25519FromSeed, ed25519Raw, type PrivateKey, publicKeyOf } from "#lib/crypto/keys";
import { suiteOfKey, suitesFor } from "#lib/crypto/purposes";
import { openFor, type PieceKeys, RECIPIENT_SEED_BYTES, recipientKeyOf } from "#lib/crypto/recipient";
import { generateSm2Key, type Sm2PrivateKey } from "#lib/crypto/sm2/keys";
import type { CryptoSuite } from "#lib/crypto/suite";
import { type ContainerHead, headBinding } from "#lib/ferry/container";
import { type Receipt, receiptMessage, writeReceipt } from "#lib/ferry/receipt";
import { type Card, readCard, writeCard } from "./card.ts";
import { networkPorts } from "./ports.ts";

export const SEALED_FOR = "ferry";

interface FerryKeys {
  readonly suite: CryptoSuite["name"];
  readonly encryption: Uint8Array;
  readonly receipt: PrivateKey | Sm2PrivateKey;
}

/** Makes the keys where there are none. */
export async function makeFerryKeys(sql: Sql, secrets: Pick<Secrets, "seal">, at: string): Promise<void> {
  const { name } = suitesFor("payload-encryption", networkPorts().suites).suite;
  await sql.execute(
    "INSERT INTO network.ferry_key (suite, sealed, made_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [name, secrets.seal(randomBytes(2 * RECIPIENT_SEED_BYTES), SEALED_FOR), at],
  );
}

async function ferryKeys(sql: Sql, secrets: Pick<Secrets, "open">): Promise<FerryKeys | undefined> {
  const [row] = await sql.query<{ suite: CryptoSuite["name"]; sealed: Uint8Array }>(
    "SELECT suite, sealed FROM network.ferry_key",
  );
  if (row === undefined) return undefined;
  const seeds = secrets.open(row.sealed, SEALED_FOR);
  const receipt = seeds.slice(RECIPIENT_SEED_BYTES);
  return {
    suite: row.suite,
    encryption: seeds.slice(0, RECIPIENT_SEED_BYTES),
    receipt: row.suite === "national" ? generateSm2Key(receipt) : ed25519FromSeed(receipt.slice(0, 32)),
  };
}

/** What this node hands over to others. */
export async function ownCardOf(sql: Sql, secrets: Pick<Secrets, "open">, zone: Zone): Promise<Card | undefined> {
  const keys = await ferryKeys(sql, secrets);
  if (keys === undefined) return undefined;
  const { node, roots } = networkPorts();
  const { receipt } = keys;
  const publicKey = receipt.algorithm === "SM2" ? receipt.publicKey.point : ed25519Raw(publicKeyOf(receipt));
  return readCard(
    writeCard({
      ...{ node: node.code, name: node.name, zone, roots },
      encryption: recipientKeyOf({ suite: keys.suite, seed: keys.encryption }),
      receipt: { suite: keys.suite, publicKey },
    }),
  );
}

/** The keys of one package that was encrypted for this node; undefined where it was not. */
export async function packageKeys(
  sql: Sql,
  secrets: Pick<Secrets, "open">,
  { head, wrapped }: { readonly head: ContainerHead; readonly wrapped: Uint8Array },
): Promise<PieceKeys | undefined> {
  const keys = await ferryKeys(sql, secrets);
  if (keys === undefined || keys.suite !== head.suite) return undefined;
  return openFor({ suite: keys.suite, seed: keys.encryption }, { wrapped, info: headBinding(head) });
}

/** A receipt as it is printed. The signature is determined by what it says: it carries nothing else. */
export async function signedReceipt(
  sql: Sql,
  secrets: Pick<Secrets, "open">,
  { receipt, from }: { readonly receipt: Receipt; readonly from: string },
): Promise<string | undefined> {
  const keys = await ferryKeys(sql, secrets);
  if (keys === undefined) return undefined;
  const message = receiptMessage(receipt, { from, to: networkPorts().node.code });
  return writeReceipt(receipt, suiteOfKey(keys.receipt).sign({ key: keys.receipt, message }));
}
