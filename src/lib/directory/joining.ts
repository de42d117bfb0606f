/**
 * What a node says of itself to the node above it, signed with its own keys: that it wants to join, that it leaves, that it
 * needs another certificate. Each is a C2SP signed note over a line that says what it is and one of canonical JSON:
 *
 *     zhengtong-joining/1
 *     {"anchor":[…],"code":"county",…}
 *
 *     — county …
 */
import { z } from "zod";
import { toBase32 } from "#lib/crypto/base32";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { sha256, sha256Hex } from "#lib/crypto/digest";
import { publicKeyFromSpki } from "#lib/crypto/keys";
import { verifyWith } from "#lib/crypto/purposes";
import { sm2PublicKeyFromSpki } from "#lib/crypto/sm2/key-files";
import { canonicalize } from "#lib/json/canonical";
import { NOTE_MAX_BYTES, parseNote } from "#lib/merkle/note";
import { CosigningKeys, NODE_CODE, NodeEntrySchema, NodeKeySchema, VerifierKeys } from "./document.ts";
import type { NodeEntry, NodeKey } from "./entries.ts";
import { isSignedBy } from "./part.ts";

const JOINING = "zhengtong-joining/1";
const NOTICE = "zhengtong-node-notice/1";
const REQUEST_LENGTH_MAX = 16_000;
const ROOMS_MAX = 100;
const PROOF_LENGTH_MAX = 200;
/** 60 bits: what two people compare by telephone, and nobody finds another request for. */
const SHORT_CODE_BYTES = 8;
const SHORT_CODE_CHARACTERS = 12;

const Instant = z.iso.datetime();
const CertificateRequest = z.string().min(1).max(REQUEST_LENGTH_MAX);

export interface JoiningRequest {
  /** The entry as it should stand in the directory; its certificate is issued when it joins. */
  readonly entry: NodeEntry;
  /** PKCS #10, PEM, of the key of its connections. */
  readonly certificateRequest: string;
  /** C2SP verifier keys of the part that it will publish; the note is signed with them. */
  readonly partKeys: readonly string[];
  /** The centre's keys, as the node above told them: who compares the short code has compared them too. */
  readonly anchor: readonly string[];
  /** Rooms that it keeps for its division. */
  readonly rooms: readonly string[];
  /** ISO 8601, UTC. */
  readonly at: string;
}

const Request: z.ZodType<JoiningRequest> = z.object({
  entry: NodeEntrySchema.refine(({ state, certificates }) => state === "active" && certificates.length === 0),
  certificateRequest: CertificateRequest,
  partKeys: VerifierKeys,
  anchor: VerifierKeys,
  rooms: z.array(z.string().regex(/^[a-z][a-z0-9-]{0,62}$/)).max(ROOMS_MAX),
  at: Instant,
});

const Notice = z.object({
  node: z.string().regex(NODE_CODE),
  what: z.enum(["leave", "renew", "cosigning", "message", "log-key"]),
  /** For `renew`. */
  certificateRequest: CertificateRequest.optional(),
  /** For `renew`: the keys of the certificates before may be in other hands, and they count no more. */
  isCompromised: z.literal(true).optional(),
  /** For `message`: the key with which it signs messages from now on, in place of all before. */
  signingKey: NodeKeySchema.optional(),
  /** For `message`: that key's own signature over `messageKeyText`, base64. */
  proof: z.string().max(PROOF_LENGTH_MAX).optional(),
  /** For `cosigning`: the key with which it vouches for other logs from now on. */
  cosigningKey: CosigningKeys.element.optional(),
  /** For `log-key`: how another key followed the one of its log that is listed (`lib/merkle/succession.ts`). */
  succession: z.string().max(NOTE_MAX_BYTES).optional(),
  at: Instant,
});
export type NodeNotice = z.output<typeof Notice>;

/** A request with the proofs that its sender has the keys for messages that are in it. */
export interface SignedJoining {
  readonly note: string;
  /** Of each key, its signature over the note's text, base64. */
  readonly proofs: readonly { readonly key: string; readonly signature: string }[];
}

export interface OpenedJoining {
  readonly request: JoiningRequest;
  /** Of the note's text, lower-case hex: names the request. */
  readonly digest: string;
  /** `ABCD-EFGH-IJKL`: told on both sides. */
  readonly shortCode: string;
}

/** The text to sign. @throws {RangeError} where the request breaks a rule of the directory */
export function joiningText(request: JoiningRequest): string {
  return written(JOINING, Request, request);
}

