/**
 * Which suite serves which purpose on which node: a table, so that it can be shown, tested and reviewed as a whole.
 *
 * Some purposes stay international on every node, each for a reason that is not ours to change; the table names it.
 */
import { type Text, text } from "#lib/language/text";
import { hybrid } from "./hybrid.ts";
import { international } from "./international.ts";
import { national } from "./national.ts";
import type { CryptoSuite, SignatureSuite, SigningKey, SuiteName, VerifyInput } from "./suite.ts";

/** What cryptography is for on a node. */
export type CryptoPurpose =
  | "certificate"
  | "certificate-request"
  | "revocation-list"
  | "certificate-status"
  | "time-stamp"
  | "message-signature"
  | "detached-seal"
  | "attribute-encryption"
  | "payload-encryption"
  | "key-envelope"
  | "checkpoint"
  | "log-hash"
  | "tls"
  | "web-authentication"
  | "document-signature";

/** What a node's configuration chooses. */
export interface SuiteChoice {
  readonly suite: CryptoSuite["name"];
  /** Adds Ed25519 with ML-DSA-65 where signatures must hold for decades. */
  readonly postQuantum: boolean;
}

/** The suites of one purpose: the first one is needed, signatures of the others stand beside it. */
export interface PurposeSuites {
  readonly suite: CryptoSuite;
  /** Further signatures, each of which must verify where its key is known. */
  readonly beside: readonly SignatureSuite[];
}

interface PurposeRule {
  /** Why a purpose is international on every node. */
  readonly alwaysInternational?: Text;
  /** A national node signs with its suite besides. */
  readonly nationalBeside?: true;
  /** Kept so long that the hybrid suite belongs beside it. */
  readonly longLived?: true;
}

export const PURPOSE_RULES: Readonly<Record<CryptoPurpose, PurposeRule>> = Object.freeze({
  certificate: {},
  "certificate-request": {},
  "revocation-list": {},
  "certificate-status": {},
  "time-stamp": {},
  "message-signature": {},
  "detached-seal": { longLived: true },
  "attribute-encryption": {},
  "payload-encryption": {},
  "key-envelope": {},
  checkpoint: {
    alwaysInternational: text(
      "C2SP tlog-checkpoint 及其见证方核验 Ed25519",
      "C2SP tlog-checkpoint and its witnesses verify Ed25519",
    ),
    nationalBeside: true,
    longLived: true,
  },
  "log-hash": { alwaysInternational: text("C2SP tlog-tiles 规定使用 SHA-256", "C2SP tlog-tiles fixes SHA-256") },
  tls: { alwaysInternational: text("Node 不支持 SM2 的 TLS", "Node has no TLS with SM2") },
  "web-authentication": { alwaysInternational: text("验证器不支持 SM2", "authenticators have no SM2") },
  "document-signature": {
    alwaysInternational: text("pdfsig 等 PAdES 阅读器不能核验 SM2", "PAdES readers such as pdfsig judge no SM2"),
  },
});

const SUITES: Readonly<Record<CryptoSuite["name"], CryptoSuite>> = Object.freeze({ international, national });

/** The suites of a purpose on a node. */
export function suitesFor(purpose: CryptoPurpose, choice: SuiteChoice): PurposeSuites {
  const { alwaysInternational, nationalBeside, longLived } = PURPOSE_RULES[purpose];
  const beside: SignatureSuite[] = [];
  if (nationalBeside === true && choice.suite === "national") beside.push(national);
  if (longLived === true && choice.postQuantum) beside.push(hybrid);
  return { suite: alwaysInternational === undefined ? SUITES[choice.suite] : international, beside };
}

/**
 * What a node uses where its operator chose nothing: the national suite, but in a demonstration, whose guests bring
 * tools that lack it.
 */
export function defaultSuiteChoice(node: { readonly demonstration: boolean }): SuiteChoice {
  return { suite: node.demonstration ? "international" : "national", postQuantum: true };
}

/** The suite that a key belongs to. */
export function suiteOfKey(key: Pick<SigningKey, "algorithm">): SignatureSuite {
  if (key.algorithm === "SM2") return national;
  return key.algorithm === "Ed25519+ML-DSA-65" ? hybrid : international;
}

/**
 * Verifies with whatever suite the key belongs to.
 * @param accepted the suites that the purpose allows: a verifier that takes any is only as strong as the weakest
 */
export function verifyWith(accepted: readonly SuiteName[], input: VerifyInput): boolean {
  const suite = suiteOfKey(input.key);
  return accepted.includes(suite.name) && suite.verify(input);
}
