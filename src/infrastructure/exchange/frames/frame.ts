import { equalBytes, utf8 } from "#lib/crypto/bytes";
import type { VerifyingKey } from "#lib/crypto/suite";
import { isUuid } from "#lib/crypto/uuid";
import { checkContentDigest, contentDigest, type DigestAlgorithm } from "#lib/http-signatures/content-digest";
import {
  prepareSignature,
  type SignatureName,
  type SignatureProblem,
  verifyMessage,
} from "#lib/http-signatures/http-signature";
import { component, type Fields, type Message } from "#lib/http-signatures/signature-base";
import { type BareItem, readItem, writeItem } from "#lib/http-signatures/structured-fields";
import { CLOCK_TOLERANCE_SECONDS, FRAME_LIFETIME_SECONDS, FRAME_MAX_MESSAGES } from "../limits.ts";
import { leafOf, linesOf, rootOfLeaves } from "./leaves.ts";

/** A frame: several messages that travel and are signed together. See docs/protocols/exchange.md. */

export const FRAMES_PATH = "/exchange/frames";
export const ANSWERS_PATH = "/exchange/answers";
export const FRAME_FIELD = "zhengtong-frame";
export const FRAME_MEDIA_TYPE = "application/x-ndjson";
const SIGNATURE_LABEL = "frame";

/** What a frame is: calls are a request, answers a response. */
export type FrameKind = "calls" | "answers";

const TAGS: Readonly<Record<FrameKind, string>> = { calls: "zhengtong-calls", answers: "zhengtong-answers" };
const COVERED: Readonly<Record<FrameKind, readonly string[]>> = {
  calls: ["@method", "@path", "content-digest", FRAME_FIELD],
  answers: ["@status", "content-digest", FRAME_FIELD],
};

