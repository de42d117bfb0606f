/** A licence as SD-JWT VC (RFC 9901): signature, disclosures, times. */
import { asList, asObject, base64url, decodeBase64, parseObject, text, toBase64url, utf8 } from "./bytes.ts";
import { type Certificate, describe, maySeal, readCertificate, verifyPath } from "./certificate.ts";
import { checkIssued } from "./certificate-proof.ts";
import { type Jwk, sha256 } from "./crypto.ts";
import type { CertificateTrust } from "./pdf.ts";
import { examine, type Finding, good, note, open, Refusal, type Report } from "./report.ts";
import { isJwsOf, keyFromJwk, type VerifyingKey, verifies } from "./signature.ts";

export interface TokenTrust extends CertificateTrust {
  /** The issuer's key, when it was given instead of a root. */
  readonly jwk?: Jwk | undefined;
}

const TOKEN_MAX = 262_144;
const DISCLOSURES_MAX = 1_000;
const CERTIFICATES_MAX = 8;
const TYPES = ["dc+sd-jwt", "vc+sd-jwt"];
const NEVER_WITHHELD = ["iss", "nbf", "exp", "cnf", "vct", "status"];
const LEEWAY_SECONDS = 60;

/** Whether a text looks like an SD-JWT in compact form. */
export function looksLikeSdJwt(source: string): boolean {
  return /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+~/.test(source);
}

/** Checks a licence token. */
export function verifyCredential(source: string, trust: TokenTrust): Promise<Report> {
  return examine("sd-jwt-vc", async (found, facts) => {
    const token = source.trim();
    if (token.length > TOKEN_MAX) throw new Refusal("too-big", "凭证过长", "The token is too long");
    const [jwt = "", ...tail] = token.split("~");
    const keyBinding = tail.pop();
    if (keyBinding === undefined || tail.length > DISCLOSURES_MAX) throw malformed();
    const [head = "", body = "", signature = "", ...more] = jwt.split(".");
    if (more.length > 0) throw malformed();
    const header = parseObject(text(base64url(head)));
    if (!TYPES.includes(String(header["typ"])) || header["crit"] !== undefined) {
      throw new Refusal("type", "不是可验证凭证", "It is not a verifiable credential");
    }
    const key = await issuerKey(header, trust, found, facts);
    if (!isJwsOf(key, header["alg"]) || !(await verifies(key, utf8(`${head}.${body}`), base64url(signature), "raw"))) {
      throw new Refusal(
        "signature",
        "凭证签名无效，内容可能被改动",
        "The token's signature is wrong: it may have been changed",
      );
    }
    found.push(good("signature", "凭证签名有效", "The token's signature is right"));
    const claims = reveal(parseObject(text(base64url(body))), tail);
    if (typeof claims["vct"] !== "string")
      throw new Refusal("type", "凭证没有说明种类", "The token does not say what it is");
    checkTimes(claims, trust.atMs / 1_000);
    facts["claims"] = claims;
    if (keyBinding !== "")
      found.push(
        note(
          "holder-not-checked",
          "附有持证人证明；本工具未核对其对象和时间",
          "It comes with a holder's proof, whose audience and time are not checked here",
        ),
      );
    found.push(
      note(
        "not-revocation",
        "本工具离线核验，不查询许可是否仍然有效",
        "Checked off line: whether the licence is still in force is not asked",
      ),
    );
  });
}

async function issuerKey(
  header: Record<string, unknown>,
  trust: TokenTrust,
  found: Finding[],
  facts: Record<string, unknown>,
): Promise<VerifyingKey> {
  if (trust.jwk !== undefined) {
    const key = keyFromJwk(trust.jwk);
    if (key === undefined) throw new Refusal("jwk", "提供的公钥无法识别", "The key that was given cannot be read");
    found.push(good("issuer", "用您提供的公钥核验", "Checked under the key that you gave"));
    return key;
  }
  if (header["x5c"] === undefined) {
    throw new Refusal(
      "issuer-key-missing",
      "凭证未附证书：请提供发证机关的公钥（--jwk）",
      "The token carries no certificate: give the issuer's key with --jwk",
    );
  }
  const [end, ...others] = asList(header["x5c"], CERTIFICATES_MAX).map(readEncoded);
  if (end === undefined) throw malformed();
  // Persons and nodes have certificates under the same root: a licence takes an authority's seal.
  if (!maySeal(end)) throw new Refusal("wrong-use", "该证书不得用于签发凭证", "This certificate may not sign tokens");
  facts["issuedBy"] = describe(end);
  if (trust.roots.length === 0) {
    found.push(
      open(
        "no-root",
        "未提供根证书，无法确认由谁签发：请提供（--root）",
        "Who issued it cannot be told without a root certificate: give one with --root",
      ),
    );
  } else {
    await verifyPath(end, others, trust);
    await checkIssued(end, { trust, atMs: trust.atMs }, found);
    found.push(
      good(
        "issuer",
        `签发证书“${end.commonName}”由您信任的根证书签发`,
        `The issuer ${end.commonName} leads to a root that you trust`,
      ),
    );
  }
  return end.key;
}