export function noticeText(notice: NodeNotice): string {
  return written(NOTICE, Notice, notice);
}

/** Reads a request and checks every signature in it; undefined where one is missing or wrong, or the form is. */
export function openJoining({ note, proofs }: SignedJoining): OpenedJoining | undefined {
  const text = parseNote(note)?.text;
  const request = text === undefined ? undefined : read(JOINING, Request, text);
  if (text === undefined || request === undefined || !isSignedBy(note, request.partKeys)) return undefined;
  if (request.partKeys.some((line) => !line.startsWith(`${request.entry.code}+`))) return undefined;
  const message = utf8(text);
  const isProved = request.entry.signingKeys.every((key) =>
    isProof(key, message, proofs.find((proof) => proof.key === key.id)?.signature),
  );
  if (!isProved || request.entry.signingKeys.length === 0) return undefined;
  return { request, digest: joiningDigest(text), shortCode: shortCodeOf(text) };
}

/** Reads a request whose signatures were checked before. */
export function readJoining(note: string): OpenedJoining | undefined {
  const text = parseNote(note)?.text;
  const request = text === undefined ? undefined : read(JOINING, Request, text);
  if (text === undefined || request === undefined) return undefined;
  return { request, digest: joiningDigest(text), shortCode: shortCodeOf(text) };
}

/** What a new key for messages signs, so that nobody has another's listed as his own. */
export function messageKeyText({ node, at }: Pick<NodeNotice, "node" | "at">): string {
  return `zhengtong-message-key/1\n${node}\n${at}\n`;
}

/** The key of a notice, where it proves that its node has it. */
export function provenMessageKey(notice: NodeNotice): NodeKey | undefined {
  const { signingKey, proof } = notice;
  return signingKey !== undefined && isProof(signingKey, utf8(messageKeyText(notice)), proof) ? signingKey : undefined;
}

/** Reads a notice that is signed with a node's keys of its part. */
export function openNotice(note: string, keys: readonly string[]): NodeNotice | undefined {
  const text = parseNote(note)?.text;
  const notice = text === undefined ? undefined : read(NOTICE, Notice, text);
  return notice !== undefined && isSignedBy(note, keys) ? notice : undefined;
}

/** What a notice claims, unseen who signed: to know whose keys to look at. */
export function claimedNotice(note: string): NodeNotice | undefined {
  const text = parseNote(note)?.text;
  return text === undefined ? undefined : read(NOTICE, Notice, text);
}

export function joiningDigest(text: string): string {
  return sha256Hex(text);
}

export function shortCodeOf(text: string): string {
  const code = toBase32(sha256(utf8(text)).slice(0, SHORT_CODE_BYTES)).slice(0, SHORT_CODE_CHARACTERS);
  return code.match(/.{4}/g)?.join("-") ?? code;
}

/** The host that a node's certificate names: of its exchange, or one that leads nowhere else where that is a bare address. */
export function certificateHostOf({ code, exchange }: Pick<NodeEntry, "code" | "exchange">): string {
  const host = exchange === undefined ? "" : new URL(exchange).hostname;
  const isName = /[a-z]/.test(host) && !host.startsWith("[");
  // .internal: reserved for private use by ICANN's board (2024); the certificate is known by its digest, not by this name.
  return isName ? host : `${code}.zhengtong.internal`;
}

/** How a proof is written. */
export function joiningProof(signature: Uint8Array): string {
  return toBase64(signature);
}

function isProof({ suite, publicKey }: NodeKey, message: Uint8Array, proof: string | undefined): boolean {
  const [info, signature] = [fromBase64(publicKey), fromBase64((proof ?? "").slice(0, PROOF_LENGTH_MAX))];
  if (info === undefined || signature === undefined || suite === "hybrid") return false;
  try {
    const key = suite === "national" ? sm2PublicKeyFromSpki(info) : publicKeyFromSpki(info);
    return verifyWith([suite], { key, message, signature });
  } catch {
    return false; // no key of its suite
  }
}

function written<T>(title: string, schema: z.ZodType<T>, value: T): string {
  const checked = schema.safeParse(value);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new RangeError(`${title}: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  return `${title}\n${canonicalize(checked.data)}\n`;
}

function read<T>(title: string, schema: z.ZodType<T>, text: string): T | undefined {
  const [first, json = "", end, ...more] = text.split("\n");
  if (first !== title || end !== "" || more.length > 0) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return canonicalize(value) === json ? schema.safeParse(value).data : undefined;
  } catch {
    return undefined;
  }
}
