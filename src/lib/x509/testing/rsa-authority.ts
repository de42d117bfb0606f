/** A certification authority with RSA keys, as others have them, for tests. */
import { constants, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { TAG, writeDer, writeSmallInteger } from "#lib/asn1/der";
import { writeUnsignedInteger } from "#lib/asn1/integer";
import {
  authorityKeyIdentifier,
  basicConstraints,
  keyUsage,
  type NewExtension,
  subjectKeyIdentifier,
  writeExtensions,
} from "#lib/certificate/extensions";
import { writeName } from "#lib/certificate/name";
import { writeRsaScheme } from "#lib/certificate/rsa";
import { writeTime } from "#lib/certificate/time";
import { sha256 } from "#lib/crypto/digest";
import type { RsaScheme } from "#lib/crypto/rsa";
import { NOT_AFTER, NOT_BEFORE } from "./chains.ts";

export const PKCS1_SHA256: RsaScheme = { padding: "pkcs1", digest: "sha256" };
export const PSS_SHA256: RsaScheme = { padding: "pss", digest: "sha256", saltBytes: 32 };

export interface RsaPair {
  readonly key: KeyObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly info: Uint8Array;
}

export function rsaPair(modulusLength = 2048): RsaPair {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength,
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  return {
    key: createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" }),
    info: new Uint8Array(publicKey),
  };
}

export function rsaSign(
  key: KeyObject,
  { padding, digest, saltBytes = 0 }: RsaScheme,
  message: Uint8Array,
): Uint8Array {
  const how =
    padding === "pss"
      ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltBytes }
      : { key, padding: constants.RSA_PKCS1_PADDING };
  return new Uint8Array(sign(digest, message, how));
}

export interface RsaHolder {
  readonly commonName: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly info: Uint8Array;
  readonly extensions?: readonly NewExtension[];
  readonly serial?: number;
  readonly notBefore?: Temporal.Instant;
  readonly notAfter?: Temporal.Instant;
}

export class RsaAuthority {
  readonly scheme: RsaScheme;
  /** Its own certificate, DER. */
  readonly certificate: Uint8Array;
  readonly pair: RsaPair;
  readonly #name: Uint8Array;

  /**
   * @param above absent: it signs itself
   * @param own what else is said in its own certificate
   */
  constructor(
    commonName: string,
    scheme: RsaScheme,
    pair: RsaPair,
    above?: RsaAuthority,
    { extensions: more = [], ...validity }: Pick<RsaHolder, "notBefore" | "notAfter" | "extensions"> = {},
  ) {
    this.scheme = scheme;
    this.pair = pair;
    this.#name = nameOf(commonName);
    const extensions = [basicConstraints(true), keyUsage(["keyCertSign", "crlSign"]), ...more];
    this.certificate = (above ?? this).issue({ commonName, info: pair.info, extensions, ...validity });
  }

  /** DER. */
  issue({ commonName, info, extensions = [], serial = 0x11, ...validity }: RsaHolder): Uint8Array {
    const { notBefore = NOT_BEFORE, notAfter = NOT_AFTER } = validity;
    const algorithm = writeRsaScheme(this.scheme);
    const part = writeDer(
      TAG.sequence,
      writeDer(0xa0, writeSmallInteger(2)),
      writeUnsignedInteger(Uint8Array.of(serial)),
      algorithm,
      this.#name,
      writeDer(TAG.sequence, writeTime(notBefore), writeTime(notAfter)),
      nameOf(commonName),
      info,
      writeDer(
        0xa3,
        writeExtensions([
          subjectKeyIdentifier(idOf(info)),
          authorityKeyIdentifier(idOf(this.pair.info)),
          ...extensions,
        ]),
      ),
    );
    const signature = rsaSign(this.pair.key, this.scheme, part);
    return writeDer(TAG.sequence, part, algorithm, writeDer(TAG.bitString, Uint8Array.of(0), signature));
  }
}

function nameOf(commonName: string): Uint8Array {
  return writeName({ country: "CN", organization: "演示认证机构", commonName });
}

function idOf(info: Uint8Array): Uint8Array {
  return sha256(info).slice(0, 20);
}
