import { utf8 } from "../crypto/bytes.ts";
import { international } from "../crypto/international.ts";
import { national } from "../crypto/national.ts";
import type { VerifyingKey } from "../crypto/suite.ts";
import { ComponentError, isCovered, type Message, signatureBase } from "./signature-base.ts";
import {
  type BareItem,
  type InnerList,
  type Item,
  isInnerList,
  plainItem,
  readDictionary,
  writeDictionary,
} from "./structured-fields.ts";

/** HTTP message signatures (RFC 9421). Keys and clocks are the caller's. */

/** By their registered names; SM2 with SM3 under one of our own (GB/T 32918.2, signature r ‖ s, the default identity). */
export type SignatureName = "ed25519" | "ecdsa-p256-sha256" | "zhengtong-sm2-sm3";

/** Parameters of a signature (RFC 9421 §2.3). Times in seconds since 1970. */
export interface SignatureParameters {
  readonly created: number;
  readonly expires?: number;
  /** Printable ASCII. */
  readonly nonce?: string;
  readonly keyId: string;
  readonly algorithm: SignatureName;
  /** What the signature is for. */
  readonly tag?: string;
}

/** What is to be signed, and the fields that come of its signature. */
export interface PreparedSignature {
  readonly base: Uint8Array;
  fields(signature: Uint8Array): { readonly "signature-input": string; readonly signature: string };
}

/**
 * Prepares a signature over these components of a message.
 * @throws ComponentError where the message does not have one
 */
export function prepareSignature(
  message: Message,
  wanted: { readonly label: string; readonly components: readonly Item[]; readonly parameters: SignatureParameters },
): PreparedSignature {
  const covered: InnerList = { items: wanted.components, parameters: written(wanted.parameters) };
  return {
    base: utf8(signatureBase(message, covered)),
    fields: (signature) => ({
      "signature-input": writeDictionary(new Map([[wanted.label, covered]])),
      signature: writeDictionary(new Map([[wanted.label, plainItem({ kind: "bytes", value: signature })]])),
    }),
  };
}

function written(parameters: SignatureParameters): ReadonlyMap<string, BareItem> {
  const { created, expires, nonce, keyId, algorithm, tag } = parameters;
  const text = (value: string): BareItem => ({ kind: "string", value });
  return new Map<string, BareItem>([
    ["created", { kind: "integer", value: created }],
    ...(expires === undefined ? [] : [["expires", { kind: "integer", value: expires }] as const]),
    ...(nonce === undefined ? [] : [["nonce", text(nonce)] as const]),
    ["keyid", text(keyId)],
    ["alg", text(algorithm)],
    ...(tag === undefined ? [] : [["tag", text(tag)] as const]),
  ]);
}

/** Why a signature does not count; a closed list. */
export type SignatureProblem =
  /** There is no signature of that label or tag, or more than one. */
  | "missing"
  /** The fields are not what RFC 9421 says. */
  | "malformed"
  /** It does not cover what it must, or covers what the message does not have. */
  | "components"
  | "algorithm"
  | "key-unknown"
  /** Its time has not come, or is over. */
  | "time"
  | "signature";

export interface VerifiedSignature {
  readonly label: string;
  readonly parameters: SignatureParameters;
  readonly signature: Uint8Array;
  /** What was signed: with the signature and the key it proves itself. */
  readonly base: Uint8Array;
}

export interface SignatureDemands {
  /** Of several signatures, the one with this tag. */
  readonly tag: string;
  /** Each must be covered. */
  readonly components: readonly Item[];
  /** Now, in seconds since 1970. */
  readonly nowSeconds: number;
  /** By how much clocks may differ. */
  readonly toleranceSeconds: number;
  /** From `created` on; `expires` may say less, and not more. */
  readonly lifetimeSeconds: number;
  keyOf(keyId: string): VerifyingKey | undefined;
}

