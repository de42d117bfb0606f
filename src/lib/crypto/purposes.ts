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
  /** Purposes that are served by the other suite on this node. */
  readonly exceptions?: Readonly<Partial<Record<CryptoPurpose, CryptoSuite["name"]>>>;
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
  const chosen = choice.exceptions?.[purpose] ?? choice.suite;
  if (nationalBeside === true && chosen === "national") beside.push(national);
  if (longLived === true && choice.postQuantum) beside.push(hybrid);
  return { suite: alwaysInternational === undefined ? SUITES[chosen] : international, beside };
}

/** What a node did before it could choose, and what tests do. */
export const INTERNATIONAL_CHOICE: SuiteChoice = Object.freeze({ suite: "international", postQuantum: false });

/**
 * Reads a choice as an operator writes it: `national`, or `national,certificate=international,post-quantum=off`.
 * @returns undefined where it is no choice, names a purpose twice, or asks for the national suite where the purpose
 *   is international on every node
 */
export function readSuiteChoice(written: string): SuiteChoice | undefined {
  const [suite, ...rest] = written.split(",").map((part) => part.trim());
  if (!isSuite(suite)) return undefined;
  let postQuantum: boolean | undefined;
  const exceptions = new Map<CryptoPurpose, CryptoSuite["name"]>();
  for (const part of rest) {
    const [name = "", value, ...surplus] = part.split("=");
    if (surplus.length > 0) return undefined;
    if (name === POST_QUANTUM) {
      if (postQuantum !== undefined || (value !== "on" && value !== "off")) return undefined;
      postQuantum = value === "on";
    } else {
      if (!isPurpose(name) || !isSuite(value) || exceptions.has(name)) return undefined;
      const { alwaysInternational, nationalBeside } = PURPOSE_RULES[name];
      if (alwaysInternational !== undefined && nationalBeside !== true && value === "national") return undefined;
      exceptions.set(name, value);
    }
  }
  return {
    suite,
    postQuantum: postQuantum ?? true,
    ...(exceptions.size > 0 && { exceptions: Object.fromEntries(exceptions) }),
  };
}

/** The choice as {@link readSuiteChoice} reads it: equal choices are written equally. */
export function formatSuiteChoice({ suite, postQuantum, exceptions = {} }: SuiteChoice): string {
  const named = Object.entries(exceptions)
    .filter(([, each]) => each !== suite)
    .map(([purpose, each]) => `${purpose}=${each}`)
    .sort();
  return [suite, ...named, ...(postQuantum ? [] : [`${POST_QUANTUM}=off`])].join(",");
}

const POST_QUANTUM = "post-quantum";

function isSuite(name: string | undefined): name is CryptoSuite["name"] {
  return name === "international" || name === "national";
}

function isPurpose(name: string): name is CryptoPurpose {
  return Object.hasOwn(PURPOSE_RULES, name);
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
