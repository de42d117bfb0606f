/** A seal service of another body over HTTPS, as the API of the Cloud Signature Consortium has it (version 2): keys that never leave it. */
import { constants, createHash, KeyObject, privateEncrypt, randomBytes } from "node:crypto";
import { createServer } from "node:https";
import { p256 } from "@noble/curves/nist.js";
import { toBase64 } from "#lib/crypto/base64url";
import { type Sm2PrivateKey, sm2SecretBytes } from "#lib/crypto/sm2/keys";
import { nonces } from "#lib/crypto/sm2/nonce";
import { sm2PairOf } from "#lib/crypto/sm2/signature";
import { newConnectionKey, selfSigned } from "../../src/infrastructure/trust/keys/self-signed.ts";

export const SERVICE_SECRET = "a secret with a : and a %";
export const SERVICE_PIN = "493021";
const PSS = "1.2.840.113549.1.1.10";
/** SHA-256 and SM3. */
const HASHES = ["2.16.840.1.101.3.4.2.1", "1.2.156.10197.1.401"];
const HASH_BYTES = 32;
const RSA_BYTES = 256;
const PKCS1_SHA256_PREFIX = Buffer.from("3031300d060960864801650304020105000420", "hex");

export interface ServiceCredential {
  readonly key: KeyObject | Sm2PrivateKey;
  /** DER, the holder's first. */
  readonly certificates: readonly Uint8Array[];
  readonly algorithms: readonly string[];
}