function readEncoded(encoded: unknown): Certificate {
  if (typeof encoded !== "string") throw malformed();
  return readCertificate(decodeBase64(encoded) ?? new Uint8Array());
}

interface Disclosure {
  readonly name: string | undefined;
  readonly value: unknown;
}

/** RFC 9901 §7.1: puts what was disclosed in its place; whatever has no place, or two, is refused. */
function reveal(payload: Record<string, unknown>, encoded: readonly string[]): Record<string, unknown> {
  if (payload["_sd_alg"] !== undefined && payload["_sd_alg"] !== "sha-256") throw disclosureFault();
  const waiting = new Map<string, Disclosure>();
  for (const one of encoded) {
    const digest = toBase64url(sha256(utf8(one)));
    if (waiting.has(digest)) throw disclosureFault();
    waiting.set(digest, readDisclosure(one));
  }
  const claims = revealObject(payload, { waiting, seen: new Set() }, 0);
  if (waiting.size > 0) throw disclosureFault();
  for (const name of NEVER_WITHHELD) {
    if (Object.hasOwn(claims, name) && !Object.hasOwn(payload, name)) throw disclosureFault();
  }
  delete claims["_sd_alg"];
  return claims;
}

function readDisclosure(encoded: string): Disclosure {
  let parts: unknown;
  try {
    parts = JSON.parse(text(base64url(encoded)));
  } catch {
    throw disclosureFault();
  }
  if (!Array.isArray(parts) || typeof parts[0] !== "string") throw disclosureFault();
  const [, second, third] = parts as unknown[];
  if (parts.length === 2) return { name: undefined, value: second };
  if (parts.length !== 3 || typeof second !== "string" || second === "_sd" || second === "...") throw disclosureFault();
  return { name: second, value: third };
}

interface Revealing {
  /** Disclosures whose place was not found yet, by digest. */
  readonly waiting: Map<string, Disclosure>;
  readonly seen: Set<string>;
}

function revealValue(value: unknown, state: Revealing, depth: number): unknown {
  if (depth > 64) throw disclosureFault();
  if (Array.isArray(value)) return value.flatMap((item: unknown) => revealElement(item, state, depth + 1));
  return typeof value === "object" && value !== null ? revealObject(asObject(value), state, depth) : value;
}

function revealElement(item: unknown, state: Revealing, depth: number): unknown[] {
  if (typeof item !== "object" || item === null || !Object.hasOwn(item, "..."))
    return [revealValue(item, state, depth)];
  if (Object.keys(item).length !== 1) throw disclosureFault();
  const disclosure = take((item as Record<string, unknown>)["..."], state);
  if (disclosure === undefined) return [];
  if (disclosure.name !== undefined) throw disclosureFault();
  return [revealValue(disclosure.value, state, depth)];
}

function revealObject(source: Record<string, unknown>, state: Revealing, depth: number): Record<string, unknown> {
  const shown = new Map<string, unknown>();
  for (const [name, value] of Object.entries(source)) {
    if (name === "...") throw disclosureFault();
    if (name !== "_sd") shown.set(name, revealValue(value, state, depth + 1));
  }
  for (const digest of asList(source["_sd"] ?? [], DISCLOSURES_MAX)) {
    const disclosure = take(digest, state);
    if (disclosure === undefined) continue;
    if (disclosure.name === undefined || shown.has(disclosure.name)) throw disclosureFault();
    shown.set(disclosure.name, revealValue(disclosure.value, state, depth + 1));
  }
  return Object.fromEntries(shown);
}

function take(digest: unknown, { waiting, seen }: Revealing): Disclosure | undefined {
  if (typeof digest !== "string" || seen.has(digest)) throw disclosureFault();
  seen.add(digest);
  const disclosure = waiting.get(digest);
  waiting.delete(digest);
  return disclosure;
}

function checkTimes(claims: Record<string, unknown>, nowSeconds: number): void {
  const { exp, nbf } = claims;
  if ((exp !== undefined && typeof exp !== "number") || (nbf !== undefined && typeof nbf !== "number"))
    throw malformed();
  if (typeof exp === "number" && exp + LEEWAY_SECONDS <= nowSeconds) {
    throw new Refusal("expired", "凭证已过有效期", "The token has expired");
  }
  if (typeof nbf === "number" && nbf - LEEWAY_SECONDS > nowSeconds) {
    throw new Refusal("not-yet-valid", "凭证尚未生效", "The token is not valid yet");
  }
}

function malformed(): Refusal {
  return new Refusal("malformed", "凭证格式有误", "The token is malformed");
}

function disclosureFault(): Refusal {
  return new Refusal("disclosure", "凭证披露的内容与签名不符", "What the token discloses is not what was signed");
}
