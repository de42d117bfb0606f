/**
 * Certification path validation (RFC 5280 §6.1, with the policy graph of RFC 9618), and building a path from certificates in any
 * order. Written for hostile input: everything is bounded, whatever is not understood and critical is refused.
 */
import { DerError } from "../asn1/der.ts";
import { isSelfIssued, type X509Certificate } from "./certificate.ts";
import type { DistinguishedName } from "./distinguished-name.ts";
import { EXTENSION } from "./extensions.ts";
import { isEmailAttribute, type NameConstraints, NameSpace } from "./name-constraints.ts";
import { ANY_POLICY, PolicyGraph } from "./policy-graph.ts";

/** More certificates than this between anchor and holder are refused. */
export const PATH_MAX_CERTIFICATES = 10;
/** How many signatures building a path may check before it gives up. */
export const BUILD_MAX_SIGNATURES = 64;
/** How many ways building a path may try: certificates that all name each other as issuer make their number explode. */
export const BUILD_MAX_STEPS = 1_024;
/** More certificates than this are not looked at. */
export const BUILD_MAX_CERTIFICATES = 64;

/** Whom the verifier trusts to begin with. */
export interface TrustAnchor {
  readonly name: DistinguishedName;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array;
  readonly nameConstraints?: NameConstraints | undefined;
  /** Hexadecimal. */
  readonly keyId?: string | undefined;
}

export interface SignatureCheck {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array;
  /** AlgorithmIdentifier, DER. */
  readonly algorithm: Uint8Array;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** What an issuer says of a certificate now. */
export type RevocationStatus = "good" | "revoked" | "unknown";

export interface PathOptions {
  readonly anchor: TrustAnchor;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** False for an algorithm that is not accepted. */
  readonly verify: (check: SignatureCheck) => boolean;
  /** What the holder's key is to be used for (extendedKeyUsage); every authority that restricts uses must allow it too. */
  readonly extendedKeyUse?: string;
  /** Policies under which the path must stand; absent, any. */
  readonly policies?: readonly string[];
  readonly requireExplicitPolicy?: boolean;
  readonly inhibitPolicyMapping?: boolean;
  readonly inhibitAnyPolicy?: boolean;
  /** Asked of each certificate once its issuer is established; absent, revocation is not checked. */
  readonly status?: (certificate: X509Certificate, issuer: IssuerFacts) => RevocationStatus;
}

/** Who signed a certificate, as the path has established it. */
export interface IssuerFacts {
  readonly name: DistinguishedName;
  readonly publicKeyInfo: Uint8Array;
}

/** What is wrong with a path; `at` counts from the certificate below the anchor. */
export type PathProblem =
  | "empty"
  | "too-long"
  | "signature"
  | "not-yet-valid"
  | "expired"
  | "revoked"
  | "status-unknown"
  | "wrong-issuer"
  | "name-not-permitted"
  | "policy"
  | "not-an-authority"
  | "path-length"
  | "key-use"
  | "unknown-critical-extension"
  | "too-complex";

export type PathResult =
  | {
      readonly valid: true;
      /** Under which policies, as the anchor's domain calls them; holds 2.5.29.32.0 where it is all. */
      readonly policies: ReadonlySet<string>;
      readonly publicKeyInfo: Uint8Array;
      /** From the certificate below the anchor to the holder's. */
      readonly path: readonly X509Certificate[];
    }
  | { readonly valid: false; readonly problem: PathProblem; readonly at: number };

/** Extensions that validation looks at. AKI and SKI only help to build; the rest restrict nothing here. */
const PROCESSED = new Set<string>([
  EXTENSION.subjectKeyId,
  EXTENSION.keyUsage,
  EXTENSION.subjectAltName,
  EXTENSION.basicConstraints,
  EXTENSION.nameConstraints,
  EXTENSION.certificatePolicies,
  EXTENSION.policyMappings,
  EXTENSION.authorityKeyId,
  EXTENSION.policyConstraints,
  EXTENSION.extendedKeyUse,
  EXTENSION.inhibitAnyPolicy,
  EXTENSION.ocspNoCheck,
]);

/**
 * Validates a path.
 * @param path from the certificate that the anchor signed to the holder's
 */
export function validatePath(path: readonly X509Certificate[], options: PathOptions): PathResult {
  if (path.length === 0) return { valid: false, problem: "empty", at: 0 };
  if (path.length > PATH_MAX_CERTIFICATES) return { valid: false, problem: "too-long", at: 0 };
  const state = new PathState(options, path.length);
  for (const [at, certificate] of path.entries()) {
    const problem = state.take(certificate, at === path.length - 1);
    if (problem !== undefined) return { valid: false, problem, at };
  }
  const policies = state.finish();
  if (policies === undefined) return { valid: false, problem: "policy", at: path.length - 1 };
  return { valid: true, policies, publicKeyInfo: state.issuer.publicKeyInfo, path };
}

/** The variables of RFC 5280 §6.1.2. */
class PathState {
  readonly #options: PathOptions;
  readonly #names = new NameSpace();
  readonly #graph = new PolicyGraph();
  #explicitPolicy: number;
  #policyMapping: number;
  #inhibitAnyPolicy: number;
  #maxPathLength: number;
  issuer: IssuerFacts;

