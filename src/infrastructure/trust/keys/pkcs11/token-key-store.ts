import { Fault } from "#kernel/errors/fault";
import type { Text } from "#lib/language/text";
import { KEY_LABEL, type KeyAlgorithm, type KeyStore, type PublicKey } from "../key-store.ts";
import type { Token } from "./token.ts";

/**
 * Signing keys in a token. SM2 and hybrid keys stay in files: PKCS #11 has no mechanism for SM2, and each vendor's own differs; none is at
 * hand that knows ML-DSA, which PKCS #11 3.2 has. What was in
 * files before a token was there is used on.
 */
export class TokenKeyStore implements KeyStore {
  readonly #token: Token;
  readonly #files: KeyStore;

  constructor(token: Token, files: KeyStore) {
    this.#token = token;
    this.#files = files;
  }

  get warning(): Text | undefined {
    return this.#files.warning;
  }

  async ensureKey(label: string, algorithm: KeyAlgorithm): Promise<PublicKey> {
    if (algorithm === "sm2" || algorithm === "hybrid") return this.#files.ensureKey(label, algorithm);
    return (await this.findKey(label)) ?? (await this.#token.ensure(checked(label), algorithm));
  }

  async findKey(label: string): Promise<PublicKey | undefined> {
    return (await this.#token.find(checked(label))) ?? (await this.#files.findKey(label));
  }

  async sign(label: string, data: Uint8Array): Promise<Uint8Array> {
    const signature = await this.#token.sign(checked(label), data);
    if (signature !== undefined) return signature;
    if ((await this.#files.findKey(label)) === undefined) throw new Fault("ERR_TRUST_KEY_MISSING");
    return this.#files.sign(label, data);
  }
}

function checked(label: string): string {
  if (!KEY_LABEL.test(label)) throw new RangeError("a key label is a path of lower-case words");
  return label;
}
