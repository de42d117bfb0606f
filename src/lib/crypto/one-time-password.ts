import { createHmac } from "node:crypto";
import { toBase32 } from "./base32.ts";
import { utf8 } from "./bytes.ts";
import { equalSecrets } from "./digest.ts";

/** Time-based one-time passwords (RFC 6238) as authenticator programs take them: HMAC-SHA-1, six digits, thirty seconds. */
export const CODE_DIGITS = 6;
export const STEP_SECONDS = 30;
/** How many steps a clock may be wrong, each way (RFC 6238 §5.2 asks for one at most). */
export const DRIFT_STEPS = 1;
/** RFC 4226 §4 R6: a shared secret has 160 bits. */
export const CODE_SECRET_BYTES = 20;

/** The step of an instant, ISO 8601. */
export function stepAt(at: string): number {
  return Math.floor(Date.parse(at) / 1000 / STEP_SECONDS);
}

/** The code of a step (RFC 4226 §5.3, RFC 6238 §4.2). */
export function codeOf(secret: Uint8Array, step: number, digits: number = CODE_DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const value = mac.readUInt32BE((mac[19] ?? 0) & 15) & 0x7fff_ffff;
  return String(value % 10 ** digits).padStart(digits, "0");
}

/**
 * The step whose code was given, within the drift that is allowed. Every candidate is computed and compared, whichever matches.
 * A step at or before the last one that was used is found all the same: its code was used, and must count for nothing.
 */
export function stepOfCode(secret: Uint8Array, code: string, at: string): number | undefined {
  const now = stepAt(at);
  let found: number | undefined;
  for (let step = now - DRIFT_STEPS; step <= now + DRIFT_STEPS; step += 1) {
    if (equalSecrets(utf8(codeOf(secret, step)), utf8(code))) found = step;
  }
  return found;
}

/** What a QR code holds for an authenticator program (the key URI format that all of them read). */
export function secretUri(of: {
  readonly secret: Uint8Array;
  readonly issuer: string;
  readonly account: string;
}): string {
  const label = `${encodeURIComponent(of.issuer)}:${encodeURIComponent(of.account)}`;
  return `otpauth://totp/${label}?secret=${toBase32(of.secret)}&issuer=${encodeURIComponent(of.issuer)}`;
}
