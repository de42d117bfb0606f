/**
 * Seals whose keys another body keeps: what its service says of a credential is judged before each use, and each signature is verified before it
 * leaves. Nothing of the node's own signs in its place: without the service nothing is sealed.
 */

import { ecdsaDer } from "#kernel/documents/ecdsa";
import { DOCUMENT_SIGNING_USE } from "#kernel/documents/pdf-seal-verification";
import { Fault } from "#kernel/errors/fault";
import { childAt, DerError, readDer, readOid } from "#lib/asn1/der";
import { readPublicKey, verifySigned, writeAlgorithm } from "#lib/certificate/algorithms";
import { writeRsaScheme } from "#lib/certificate/rsa";
import { fromBase64 } from "#lib/crypto/base64url";
import { sha256 } from "#lib/crypto/digest";
import { isRsaKey, type RsaScheme } from "#lib/crypto/rsa";
import { SM2_DEFAULT_IDENTITY, sm2Digest } from "#lib/crypto/sm2/signature";
import { type Text, text } from "#lib/language/text";
import { DIGEST_OID, writeCertificateId } from "#lib/revocation/certificate-id";
import { STATUS_ANSWER_MAX_BYTES } from "#lib/revocation/status-answer";
import { writeStatusRequest } from "#lib/revocation/status-request";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { commonNameOf } from "#lib/x509/distinguished-name";
import { statusPlaces } from "#lib/x509/status-places";
import type { CertificateSuite } from "../certificates/purposes.ts";
import { boundedFetch } from "../relying/bounded-fetch.ts";
import type { RelyingParty } from "../relying/relying-party.ts";
import { type CredentialInfo, refused, SealServiceClient } from "./client.ts";
import type { KeptSeal, SealServiceSettings } from "./settings.ts";

const NAMED_MAX = 5;
/** r ‖ s, of P-256 and of SM2. */
const PAIR_BYTES = 64;
const PSS: RsaScheme = { padding: "pss", digest: "sha256", saltBytes: 32 };
const PKCS1: RsaScheme = { padding: "pkcs1", digest: "sha256" };
const RSA = "1.2.840.113549.1.1.1";
const ECDSA = ["1.2.840.10045.4.3.2", "1.2.840.10045.2.1"];
/** SM2 with SM3, and SM2 signatures by themselves (GM/T 0006). */
const SM2 = ["1.2.156.10197.1.501", "1.2.156.10197.1.301.1"];

/** A seal ready to be used. */
export interface OutsideSeal {
  readonly serial: string;
  readonly name: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly issuers: readonly Uint8Array[];
  /** P-256 signs all that a seal signs; RSA what PDF has; SM2 what lies beside documents. */
  readonly kind: "ES256" | "RSA" | "SM2";
  /** AlgorithmIdentifier of its signatures, DER. */
  readonly algorithm: Uint8Array;
  /** Of an elliptic curve in DER. */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** Its issuer's answer about it, for the evidence in a document; undefined where nobody gave one. */
  answer(): Promise<Uint8Array | undefined>;
}

export class OutsideSeals {
  readonly #client: SealServiceClient;
  readonly #seals: ReadonlyMap<string, KeptSeal>;
  readonly #relying: RelyingParty;
  /** DER: roots that this node trusts for seals of a suite. */
  readonly #roots: (suite: CertificateSuite) => readonly Uint8Array[];

  constructor(
    settings: SealServiceSettings,
    {
      relying,
      roots,
    }: { readonly relying: RelyingParty; readonly roots: (suite: CertificateSuite) => readonly Uint8Array[] },
  ) {
    this.#client = new SealServiceClient(settings);
    this.#seals = new Map(settings.seals.map((one) => [placeOf(one), one]));
    this.#relying = relying;
    this.#roots = roots;
  }

  /**
   * The seal of an authority, where the service keeps it.
   * @returns undefined where this node keeps it itself
   * @throws {Fault} ERR_TRUST_SEAL_SERVICE when it cannot be used now
   */
  async find(
    seal: Pick<KeptSeal, "authority" | "seal" | "suite">,
    at: Temporal.Instant,
  ): Promise<OutsideSeal | undefined> {
    const kept = this.#seals.get(placeOf(seal));
    if (kept === undefined) return undefined;
    const info = await this.#client.credential(kept.credential);
    if (info.key.status !== "enabled") throw refused(`the credential's key is ${info.key.status.slice(0, 20)}`);
    if ((info.cert.status ?? "valid") !== "valid") throw refused("the credential's certificate is not valid");
    // A person who confirms each signature is no seal service's part.
    if (info.auth.mode !== "explicit") throw refused("the credential wants to be authorized in another way");
    const [own, ...others] = certificatesOf(info);
    const roots = this.#roots(kept.suite).map(readX509);
    const question = { others, roots, atMs: at.epochMilliseconds, extendedKeyUse: DOCUMENT_SIGNING_USE };
    const judged = await this.#relying.judge(own, question);
    if (!judged.valid) throw refused(`the credential's certificate: ${judged.problem}`);
    return this.#open(kept, { info, own, above: judged.path.slice(0, -1).toReversed() });
  }

