/** Answers about the status of certificates (OCSP, RFC 6960 §4.2), as far as the evidence in a sealed PDF needs them. */
import { same } from "./bytes.ts";
import { type Certificate, isSignedBy, mayAnswer, readCertificate } from "./certificate.ts";
import { sha256 } from "./crypto.ts";
import { bits, broken, child, type Element, expect, oid, readDer, TAG, time } from "./der.ts";
import { Refusal } from "./report.ts";

const BASIC_ANSWER = "1.3.6.1.5.5.7.48.1.1";
const SHA256 = "2.16.840.1.101.3.4.2.1";
const CERTIFICATES_MAX = 8;
const GOOD = 0x80;
const REVOKED = 0xa1;

/** What is known of a certificate. */
export type Standing =
  | { readonly kind: "good"; readonly asOfMs: number }
  | { readonly kind: "revoked"; readonly sinceMs: number }
  | { readonly kind: "unknown" };

/**
 * What answers say of a certificate. Of several the latest counts; one that had run out before the signature, or that is not signed by the
 * issuer or by whom the issuer entrusted with answering, says nothing.
 */
export async function standingOf(
  certificate: Certificate,
  issuer: Certificate,
  { answers, signedAtMs }: { readonly answers: readonly Uint8Array[]; readonly signedAtMs: number },
): Promise<Standing> {
  let known: Standing = { kind: "unknown" };
  let latest = Number.NEGATIVE_INFINITY;
  for (const der of answers) {
    for (const one of await believed(der, certificate, issuer)) {
      if (one.untilMs < signedAtMs || one.asOfMs <= latest || one.standing.kind === "unknown") continue;
      latest = one.asOfMs;
      known = one.standing;
    }
  }
  return known;
}

interface Single {
  readonly standing: Standing;
  readonly asOfMs: number;
  readonly untilMs: number;
}

async function believed(der: Uint8Array, certificate: Certificate, issuer: Certificate): Promise<readonly Single[]> {
  try {
    return await readAnswer(der, certificate, issuer);
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

async function readAnswer(der: Uint8Array, certificate: Certificate, issuer: Certificate): Promise<readonly Single[]> {
  const whole = expect(readDer(der), TAG.sequence);
  const typed = child(child(whole, 1, 0xa0), 0, TAG.sequence);
  if (oid(child(typed, 0)) !== BASIC_ANSWER) throw broken("another kind of answer");
  const basic = readDer(child(typed, 1, TAG.octetString).content);
  const part = child(basic, 0, TAG.sequence);
  const wrapper = basic.children[3];
  const carried = wrapper === undefined ? [] : child(wrapper, 0, TAG.sequence).children.slice(0, CERTIFICATES_MAX);
  const signed = {
    signatureAlgorithm: child(basic, 1, TAG.sequence),
    signed: part.raw,
    signature: bits(child(basic, 2)),
  };
  const [, producedAt, list] = part.children;
  if (!producedAt || !list || part.children[0]?.tag === 0xa0) throw broken("another version");
  const atMs = time(expect(producedAt, TAG.generalizedTime));
  let believable = await isSignedBy(signed, issuer);
  for (const one of carried.map(({ raw }) => readCertificate(raw)))
    believable ||= (await isDelegate(one, issuer, atMs)) && (await isSignedBy(signed, one));
  if (!believable) throw broken("an answer of somebody else");
  return list.children.filter((one) => isAbout(child(one, 0), certificate, issuer)).map(readSingle);
}

async function isDelegate(certificate: Certificate, issuer: Certificate, atMs: number): Promise<boolean> {
  return (
    mayAnswer(certificate) &&
    same(certificate.issuer, issuer.subject) &&
    atMs >= certificate.notBefore &&
    atMs <= certificate.notAfter &&
    (await isSignedBy(certificate, issuer))
  );
}

function isAbout(id: Element, certificate: Certificate, issuer: Certificate): boolean {
  return (
    oid(child(child(id, 0), 0)) === SHA256 &&
    same(child(id, 1, TAG.octetString).content, sha256(issuer.subject)) &&
    same(child(id, 2, TAG.octetString).content, sha256(issuer.keyBits)) &&
    same(child(id, 3, TAG.integer).raw, certificate.serial)
  );
}

function readSingle(single: Element): Single {
  const [, status, thisUpdate, nextUpdate] = single.children;
  if (!status || !thisUpdate || nextUpdate?.tag !== 0xa0) throw broken("not a status");
  const asOfMs = time(expect(thisUpdate, TAG.generalizedTime));
  const untilMs = time(child(nextUpdate, 0, TAG.generalizedTime));
  if (status.tag === GOOD) return { standing: { kind: "good", asOfMs }, asOfMs, untilMs };
  if (status.tag !== REVOKED) return { standing: { kind: "unknown" }, asOfMs, untilMs };
  return { standing: { kind: "revoked", sinceMs: time(child(status, 0, TAG.generalizedTime)) }, asOfMs, untilMs };
}
