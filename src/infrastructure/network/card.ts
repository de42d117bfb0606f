/**
 * The card of a node: what another one must know to send it packages and to believe its receipts and releases. It is public, and carried by
 * hand: two officials of the other side compare its fingerprint with what this node's officials read to them.
 */
import { z } from "zod";
import type { Zone } from "#kernel/system/act";
import { fromBase64, fromBase64url, toBase64, toBase64url } from "#lib/crypto/base64url";
import { sha256Hex } from "#lib/crypto/digest";
import { ed25519FromRaw } from "#lib/crypto/keys";
import type { RecipientKey } from "#lib/crypto/recipient";
import { sm2PublicKey } from "#lib/crypto/sm2/keys";
import type { CryptoSuite, VerifyingKey } from "#lib/crypto/suite";
import { canonicalize } from "#lib/json/canonical";
import { readX509, type X509Certificate } from "#lib/x509/certificate";

const FORMAT = "zhengtong-ferry-card/1";
const ROOTS_MAX = 8;
const ROOT_LENGTH_MAX = 8_192;
const KEY_LENGTH_MAX = 120;

const KeyText = z.strictObject({
  suite: z.enum(["international", "national"]),
  key: z.string().max(KEY_LENGTH_MAX),
});
const CardText = z.strictObject({
  format: z.literal(FORMAT),
  node: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/),
  name: z.string().trim().min(1).max(100),
  zone: z.enum(["internet", "extranet", "intranet"]),
  /** Packages are encrypted for it. */
  encryption: KeyText,
  /** It signs receipts. */
  receipt: KeyText,
  /** Below which its officials have their certificates. */
  roots: z.array(z.base64().max(ROOT_LENGTH_MAX)).min(1).max(ROOTS_MAX),
});

export interface Card {
  readonly node: string;
  readonly name: string;
  readonly zone: Zone;
  readonly encryption: RecipientKey;
  readonly receipt: VerifyingKey;
  readonly roots: readonly X509Certificate[];
  /** SHA-256 of its canonical form, hexadecimal. */
  readonly fingerprint: string;
  /** Its canonical form. */
  readonly text: string;
}

export function writeCard(card: {
  readonly node: string;
  readonly name: string;
  readonly zone: Zone;
  readonly encryption: RecipientKey;
  readonly receipt: { readonly suite: CryptoSuite["name"]; readonly publicKey: Uint8Array };
  readonly roots: readonly Uint8Array[];
}): string {
  const { node, name, zone, encryption, receipt, roots } = card;
  const key = (of: { readonly suite: string; readonly publicKey: Uint8Array }) => ({
    suite: of.suite,
    key: toBase64url(of.publicKey),
  });
  return canonicalize({
    format: FORMAT,
    ...{ node, name, zone, encryption: key(encryption), receipt: key(receipt), roots: roots.map(toBase64) },
  });
}

/** @returns undefined where it is not a card */
export function readCard(text: string): Card | undefined {
  try {
    const { node, name, zone, encryption, receipt, roots } = CardText.parse(JSON.parse(text));
    const canonical = canonicalize({ format: FORMAT, node, name, zone, encryption, receipt, roots });
    const receiptKey = bytesOf(receipt.key);
    return {
      ...{ node, name, zone, text: canonical, fingerprint: sha256Hex(canonical) },
      encryption: { suite: encryption.suite, publicKey: bytesOf(encryption.key) },
      receipt: receipt.suite === "national" ? sm2PublicKey(receiptKey) : ed25519FromRaw(receiptKey),
      roots: roots.map((root) => readX509(fromBase64(root) ?? new Uint8Array(0))),
    };
  } catch {
    // Typed or copied by hand: whatever is wrong in it, it is not a card.
    return undefined;
  }
}

function bytesOf(written: string): Uint8Array {
  return fromBase64url(written) ?? new Uint8Array(0);
}