/** Signs what this node sends. */
export interface FrameSigner {
  readonly keyId: string;
  /** SPKI. */
  readonly publicKey: Uint8Array;
  readonly algorithm: SignatureName;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** What is kept of a frame: with the sender's key it proves what was sent to whom and when. */
export interface FrameRecord {
  readonly id: string;
  readonly keyId: string;
  readonly base: Uint8Array;
  readonly signature: Uint8Array;
  readonly leaves: readonly Uint8Array[];
}

export interface SignedFrame extends FrameRecord {
  readonly body: Uint8Array;
  readonly fields: Readonly<Record<string, string>>;
}

export interface FrameWanted {
  readonly kind: FrameKind;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Each a line of JSON without its end. */
  readonly lines: readonly Uint8Array[];
  readonly nowSeconds: number;
}

/** Signs a frame. */
export async function signFrame(wanted: FrameWanted, signer: FrameSigner): Promise<SignedFrame> {
  const body = joined(wanted.lines);
  const leaves = wanted.lines.map(leafOf);
  const content = {
    "content-type": FRAME_MEDIA_TYPE,
    "content-digest": contentDigest(body, ...digestsOf(signer.algorithm)),
    [FRAME_FIELD]: frameField(wanted, rootOfLeaves(leaves)),
  };
  const prepared = prepareSignature(messageOf(wanted.kind, wanted.to, content), {
    label: SIGNATURE_LABEL,
    components: COVERED[wanted.kind].map((name) => component(name)),
    parameters: {
      created: wanted.nowSeconds,
      expires: wanted.nowSeconds + FRAME_LIFETIME_SECONDS,
      keyId: signer.keyId,
      algorithm: signer.algorithm,
      tag: TAGS[wanted.kind],
    },
  });
  const signature = await signer.sign(prepared.base);
  const fields = { ...content, ...prepared.fields(signature) };
  return { id: wanted.id, keyId: signer.keyId, base: prepared.base, signature, leaves, body, fields };
}

/** A node of the national suite digests with SM3 as well. */
function digestsOf(algorithm: SignatureName): readonly DigestAlgorithm[] {
  return algorithm === "zhengtong-sm2-sm3" ? ["sha-256", "sm3"] : ["sha-256"];
}

function joined(lines: readonly Uint8Array[]): Uint8Array {
  let size = lines.length;
  for (const line of lines) size += line.length;
  const body = Buffer.allocUnsafe(size);
  let at = 0;
  for (const line of lines) {
    body.set(line, at);
    at += line.length;
    body[at] = 0x0a;
    at += 1;
  }
  return body;
}

function frameField({ id, from, to, lines }: FrameWanted, root: Uint8Array): string {
  return writeItem({
    item: { kind: "string", value: id },
    parameters: new Map<string, BareItem>([
      ["from", { kind: "string", value: from }],
      ["to", { kind: "string", value: to }],
      ["messages", { kind: "integer", value: lines.length }],
      ["root", { kind: "bytes", value: root }],
    ]),
  });
}

/** The authority is not covered: who is meant stands in the frame's own field, wherever a proxy leads it. */
function messageOf(kind: FrameKind, to: string, fields: Fields): Message {
  return kind === "calls" ? { method: "POST", url: `https://${to}${FRAMES_PATH}`, fields } : { status: 200, fields };
}

/** Why a frame is refused as a whole; a closed list, which the sender is told. */
export type FrameProblem = SignatureProblem | "digest" | "frame" | "addressee" | "root";

export interface OpenedFrame extends FrameRecord {
  readonly lines: readonly Uint8Array[];
}

export interface FrameExpected {
  readonly kind: FrameKind;
  readonly from: string;
  readonly to: string;
  readonly nowSeconds: number;
  readonly keyOf: (keyId: string) => VerifyingKey | undefined;
}

/** Checks a frame that a peer sent: signature, time, digest, addressee, root. */
export function openFrame(
  received: { readonly fields: Fields; readonly body: Uint8Array },
  expected: FrameExpected,
): OpenedFrame | FrameProblem {
  const { fields, body } = received;
  const about = readFrameField(fields[FRAME_FIELD]);
  if (about === undefined) return "frame";
  if (about.from !== expected.from || about.to !== expected.to) return "addressee";
  const verified = verifyMessage(messageOf(expected.kind, expected.to, fields), {
    tag: TAGS[expected.kind],
    components: COVERED[expected.kind].map((name) => component(name)),
    nowSeconds: expected.nowSeconds,
    toleranceSeconds: CLOCK_TOLERANCE_SECONDS,
    lifetimeSeconds: FRAME_LIFETIME_SECONDS,
    keyOf: expected.keyOf,
  });
  if (typeof verified === "string") return verified;
  const needed = verified.parameters.algorithm === "zhengtong-sm2-sm3" ? "sm3" : "sha-256";
  if (!checkContentDigest(String(fields["content-digest"]), body, needed)) return "digest";
  const lines = linesOf(body);
  if (lines === undefined || lines.length !== about.messages) return "frame";
  const leaves = lines.map(leafOf);
  if (!equalBytes(rootOfLeaves(leaves), about.root)) return "root";
  const { base, signature, parameters } = verified;
  return { id: about.id, keyId: parameters.keyId, base, signature, leaves, lines };
}

function readFrameField(field: Fields[string]) {
  if (typeof field !== "string") return undefined;
  const member = readItem(field);
  if (member?.item.kind !== "string" || !isUuid(member.item.value)) return undefined;
  const [from, to] = [member.parameters.get("from"), member.parameters.get("to")];
  const [messages, root] = [member.parameters.get("messages"), member.parameters.get("root")];
  if (from?.kind !== "string" || to?.kind !== "string" || messages?.kind !== "integer" || root?.kind !== "bytes") {
    return undefined;
  }
  if (messages.value < 1 || messages.value > FRAME_MAX_MESSAGES) return undefined;
  return { id: member.item.value, from: from.value, to: to.value, messages: messages.value, root: root.value };
}

export function textLine(value: object): Uint8Array {
  return utf8(JSON.stringify(value));
}