  /** What an operator should know at the start: the service does not answer, or lacks what the settings name. */
  async warning(): Promise<Text | undefined> {
    try {
      const known = new Set(await this.#client.credentials());
      const missing = [...this.#seals.values()].map(({ credential }) => credential).filter((one) => !known.has(one));
      if (missing.length === 0) return undefined;
      const named = missing.slice(0, NAMED_MAX).join(", ");
      return text(`印章服务没有这些凭据：${named}`, `The seal service has no such credentials: ${named}`);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const { message } = error;
      return text(
        `印章服务没有应答，由它保管的印章暂不能使用（${message}）`,
        `The seal service does not answer; the seals that it keeps cannot be used until it does (${message})`,
      );
    }
  }

  #open(
    kept: KeptSeal,
    about: {
      readonly info: CredentialInfo;
      readonly own: X509Certificate;
      readonly above: readonly X509Certificate[];
    },
  ): OutsideSeal {
    const { own, above } = about;
    const { publicKeyInfo } = own;
    const { kind, algorithm } = algorithmOf(about.info, { publicKeyInfo, suite: kept.suite });
    const [id, parameters] = readDer(algorithm).children;
    const asked = {
      algorithm: id === undefined ? "" : readOid(id),
      ...(kind === "RSA" && parameters && { parameters: parameters.raw }),
    };
    return {
      ...{ kind, algorithm, serial: own.serial, name: commonNameOf(own.subject) },
      certificate: own.der,
      issuers: above.map(({ der }) => der),
      sign: async (message) => {
        const { credential, pin } = kept;
        const hash = hashOf(message, { kind, publicKeyInfo });
        const given = await this.#client.signHash({ credential, pin, ...hash, ...asked });
        // Most services write the form of X.509, some r ‖ s.
        const forms = kind !== "RSA" && given.length === PAIR_BYTES ? [given, ecdsaDer(given)] : [given];
        const about = { publicKeyInfo, algorithm, signed: message };
        const right = forms.find((signature) => verifySigned({ ...about, signature }, [kept.suite]));
        if (right === undefined) throw refused("a signature that its certificate does not verify");
        return right;
      },
      answer: () => this.#answer(own, { issuer: above[0], suite: kept.suite }),
    };
  }

  async #answer(
    own: X509Certificate,
    { issuer, suite }: { readonly issuer: X509Certificate | undefined; readonly suite: CertificateSuite },
  ): Promise<Uint8Array | undefined> {
    const above =
      issuer ??
      this.#roots(suite)
        .map(readX509)
        .find(({ subject }) => subject.key === own.issuer.key);
    const [url] = statusPlaces(own.extensions).answers;
    if (above === undefined || url === undefined) return undefined;
    const named = { name: above.subject.raw, publicKeyInfo: above.publicKeyInfo };
    const body = writeStatusRequest([writeCertificateId(named, own.serial, DIGEST_OID.sha256)]);
    return boundedFetch(url, { maxBytes: STATUS_ANSWER_MAX_BYTES, post: { type: "application/ocsp-request", body } });
  }
}

function placeOf({ authority, seal, suite }: Pick<KeptSeal, "authority" | "seal" | "suite">): string {
  return `${seal} ${suite} ${authority}`;
}

/** What the service signs: of SM2 the digest that begins with its identity and key (GB/T 32918.2 §5.5). */
function hashOf(
  message: Uint8Array,
  { kind, publicKeyInfo }: Pick<OutsideSeal, "kind"> & Pick<X509Certificate, "publicKeyInfo">,
): { readonly hash: Uint8Array; readonly hashAlgorithm: string } {
  if (kind !== "SM2") return { hash: sha256(message), hashAlgorithm: DIGEST_OID.sha256 };
  const key = readPublicKey(publicKeyInfo);
  if (key.algorithm !== "SM2") throw refused("a credential of another algorithm");
  return { hash: sm2Digest(key, message, SM2_DEFAULT_IDENTITY), hashAlgorithm: DIGEST_OID.sm3 };
}

function certificatesOf({ cert }: CredentialInfo): readonly [X509Certificate, ...X509Certificate[]] {
  try {
    const [own, ...others] = cert.certificates.map((one) => readX509(fromBase64(one) ?? new Uint8Array()));
    if (own !== undefined) return [own, ...others];
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
  throw refused("a certificate that cannot be read");
}

/** SM2 where the national suite is wanted; else ECDSA on P-256 with SHA-256, and of RSA PSS where the credential offers it. */
function algorithmOf(
  { key }: CredentialInfo,
  { publicKeyInfo, suite }: Pick<X509Certificate, "publicKeyInfo"> & Pick<KeptSeal, "suite">,
): Pick<OutsideSeal, "kind" | "algorithm"> {
  const offers = (algorithm: Uint8Array) => key.algo.includes(readOid(childAt(readDer(algorithm), 0)));
  if (suite === "national") {
    if (key.algo.some((one) => SM2.includes(one))) return { kind: "SM2", algorithm: writeAlgorithm("SM2") };
  } else if (isRsaKey(publicKeyInfo)) {
    const scheme = [PSS, PKCS1].map(writeRsaScheme).find(offers) ?? (key.algo.includes(RSA) && writeRsaScheme(PKCS1));
    if (scheme) return { kind: "RSA", algorithm: scheme };
  } else if (key.algo.some((one) => ECDSA.includes(one))) return { kind: "ES256", algorithm: writeAlgorithm("ES256") };
  throw refused("a credential of another algorithm");
}