  constructor(options: PathOptions, length: number) {
    this.#options = options;
    this.issuer = options.anchor;
    if (options.anchor.nameConstraints !== undefined) this.#names.narrow(options.anchor.nameConstraints);
    this.#explicitPolicy = options.requireExplicitPolicy ? 0 : length + 1;
    this.#policyMapping = options.inhibitPolicyMapping ? 0 : length + 1;
    this.#inhibitAnyPolicy = options.inhibitAnyPolicy ? 0 : length + 1;
    this.#maxPathLength = length;
  }

  take(certificate: X509Certificate, isLast: boolean): PathProblem | undefined {
    const problem =
      this.#certify(certificate) ?? this.#restrict(certificate, isLast) ?? this.#uses(certificate, isLast);
    if (problem !== undefined) return problem;
    if (isLast) return this.#close(certificate);
    return this.#prepare(certificate);
  }

  /** §6.1.3 a: the issuer signed it, it is in its time, it is not revoked. */
  #certify(certificate: X509Certificate): PathProblem | undefined {
    const { atMs, verify, status } = this.#options;
    if (certificate.issuer.key !== this.issuer.name.key) return "wrong-issuer";
    const { publicKeyInfo } = this.issuer;
    const { signatureAlgorithm: algorithm, signedPart: signed, signature } = certificate;
    if (!verify({ publicKeyInfo, algorithm, signed, signature })) return "signature";
    if (atMs < certificate.notBeforeMs) return "not-yet-valid";
    if (atMs > certificate.notAfterMs) return "expired";
    const answer = status?.(certificate, this.issuer) ?? "good";
    return answer === "good" ? undefined : answer === "revoked" ? "revoked" : "status-unknown";
  }

  /** §6.1.3 b to f: names and policies. */
  #restrict(certificate: X509Certificate, isLast: boolean): PathProblem | undefined {
    const isSelf = isSelfIssued(certificate);
    if ((!isSelf || isLast) && !this.#namesAllowed(certificate)) {
      return this.#names.isExhausted ? "too-complex" : "name-not-permitted";
    }
    this.#graph.descend(certificate.policies, this.#inhibitAnyPolicy > 0 || (!isLast && isSelf));
    return this.#explicitPolicy > 0 || !this.#graph.isEmpty ? undefined : "policy";
  }

  #namesAllowed({ subject, alternativeNames }: X509Certificate): boolean {
    const mailboxes = subject.parts.flat().filter(({ type }) => isEmailAttribute(type));
    return (
      (subject.parts.length === 0 || this.#names.allows({ kind: "directory", name: subject })) &&
      alternativeNames.every((name) => this.#names.allows(name)) &&
      mailboxes.every(({ value }) => this.#names.allows({ kind: "email", value }))
    );
  }

  /** What the key may do, and critical extensions that nobody here processes (§6.1.4 n and o, §6.1.5 e and f). */
  #uses(certificate: X509Certificate, isLast: boolean): PathProblem | undefined {
    for (const [id, { critical }] of certificate.extensions) {
      if (critical && !PROCESSED.has(id)) return "unknown-critical-extension";
    }
    const { extendedKeyUse: wanted } = this.#options;
    const uses = certificate.extendedKeyUses;
    if (wanted === undefined) return undefined;
    // A holder must name the use; an authority that names any restricts those below it.
    const allowed = uses === undefined ? !isLast : uses.includes(wanted);
    return allowed ? undefined : "key-use";
  }

  /** §6.1.4: what an authority passes on to the next certificate. */
  #prepare(certificate: X509Certificate): PathProblem | undefined {
    const { policyMappings, nameConstraints, keyUses } = certificate;
    if (policyMappings.some(({ issuer, subject }) => issuer === ANY_POLICY || subject === ANY_POLICY)) return "policy";
    this.#graph.map(policyMappings, this.#policyMapping > 0);
    if (nameConstraints !== undefined) this.#names.narrow(nameConstraints);
    this.issuer = { name: certificate.subject, publicKeyInfo: certificate.publicKeyInfo };
    this.#count(certificate);
    if (!certificate.isAuthority) return "not-an-authority";
    if (!isSelfIssued(certificate)) {
      if (this.#maxPathLength <= 0) return "path-length";
      this.#maxPathLength -= 1;
    }
    if (certificate.pathLength !== undefined)
      this.#maxPathLength = Math.min(this.#maxPathLength, certificate.pathLength);
    return keyUses === undefined || keyUses.has("keyCertSign") ? undefined : "key-use";
  }

  /** §6.1.4 h to j. */
  #count(certificate: X509Certificate): void {
    if (!isSelfIssued(certificate)) {
      this.#explicitPolicy = Math.max(0, this.#explicitPolicy - 1);
      this.#policyMapping = Math.max(0, this.#policyMapping - 1);
      this.#inhibitAnyPolicy = Math.max(0, this.#inhibitAnyPolicy - 1);
    }
    const { requireExplicitPolicy, inhibitPolicyMapping } = certificate.policyConstraints;
    this.#explicitPolicy = Math.min(this.#explicitPolicy, requireExplicitPolicy ?? Number.POSITIVE_INFINITY);
    this.#policyMapping = Math.min(this.#policyMapping, inhibitPolicyMapping ?? Number.POSITIVE_INFINITY);
    this.#inhibitAnyPolicy = Math.min(this.#inhibitAnyPolicy, certificate.inhibitAnyPolicy ?? Number.POSITIVE_INFINITY);
  }

  /** §6.1.5 a to d. */
  #close(certificate: X509Certificate): PathProblem | undefined {
    this.#explicitPolicy = Math.max(0, this.#explicitPolicy - 1);
    if (certificate.policyConstraints.requireExplicitPolicy === 0) this.#explicitPolicy = 0;
    this.issuer = { name: certificate.subject, publicKeyInfo: certificate.publicKeyInfo };
    return undefined;
  }

  /** §6.1.5 g: the policies of the whole path, or undefined where there must be one and is none. */
  finish(): ReadonlySet<string> | undefined {
    const wanted = new Set(this.#options.policies ?? [ANY_POLICY]);
    const policies = this.#graph.policies(wanted);
    return this.#explicitPolicy > 0 || policies.size > 0 ? policies : undefined;
  }
}

