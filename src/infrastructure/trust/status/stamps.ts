/** The node's time-stamp authority (RFC 3161). Whoever asks from outside finds each stamp in the ledger before it leaves. */
import { randomBytes } from "node:crypto";
import { type Imprint, readStampRequest } from "#lib/time-stamp/request";
import { STAMP_DIGESTS, writeStampAnswer, writeStampRefusal, writeToken } from "#lib/time-stamp/write-token";
import { STAMP_POLICY } from "../certificates/profiles.ts";
import type { StatusLinks } from "./answers.ts";

/** The node's clock is kept by the operating system; no more is promised than a second. */
const ACCURACY_SECONDS = 1;
/** 127 random bits: unique without a counter. */
const SERIAL_BYTES = 16;

/** The DER of an answer, whatever was asked. */
export async function stampAnswer(question: Uint8Array, links: StatusLinks): Promise<Uint8Array> {
  const request = readStampRequest(question, STAMP_POLICY);
  if (typeof request === "string") return writeStampRefusal(request);
  const { token, serial, at } = await stamp(request, links, request.wantsCertificate ? "path" : "none");
  await links.trust.tellStamped({ serial, digest: request.imprint.digest.toHex(), at });
  return writeStampAnswer(token);
}

/** A token, not on record yet. @param carrying its own certificate with those above it, or alone, or none */
export async function stamp(
  { imprint, nonce }: { readonly imprint: Imprint; readonly nonce: Uint8Array | undefined },
  { trust, now }: Pick<StatusLinks, "trust" | "now">,
  carrying: "path" | "own" | "none",
): Promise<{ readonly token: Uint8Array; readonly serial: string; readonly at: string }> {
  const at = now();
  // Who digests with SM3 reads SM2; whoever else asks may know nothing of it.
  const suite = imprint.algorithm === STAMP_DIGESTS.SM2.id ? "national" : "international";
  const key = await trust.stampKey(suite, at);
  const serial = new Uint8Array(randomBytes(SERIAL_BYTES));
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const atMs = Temporal.Instant.from(at).epochMilliseconds;
  const token = await writeToken(
    { policy: STAMP_POLICY, imprint, serial, atMs, accuracySeconds: ACCURACY_SECONDS, nonce },
    {
      algorithm: key.algorithm,
      certificate: key.certificate,
      issuers: carrying === "path" ? key.issuers : [],
      sign: (bytes) => key.sign(bytes),
    },
    { withCertificates: carrying !== "none" },
  );
  return { token, serial: key.serial, at };
}
