/** The node's time-stamp authority (RFC 3161). Each stamp is in the ledger before it leaves. */
import { randomBytes } from "node:crypto";
import { readStampRequest } from "#lib/time-stamp/request";
import { STAMP_DIGESTS, writeStampAnswer, writeStampRefusal, writeToken } from "#lib/time-stamp/write-token";
import { STAMP_POLICY } from "../certificates/profiles.ts";
import type { StatusLinks } from "./answers.ts";

/** The node's clock is kept by the operating system; no more is promised than a second. */
const ACCURACY_SECONDS = 1;
/** 127 random bits: unique without a counter. */
const SERIAL_BYTES = 16;

/** The DER of an answer, whatever was asked. */
export async function stampAnswer(question: Uint8Array, { trust, now }: StatusLinks): Promise<Uint8Array> {
  const request = readStampRequest(question, STAMP_POLICY);
  if (typeof request === "string") return writeStampRefusal(request);
  const at = now();
  // Who digests with SM3 reads SM2; whoever else asks may know nothing of it.
  const suite = request.imprint.algorithm === STAMP_DIGESTS.SM2.id ? "national" : "international";
  const key = await trust.stampKey(suite, at);
  const serial = new Uint8Array(randomBytes(SERIAL_BYTES));
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const atMs = Temporal.Instant.from(at).epochMilliseconds;
  const content = { policy: STAMP_POLICY, imprint: request.imprint, serial, atMs, accuracySeconds: ACCURACY_SECONDS };
  const token = await writeToken(
    { ...content, nonce: request.nonce },
    {
      algorithm: key.algorithm,
      certificate: key.certificate,
      issuers: key.issuers,
      sign: (bytes) => key.sign(bytes),
    },
    { withCertificates: request.wantsCertificate },
  );
  await trust.tellStamped({ serial: key.serial, digest: request.imprint.digest.toHex(), at });
  return writeStampAnswer(token);
}