/** Checks the signature of a message. Never throws on what a stranger wrote. */
export function verifyMessage(message: Message, demands: SignatureDemands): VerifiedSignature | SignatureProblem {
  const found = findSignature(message, demands.tag);
  if (typeof found === "string") return found;
  const { covered, label, signature } = found;
  const parameters = readParameters(covered);
  if (typeof parameters === "string") return parameters;
  if (!demands.components.every((wanted) => isCovered(covered, wanted))) return "components";
  if (!isInTime(parameters, demands)) return "time";
  const key = demands.keyOf(parameters.keyId);
  if (key === undefined) return "key-unknown";
  const base = baseOf(message, covered);
  if (base === undefined) return "components";
  return isSigned({ key, algorithm: parameters.algorithm, message: base, signature })
    ? { label, parameters, signature, base }
    : "signature";
}

function findSignature(message: Message, tag: string) {
  const inputs = readDictionary(fieldOf(message, "signature-input") ?? "");
  const signatures = readDictionary(fieldOf(message, "signature") ?? "");
  if (inputs === undefined || signatures === undefined) return "malformed" as const;
  const tagged = [...inputs].filter(([, member]) => {
    const value = member.parameters.get("tag");
    return value?.kind === "string" && value.value === tag;
  });
  const [first] = tagged;
  if (first === undefined || tagged.length > 1) return "missing" as const;
  const [label, covered] = first;
  const held = signatures.get(label);
  if (held === undefined) return "missing" as const;
  if (!isInnerList(covered) || isInnerList(held) || held.item.kind !== "bytes") return "malformed" as const;
  return { label, covered, signature: held.item.value };
}

function fieldOf({ fields }: Message, name: string): string | undefined {
  const held = fields[name];
  return typeof held === "object" ? held.join(", ") : held;
}

const ALGORITHMS: readonly string[] = ["ed25519", "ecdsa-p256-sha256", "zhengtong-sm2-sm3"];

function readParameters({ parameters }: InnerList): SignatureParameters | "malformed" | "algorithm" {
  const integer = (name: string) => {
    const value = parameters.get(name);
    return value?.kind === "integer" ? value.value : undefined;
  };
  const text = (name: string) => {
    const value = parameters.get(name);
    return value?.kind === "string" ? value.value : undefined;
  };
  const [created, expires, keyId] = [integer("created"), integer("expires"), text("keyid")];
  const [nonce, tag, algorithm] = [text("nonce"), text("tag"), text("alg")];
  if (created === undefined || keyId === undefined) return "malformed";
  if (parameters.has("expires") && expires === undefined) return "malformed";
  if (parameters.has("nonce") && nonce === undefined) return "malformed";
  if (algorithm === undefined || !isSignatureName(algorithm)) return "algorithm";
  return {
    ...{ created, keyId, algorithm },
    ...(expires !== undefined && { expires }),
    ...(nonce !== undefined && { nonce }),
    ...(tag !== undefined && { tag }),
  };
}

function isSignatureName(name: string): name is SignatureName {
  return ALGORITHMS.includes(name);
}

function isInTime({ created, expires }: SignatureParameters, demands: SignatureDemands): boolean {
  const { nowSeconds, toleranceSeconds, lifetimeSeconds } = demands;
  const end = Math.min(expires ?? Number.POSITIVE_INFINITY, created + lifetimeSeconds);
  return created <= nowSeconds + toleranceSeconds && nowSeconds <= end + toleranceSeconds;
}

function baseOf(message: Message, covered: InnerList): Uint8Array | undefined {
  try {
    return utf8(signatureBase(message, covered));
  } catch (error) {
    if (error instanceof ComponentError) return undefined;
    throw error;
  }
}

/** Whether the signature is that of this key under this algorithm: a key serves one. */
export function isSigned(claim: {
  readonly key: VerifyingKey;
  readonly algorithm: SignatureName;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}): boolean {
  const { key, algorithm, message, signature } = claim;
  if (signatureNameOf(key) !== algorithm) return false;
  return (key.algorithm === "SM2" ? national : international).verify({ key, message, signature });
}

/** Under which name a key signs; undefined where it signs no messages. */
export function signatureNameOf(key: { readonly algorithm: VerifyingKey["algorithm"] }): SignatureName | undefined {
  switch (key.algorithm) {
    case "EdDSA":
      return "ed25519";
    case "ES256":
      return "ecdsa-p256-sha256";
    case "SM2":
      return "zhengtong-sm2-sm3";
    default:
      return undefined;
  }
}