export interface SealService {
  readonly url: string;
  /** Of its TLS, PEM. */
  readonly ca: string;
  readonly credentials: Map<string, ServiceCredential>;
  /** Every method that was asked, in order. */
  readonly asked: string[];
  /** Changes what it answers to one method from now on, or whether it ever does; undefined: the truth again. */
  misbehave(method: string, answer: Answer | Endless | undefined): void;
  /** Gives up all tokens that it gave. */
  forgetTokens(): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** It says nothing, or a byte now and then. */
type Endless = "silence" | "trickle";

interface Question {
  readonly credentialID?: string;
  readonly hashes?: readonly string[];
  readonly hashAlgorithmOID?: string;
  readonly signAlgo?: string;
  readonly SAD?: string;
  readonly authData?: unknown;
}

export async function sealService(): Promise<SealService> {
  const privateKey = newConnectionKey();
  const ca = await selfSigned({ privateKey, host: "localhost", at: Temporal.Now.instant().toString() });
  const credentials = new Map<string, ServiceCredential>();
  const asked: string[] = [];
  const wrong = new Map<string, Answer | Endless>();
  const tokens = new Set<string>();
  /** What each authorization is for: one credential, one digest, once. */
  const authorized = new Map<string, string>();
  let made = 0;
  const basic = `Basic ${Buffer.from(`county:${encodeURIComponent(SERVICE_SECRET)}`).toString("base64")}`;

  const answer = (method: string, authorization: string, text: string): { status: number; body: unknown } => {
    if (method === "oauth2/token") {
      const form = new URLSearchParams(text);
      if (authorization !== basic || form.get("grant_type") !== "client_credentials")
        return { status: 401, body: { error: "invalid_client" } };
      const token = `token-${made++}`;
      tokens.add(token);
      return { status: 200, body: { access_token: token, token_type: "Bearer", expires_in: 3600 } };
    }
    if (!tokens.has(authorization.replace("Bearer ", ""))) return { status: 401, body: { error: "invalid_token" } };
    const body = JSON.parse(text) as Question;
    if (method === "credentials/list") return { status: 200, body: { credentialIDs: [...credentials.keys()] } };
    const credential = credentials.get(body.credentialID ?? "");
    if (credential === undefined) return { status: 400, body: { error: "invalid_request" } };
    const about = `${body.credentialID} ${body.hashes}`;
    if (method === "credentials/info") {
      const certificates = credential.certificates.map(toBase64);
      return {
        status: 200,
        body: {
          key: { status: "enabled", algo: credential.algorithms, len: 256 },
          cert: { status: "valid", certificates },
          auth: { mode: "explicit", objects: [{ type: "Password", id: "PIN" }] },
          ...{ SCAL: "2", multisign: 1 },
        },
      };
    }
    if (method === "credentials/authorize") {
      if (JSON.stringify(body.authData) !== JSON.stringify([{ id: "PIN", value: SERVICE_PIN }]))
        return { status: 400, body: { error: "invalid_pin" } };
      const sad = `sad-${made++}`;
      authorized.set(sad, about);
      return { status: 200, body: { SAD: sad, expiresIn: 60 } };
    }
    if (method !== "signatures/signHash" || authorized.get(body.SAD ?? "") !== about)
      return { status: 400, body: { error: "invalid_sad" } };
    authorized.delete(body.SAD ?? "");
    const hash = Buffer.from(body.hashes?.[0] ?? "", "base64");
    const { signAlgo = "", hashAlgorithmOID = "" } = body;
    if (!credential.algorithms.includes(signAlgo) || !HASHES.includes(hashAlgorithmOID) || hash.length !== HASH_BYTES)
      return { status: 400, body: { error: "invalid_request" } };
    return { status: 200, body: { signatures: [toBase64(signDigest(credential.key, hash, signAlgo))] } };
  };

  const server = createServer({ key: privateKey, cert: ca }, (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const method = (request.url ?? "").replace("/csc/v2/", "");
      asked.push(method);
      const text = Buffer.concat(parts).toString("utf8");
      const changed = wrong.get(method);
      if (changed === "silence") return;
      if (changed === "trickle") {
        const timer = setInterval(() => response.write(" "), 5);
        response.on("close", () => clearInterval(timer));
        return;
      }
      const { status, body } = changed ?? answer(method, request.headers.authorization ?? "", text);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `https://localhost:${port}/csc/v2`,
    ...{ ca, credentials, asked },
    misbehave: (method, one) => void (one === undefined ? wrong.delete(method) : wrong.set(method, one)),
    forgetTokens: () => tokens.clear(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Signs a digest, as a module does. */
function signDigest(key: ServiceCredential["key"], hash: Buffer, algorithm: string): Uint8Array {
  if (!(key instanceof KeyObject)) return signSm2(key, hash);
  if (key.asymmetricKeyType === "rsa") {
    const padding = constants.RSA_PKCS1_PADDING;
    const signed =
      algorithm === PSS
        ? privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, pssBlock(hash))
        : privateEncrypt({ key, padding }, Buffer.concat([PKCS1_SHA256_PREFIX, hash]));
    return new Uint8Array(signed);
  }
  // Node offers ECDSA over messages alone.
  const secret = Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
  return p256.sign(hash, secret, { prehash: false, format: "der" });
}

/** r ‖ s: the other of the two forms that services write. */
function signSm2(key: Sm2PrivateKey, hash: Buffer): Uint8Array {
  const secret = sm2SecretBytes(key);
  for (const nonce of nonces({ secret, digest: hash, randomness: randomBytes(32) })) {
    const pair = sm2PairOf(key, hash, nonce);
    if (pair !== undefined)
      return Buffer.from([pair.r, pair.s].map((part) => part.toString(16).padStart(64, "0")).join(""), "hex");
  }
  throw new Error("no nonce");
}

/** EMSA-PSS with SHA-256 and a salt as long, for keys of 2048 bits (RFC 8017 §9.1.1). */
function pssBlock(hash: Buffer): Buffer {
  const sha256 = (...parts: readonly Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
  const salt = randomBytes(HASH_BYTES);
  const tail = sha256(Buffer.alloc(8), hash, salt);
  const data = Buffer.concat([Buffer.alloc(RSA_BYTES - 2 * HASH_BYTES - 2), Buffer.of(1), salt]);
  const counters = Array.from({ length: Math.ceil(data.length / HASH_BYTES) }, (_, at) => Buffer.of(0, 0, 0, at));
  const mask = Buffer.concat(counters.map((counter) => sha256(tail, counter)));
  const masked = data.map((byte, at) => byte ^ (mask[at] ?? 0));
  // The modulus may have its first bit set alone.
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return Buffer.concat([masked, tail, Buffer.of(0xbc)]);
}
