import { ExternalSigningKey } from "oidc-provider";
import { publicKeyFromSpki } from "#lib/crypto/keys";

/** A key of the trust room that signs tokens; its private half stays there. */
export interface TokenKey {
  readonly kid: string;
  /** SubjectPublicKeyInfo, DER, of a key on P-256. */
  readonly publicKey: Uint8Array;
  /** ES256: r ‖ s. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** The same as the protocol library wants it. */
export class TokenSigningKey extends ExternalSigningKey {
  readonly #key: TokenKey;

  constructor(key: TokenKey) {
    super();
    this.#key = key;
    Object.assign(this, { kid: key.kid, alg: "ES256" });
  }

  override keyObject() {
    return publicKeyFromSpki(this.#key.publicKey).handle;
  }

  override async sign(data: Uint8Array) {
    return Buffer.from(await this.#key.sign(data));
  }
}
