/** A token that keeps keys: they are made in it, used in it, and never leave it. */
import { createHash, randomBytes } from "node:crypto";
import { ecdsaDer } from "#kernel/documents/ecdsa";
import { Fault } from "#kernel/errors/fault";
import { readDer, TAG, writeDer, writeOid } from "#lib/asn1/der";
import "../../faults.ts";
import type { PublicKey } from "../key-store.ts";
import {
  type Attribute,
  gcmParameters,
  loadTokenModule,
  mechanism,
  RETURN,
  TokenError,
  type TokenModule,
  template,
  word,
} from "./module.ts";

const CKU_USER = 1;
const SESSION_FLAGS = 4 | 2; // CKF_SERIAL_SESSION, CKF_RW_SESSION
const SLOTS_MAX = 64;
const TOKEN_INFO_BYTES = 256;
const LABEL_BYTES = 32;
const POINT_BYTES = 256;
const SIGNATURE_BYTES = 256;
const GCM_NONCE_BYTES = 12;
const GCM_TAG_BITS = 128;
const SEALED_BYTES = 256;

const CKA = {
  class: 0x0n,
  token: 0x1n,
  private: 0x2n,
  label: 0x3n,
  keyType: 0x100n,
  sensitive: 0x103n,
  encrypt: 0x104n,
  decrypt: 0x105n,
  sign: 0x108n,
  verify: 0x10an,
  valueLength: 0x161n,
  extractable: 0x162n,
  ecParameters: 0x180n,
  ecPoint: 0x181n,
} as const;
const CKO = { publicKey: 2, privateKey: 3, secretKey: 4 } as const;
const CKK_EC = 3n;
const CKM = {
  aesKeyGen: 0x1080n,
  aesGcm: 0x1087n,
  ecKeyPairGen: 0x1040n,
  ecdsa: 0x1041n,
  edKeyPairGen: 0x1055n,
  eddsa: 0x1057n,
};

const TRUE = Buffer.of(1);
const FALSE = Buffer.of(0);
const P256 = Buffer.from(writeOid("1.2.840.10045.3.1.7"));
/** PKCS #11 3.0 names the curve by a PrintableString. */
const ED25519 = Buffer.from(writeDer(0x13, Buffer.from("edwards25519")));

/** Where a token is. */
export interface TokenPlace {
  /** A shared library: `/usr/lib/softhsm/libsofthsm2.so`. */
  readonly module: string;
  /** The token's label. */
  readonly label: string;
  /** Asked for at each login: the token may have been taken out and put back. */
  readonly pin: () => Promise<string | undefined>;
}

export type TokenAlgorithm = "p256" | "ed25519";