export interface BuildOptions extends Omit<PathOptions, "anchor"> {
  readonly anchors: readonly TrustAnchor[];
}

/**
 * Finds a path from one of the anchors to the holder's certificate among the certificates at hand and validates it. Of several
 * that fail, the problem told is that of the one that came farthest.
 */
export function buildPath(
  holder: X509Certificate,
  others: readonly X509Certificate[],
  options: BuildOptions,
): PathResult {
  if (others.length > BUILD_MAX_CERTIFICATES) return { valid: false, problem: "too-complex", at: 0 };
  return new PathSearch(others, options).from(holder);
}

class PathSearch {
  readonly #others: readonly X509Certificate[];
  readonly #options: BuildOptions;
  #signaturesLeft = BUILD_MAX_SIGNATURES;
  #stepsLeft = BUILD_MAX_STEPS;
  #farthest: PathResult & { readonly valid: false } = { valid: false, problem: "wrong-issuer", at: 0 };

  constructor(others: readonly X509Certificate[], options: BuildOptions) {
    this.#others = others;
    this.#options = options;
  }

  from(holder: X509Certificate): PathResult {
    const found = this.#extend([holder]);
    if (found !== undefined) return found;
    return this.#isSpent ? { valid: false, problem: "too-complex", at: 0 } : this.#farthest;
  }

  get #isSpent(): boolean {
    return this.#signaturesLeft < 0 || this.#stepsLeft < 0;
  }

  #extend(path: readonly X509Certificate[]): PathResult | undefined {
    const [top] = path;
    if (top === undefined || this.#stepsLeft-- <= 0) return undefined;
    for (const anchor of this.#options.anchors) {
      if (anchor.name.key !== top.issuer.key || !couldSign(anchor.keyId, top)) continue;
      const result = validatePath(path, { ...this.#options, verify: this.#verify, anchor });
      if (result.valid) return result;
      if (result.at >= this.#farthest.at) this.#farthest = result;
    }
    if (path.length >= PATH_MAX_CERTIFICATES) return undefined;
    for (const issuer of this.#others) {
      if (this.#isSpent) return undefined;
      const fits = issuer.subject.key === top.issuer.key && couldSign(issuer.subjectKeyId, top);
      const found = fits && !path.includes(issuer) ? this.#extend([issuer, ...path]) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  readonly #verify = (check: SignatureCheck): boolean => {
    this.#signaturesLeft -= 1;
    return this.#signaturesLeft >= 0 && this.#options.verify(check);
  };
}

/** A hint alone: where both tell a key, and another, the signature need not be checked. */
function couldSign(keyId: string | undefined, certificate: X509Certificate): boolean {
  return keyId === undefined || certificate.authorityKeyId === undefined || keyId === certificate.authorityKeyId;
}

/** Reads a certificate's own claim to be an anchor. Whether it is one, the operator decides. */
export function anchorOf(certificate: X509Certificate): TrustAnchor {
  if (!certificate.isAuthority) throw new DerError("an anchor is an authority");
  return {
    name: certificate.subject,
    publicKeyInfo: certificate.publicKeyInfo,
    nameConstraints: certificate.nameConstraints,
    keyId: certificate.subjectKeyId,
  };
}
