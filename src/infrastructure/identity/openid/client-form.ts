import type { z } from "zod";
import type { InputIssue } from "#kernel/contract/refusal";
import { type Text, text } from "#lib/language/text";
import {
  CLIENT_LINES_MAX,
  CLIENT_URI_LENGTH_MAX,
  type ClientForm,
  OPENID_SCOPES,
  type OpenidScope,
} from "./client-contract.ts";
import type { ClientClaim, ClientRow } from "./client-rows.ts";

/** Hosts on which a system under development may answer without TLS (RFC 8252 §7.3). */
const LOOPBACK = new Set(["127.0.0.1", "[::1]", "localhost"]);
/** `法律名称 第十五条` */
const ARTICLE = /^\S{2,60} 第\S{1,20}条\S{0,20}$/u;
/** Members of a JSON Web Key that must not leave who made it (RFC 7518 §6). */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "k", "priv"];
const KEYS_MAX = 5;

const ADDRESS = text(
  "每行一个完整地址：https，或本机（127.0.0.1、localhost）的 http；不含 #、用户名和通配符，最多 10 个，属同一主机。",
  "One whole address a line: https, or http on loopback; no #, user name or wildcard, 10 at most, on one host.",
);
const ARTICLES = text(
  "至少一条，每行一条：法律名称、空格、条款，例如：住房公积金管理条例 第十五条",
  "At least one, one a line: the law, a space, the article, such as 住房公积金管理条例 第十五条",
);
const CLAIM_ARTICLES = text(
  "每行一条：法律名称、空格、条款，最多 10 条；以本人同意为依据的留空",
  "One a line: the law, a space, the article, 10 at most; empty where consent is the basis",
);
const CLAIM_PURPOSE = text(
  "填了法律依据的，也要填写使用目的。",
  "What has a legal basis has a purpose: please say which.",
);
const KEYS = text(
  "请填写 JWKS：1 至 5 个 P-256 公钥，不得含私钥。",
  "Enter a JWKS: 1 to 5 public keys on P-256, without any private part.",
);

type Fields = z.output<typeof ClientForm>;
type Read = Pick<
  ClientRow,
  "legalBasis" | "claims" | "redirectUris" | "postLogoutRedirectUris" | "backchannelLogoutUri" | "jwks"
>;

/** Reads what was typed in lines; gives all that is wrong with it. */
export function readClientForm(form: Fields): { readonly read: Read } | { readonly issues: readonly InputIssue[] } {
  const issues: InputIssue[] = [];
  const wrong = (path: string, words: Text) => void issues.push({ path, text: words });
  const redirectUris = lines(form.redirectUris);
  const postLogoutRedirectUris = lines(form.postLogoutRedirectUris ?? "");
  const backchannel = form.backchannelLogoutUri?.trim() ?? "";
  const legalBasis = lines(form.legalBasis);
  if (redirectUris.length === 0 || !areAddresses(redirectUris)) wrong("redirectUris", ADDRESS);
  if (!areAddresses(postLogoutRedirectUris)) wrong("postLogoutRedirectUris", ADDRESS);
  if (backchannel !== "" && !areAddresses([backchannel])) wrong("backchannelLogoutUri", ADDRESS);
  if (legalBasis.length === 0 || legalBasis.length > CLIENT_LINES_MAX || !legalBasis.every((one) => ARTICLE.test(one)))
    wrong("legalBasis", ARTICLES);
  const claims = (Object.keys(OPENID_SCOPES) as OpenidScope[]).flatMap((scope) => claimOf(form, scope, wrong));
  const jwks = form.authMethod === "private_key_jwt" ? publicKeys(form.jwks ?? "") : null;
  if (jwks === undefined) wrong("jwks", KEYS);
  if (issues.length > 0 || jwks === undefined) return { issues };
  return {
    read: {
      legalBasis,
      claims,
      redirectUris,
      postLogoutRedirectUris,
      backchannelLogoutUri: backchannel === "" ? null : backchannel,
      jwks,
    },
  };
}

/** A claim is asked for where it has a purpose. */
function claimOf(form: Fields, scope: OpenidScope, wrong: (path: string, words: Text) => void): readonly ClientClaim[] {
  const purpose = form[`${scope}Purpose`];
  const legalBasis = lines(form[`${scope}Basis`] ?? "");
  if (legalBasis.length > CLIENT_LINES_MAX || !legalBasis.every((one) => ARTICLE.test(one)))
    wrong(`${scope}Basis`, CLAIM_ARTICLES);
  if (purpose !== undefined) return [{ scope, purposeZh: purpose.zh, purposeEn: purpose.en, legalBasis }];
  if (legalBasis.length > 0) wrong(`${scope}Purpose-zh`, CLAIM_PURPOSE);
  return [];
}

function lines(typed: string): readonly string[] {
  return typed
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function areAddresses(addresses: readonly string[]): boolean {
  const hosts = new Set(addresses.map((one) => URL.parse(one)?.host));
  return addresses.length <= CLIENT_LINES_MAX && hosts.size <= 1 && addresses.every(isAddress);
}

/** Exact matching compares what was typed: it must be how a URL is written, or no request would ever match. */
function isAddress(typed: string): boolean {
  const url = URL.parse(typed);
  if (!url || typed.length > CLIENT_URI_LENGTH_MAX || /[#*\\]/.test(typed)) return false;
  if (url.username !== "" || url.password !== "" || url.href !== typed) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname));
}

function publicKeys(typed: string): ClientRow["jwks"] | undefined {
  let keys: unknown;
  try {
    keys = (JSON.parse(typed) as { keys?: unknown } | null)?.keys;
  } catch {
    return undefined;
  }
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > KEYS_MAX) return undefined;
  const kept = keys.map(publicKey);
  return kept.every((key) => key !== undefined) ? { keys: kept } : undefined;
}

function publicKey(given: unknown): object | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const { kty, crv, x, y, kid } = given as Readonly<Record<string, unknown>>;
  if (PRIVATE_MEMBERS.some((member) => member in given)) return undefined;
  if (kty !== "EC" || crv !== "P-256" || ![x, y].every(isCoordinate)) return undefined;
  return { kty, crv, x, y, use: "sig", alg: "ES256", ...(typeof kid === "string" && { kid: kid.slice(0, 100) }) };
}

/** 32 bytes in base64url. */
function isCoordinate(value: unknown): boolean {
  return typeof value === "string" && /^[A-Za-z0-9_-]{43}$/.test(value);
}