/** One login to one token, with one session, opened again after the token was away. */
export class Token {
  readonly #place: TokenPlace;
  readonly #module: TokenModule;
  #session: bigint | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(place: TokenPlace) {
    this.#place = place;
    this.#module = loadTokenModule(place.module);
  }

  /** The public half of a key pair of the token; undefined where there is none of this name. */
  find(label: string): Promise<PublicKey | undefined> {
    return this.#alone((session) => this.#publicKey(session, label));
  }

  /** Makes the pair where there is none. */
  ensure(label: string, algorithm: TokenAlgorithm): Promise<PublicKey> {
    return this.#alone((session) => {
      const known = this.#publicKey(session, label);
      if (known !== undefined) return known;
      this.#makePair(session, label, algorithm);
      const made = this.#publicKey(session, label);
      if (made === undefined) throw new Fault("ERR_TRUST_TOKEN", { message: `${label} was made and is not there` });
      return made;
    });
  }

  /** ECDSA with SHA-256, DER; or Ed25519. Undefined where there is no such key. */
  sign(label: string, data: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#alone((session) => {
      const key = this.#object(session, CKO.privateKey, label);
      if (key === undefined) return undefined;
      const isEcdsa = this.#algorithm(session, key) === "p256";
      const message = isEcdsa ? createHash("sha256").update(data).digest() : Buffer.from(data);
      this.#module.call("C_SignInit", [session, mechanism(isEcdsa ? CKM.ecdsa : CKM.eddsa), key]);
      const [signature, length] = [Buffer.alloc(SIGNATURE_BYTES), word(SIGNATURE_BYTES)];
      this.#module.call("C_Sign", [session, message, BigInt(message.length), signature, length]);
      const raw = new Uint8Array(signature.subarray(0, Number(length.readBigUInt64LE())));
      return isEcdsa ? ecdsaDer(raw) : raw;
    });
  }

  /** Seals a few bytes under an AES-256 key of the token, which is made where there is none: nonce ‖ ciphertext ‖ tag. */
  seal(label: string, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    return this.#alone((session) => {
      const key = this.#object(session, CKO.secretKey, label) ?? this.#makeSecret(session, label);
      const nonce = randomBytes(GCM_NONCE_BYTES);
      const bound = Buffer.from(associatedData);
      const parameters = gcmParameters(nonce, bound, GCM_TAG_BITS);
      this.#module.call("C_EncryptInit", [session, mechanism(CKM.aesGcm, parameters), key]);
      const [input, output, length] = [Buffer.from(plaintext), Buffer.alloc(SEALED_BYTES), word(SEALED_BYTES)];
      this.#module.call("C_Encrypt", [session, input, BigInt(input.length), output, length]);
      return Buffer.concat([nonce, output.subarray(0, Number(length.readBigUInt64LE()))]);
    });
  }

  /** @throws {Fault} ERR_TRUST_TOKEN where the token has not the key, or something was changed */
  open(label: string, sealed: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    return this.#alone((session) => {
      const key = this.#object(session, CKO.secretKey, label);
      if (key === undefined) throw new Fault("ERR_TRUST_TOKEN", { message: `the token has no key ${label}` });
      const nonce = Buffer.from(sealed.subarray(0, GCM_NONCE_BYTES));
      const bound = Buffer.from(associatedData);
      const parameters = gcmParameters(nonce, bound, GCM_TAG_BITS);
      this.#module.call("C_DecryptInit", [session, mechanism(CKM.aesGcm, parameters), key]);
      const input = Buffer.from(sealed.subarray(GCM_NONCE_BYTES));
      const [output, length] = [Buffer.alloc(SEALED_BYTES), word(SEALED_BYTES)];
      this.#module.call("C_Decrypt", [session, input, BigInt(input.length), output, length]);
      return new Uint8Array(output.subarray(0, Number(length.readBigUInt64LE())));
    });
  }

  /** A session does one thing at a time. One that the token has forgotten is opened again, once. */
  #alone<T>(work: (session: bigint) => T): Promise<T> {
    const next = this.#turn
      .catch(() => undefined)
      .then(async () => {
        try {
          return work(await this.#open());
        } catch (error) {
          this.#forget(error);
          if (!(error instanceof TokenError) || !isAway(error)) throw faultOf(error, this.#place);
        }
        try {
          return work(await this.#open());
        } catch (error) {
          this.#forget(error);
          throw faultOf(error, this.#place);
        }
      });
    this.#turn = next;
    return next;
  }

  #forget(error: unknown): void {
    if (error instanceof TokenError) this.#session = undefined;
  }

  async #open(): Promise<bigint> {
    if (this.#session !== undefined) return this.#session;
    const slot = this.#slot();
    const pin = await this.#place.pin();
    if (pin === undefined) throw new Fault("ERR_TRUST_TOKEN", { message: `${this.#place.label}: no PIN is given` });
    const handle = word();
    this.#module.call("C_OpenSession", [slot, BigInt(SESSION_FLAGS), null, null, handle]);
    const session = handle.readBigUInt64LE();
    const secret = Buffer.from(pin, "utf8");
    try {
      this.#module.call(
        "C_Login",
        [session, BigInt(CKU_USER), secret, BigInt(secret.length)],
        [RETURN.alreadyLoggedIn],
      );
    } catch (error) {
      this.#module.call("C_CloseSession", [session], [RETURN.sessionInvalid, RETURN.sessionClosed]);
      throw error;
    } finally {
      secret.fill(0);
    }
    this.#session = session;
    return session;
  }

  #slot(): bigint {
    const [slots, count, info] = [Buffer.alloc(SLOTS_MAX * 8), word(SLOTS_MAX), Buffer.alloc(TOKEN_INFO_BYTES)];
    this.#module.call("C_GetSlotList", [1, slots, count]);
    for (let at = 0; at < Number(count.readBigUInt64LE()); at += 1) {
      const slot = slots.readBigUInt64LE(at * 8);
      this.#module.call("C_GetTokenInfo", [slot, info]);
      if (info.subarray(0, LABEL_BYTES).toString("utf8").trimEnd() === this.#place.label) return slot;
    }
    throw new TokenError(`no token ${this.#place.label}`, RETURN.tokenNotPresent);
  }

  #object(session: bigint, kind: number, label: string): bigint | undefined {
    const wanted: readonly Attribute[] = [
      { type: CKA.class, value: word(kind) },
      { type: CKA.label, value: Buffer.from(label) },
    ];
    const [found, count] = [word(), word()];
    this.#module.call("C_FindObjectsInit", [session, template(wanted), BigInt(wanted.length)]);
    try {
      this.#module.call("C_FindObjects", [session, found, 1n, count]);
    } finally {
      this.#module.call("C_FindObjectsFinal", [session]);
    }
    return count.readBigUInt64LE() === 0n ? undefined : found.readBigUInt64LE();
  }

  #algorithm(session: bigint, key: bigint): TokenAlgorithm {
    const type = word();
    this.#module.call("C_GetAttributeValue", [session, key, template([{ type: CKA.keyType, value: type }]), 1n]);
    return type.readBigUInt64LE() === CKK_EC ? "p256" : "ed25519";
  }

  #publicKey(session: bigint, label: string): PublicKey | undefined {
    const key = this.#object(session, CKO.publicKey, label);
    if (key === undefined) return undefined;
    const algorithm = this.#algorithm(session, key);
    const value = Buffer.alloc(POINT_BYTES);
    const wanted = template([{ type: CKA.ecPoint, value }]);
    this.#module.call("C_GetAttributeValue", [session, key, wanted, 1n]);
    const length = Number(wanted.readBigUInt64LE(16));
    const point = readDer(value.subarray(0, length)).content;
    return { algorithm, info: subjectPublicKeyInfo(algorithm, point) };
  }

  #makePair(session: bigint, label: string, algorithm: TokenAlgorithm): void {
    const name = { type: CKA.label, value: Buffer.from(label) };
    const publicHalf: readonly Attribute[] = [
      { type: CKA.token, value: TRUE },
      name,
      { type: CKA.verify, value: TRUE },
      { type: CKA.ecParameters, value: algorithm === "p256" ? P256 : ED25519 },
    ];
    const privateHalf: readonly Attribute[] = [...KEPT_INSIDE, name, { type: CKA.sign, value: TRUE }];
    const making = mechanism(algorithm === "p256" ? CKM.ecKeyPairGen : CKM.edKeyPairGen);
    const [one, other] = [template(publicHalf), template(privateHalf)];
    const sizes = [BigInt(publicHalf.length), BigInt(privateHalf.length)] as const;
    this.#module.call("C_GenerateKeyPair", [session, making, one, sizes[0], other, sizes[1], word(), word()]);
  }

  #makeSecret(session: bigint, label: string): bigint {
    const wanted: readonly Attribute[] = [
      ...KEPT_INSIDE,
      { type: CKA.label, value: Buffer.from(label) },
      { type: CKA.valueLength, value: word(32) },
      { type: CKA.encrypt, value: TRUE },
      { type: CKA.decrypt, value: TRUE },
    ];
    const key = word();
    this.#module.call("C_GenerateKey", [
      ...[session, mechanism(CKM.aesKeyGen), template(wanted), BigInt(wanted.length), key],
    ]);
    return key.readBigUInt64LE();
  }
}

