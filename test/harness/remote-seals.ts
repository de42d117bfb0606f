/** A seal service of another body over HTTPS, as the API of the Cloud Signature Consortium has it (version 2): keys that never leave it. */
import { constants, type KeyObject, privateEncrypt } from "node:crypto";
import { createServer } from "node:https";
import { p256 } from "@noble/curves/nist.js";
import { toBase64 } from "#lib/crypto/base64url";
import { newConnectionKey, selfSigned } from "../../src/infrastructure/trust/keys/self-signed.ts";

export const SERVICE_SECRET = "a secret with a : and a %";
export const SERVICE_PIN = "493021";
const PKCS1_SHA256_PREFIX = Buffer.from("3031300d060960864801650304020105000420", "hex");

export interface ServiceCredential {
  readonly key: KeyObject;
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
  /** Changes what it answers to one method from now on; undefined: the truth again. */
  misbehave(method: string, answer: { readonly status: number; readonly body: unknown } | undefined): void;
  /** Gives up all tokens that it gave. */
  forgetTokens(): void;
  close(): Promise<void>;
}

interface Question {
  readonly credentialID?: string;
  readonly hashes?: readonly string[];
  readonly SAD?: string;
  readonly authData?: unknown;
}

export async function sealService(): Promise<SealService> {
  const privateKey = newConnectionKey();
  const ca = await selfSigned({ privateKey, host: "localhost", at: Temporal.Now.instant().toString() });
  const credentials = new Map<string, ServiceCredential>();
  const asked: string[] = [];
  const wrong = new Map<string, { readonly status: number; readonly body: unknown }>();
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
    return { status: 200, body: { signatures: [toBase64(new Uint8Array(signDigest(credential.key, hash)))] } };
  };

  const server = createServer({ key: privateKey, cert: ca }, (request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const method = (request.url ?? "").replace("/csc/v2/", "");
      asked.push(method);
      const text = Buffer.concat(parts).toString("utf8");
      const { status, body } = wrong.get(method) ?? answer(method, request.headers.authorization ?? "", text);
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

/** Signs a SHA-256 digest, as a module does: PKCS #1 v1.5, or ECDSA, whose arithmetic Node offers over messages alone. */
function signDigest(key: KeyObject, hash: Buffer): Buffer {
  if (key.asymmetricKeyType === "rsa")
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.concat([PKCS1_SHA256_PREFIX, hash]));
  const secret = Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
  return Buffer.from(p256.sign(hash, secret, { prehash: false, format: "der" }));
}