const KEPT_INSIDE: readonly Attribute[] = [
  { type: CKA.token, value: TRUE },
  { type: CKA.private, value: TRUE },
  { type: CKA.sensitive, value: TRUE },
  { type: CKA.extractable, value: FALSE },
];

function subjectPublicKeyInfo(algorithm: TokenAlgorithm, point: Uint8Array): Uint8Array {
  const identifier = algorithm === "p256" ? [writeOid("1.2.840.10045.2.1"), P256] : [writeOid("1.3.101.112")];
  return writeDer(TAG.sequence, writeDer(TAG.sequence, ...identifier), writeDer(TAG.bitString, Buffer.of(0), point));
}

/** Whether the token, or only the session, was away. */
function isAway({ result }: TokenError): boolean {
  const away = [RETURN.deviceRemoved, RETURN.sessionClosed, RETURN.sessionInvalid, RETURN.notLoggedIn];
  return (away as readonly bigint[]).includes(result);
}

function faultOf(error: unknown, { label }: TokenPlace): unknown {
  if (!(error instanceof TokenError)) return error;
  const pin = error.result === RETURN.pinIncorrect ? " (wrong PIN)" : "";
  const locked = error.result === RETURN.pinLocked ? " (the PIN is locked)" : "";
  return new Fault("ERR_TRUST_TOKEN", { message: `${label}: ${error.message}${pin}${locked}`, cause: error });
}
