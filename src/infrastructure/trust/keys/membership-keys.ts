/**
 * The keys with which a node belongs to a directory of nodes: of its notes, of its messages, of its connections. The first
 * two never leave the store. Node's TLS wants the third one itself: it lies in a file of the key folder, sealed under a key that
 * derives from the node's, and is in the memory of the process that listens.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { join } from "node:path";
import { ecdsaPair } from "#kernel/documents/ecdsa";
import { Fault } from "#kernel/errors/fault";
import type { MessageSigner, NodeKeys, TlsKey } from "#kernel/ports";
import { readPem, writePem } from "#lib/asn1/pem";
import { readCertifyingKey } from "#lib/certificate/algorithms";
import { dnsNames } from "#lib/certificate/extensions";
import { writeRequest } from "#lib/certificate/request";
import { publicKeyFromSpki } from "#lib/crypto/keys";
import { type SuiteChoice, suitesFor } from "#lib/crypto/purposes";
import { witnessKey } from "#lib/merkle/cosignature";
import { readX509 } from "#lib/x509/certificate";
import { writeSubject } from "../certificates/issue.ts";
import "../faults.ts";
import { openNoteSigner } from "../signatures/note-signer.ts";
import type { FollowedNodeKey } from "./followed-node-key.ts";
import { fingerprintOf, generationInUse } from "./key-generations.ts";
import type { KeyStore } from "./key-store.ts";
import { KEY_FILE_MODE, readIfThere } from "./node-key.ts";
import type { NodeSecrets, WrappingKeys } from "./node-secrets.ts";
import { removeFile, replaceWhole, writeOnce } from "./write-once.ts";

const NOTE_LABEL = "directory/part";
const MESSAGE_LABEL = "exchange/message";
export const WITNESS_LABEL = "witness/cosignature";
/** The purpose of what seals it. */
const TLS_KEY = "tls key";
const TLS_FILE = "node-tls.sealed";
/** The key that replaces it, until there is a certificate for it. */
const NEXT_TLS_FILE = "node-tls-next.sealed";
const TLS_PLACE = "zhengtong node tls key";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_CHARACTERS = 22;
/** RFC 5280 appendix A: ub-common-name. A longer host stands in the names alone. */
const COMMON_NAME_MAX = 64;

export interface NodeKeysOptions {
  readonly store: KeyStore;
  /** The key folder of the node. */
  readonly folder: string;
  readonly secrets: NodeSecrets;
  /** Follows the node's key when another process renews it; absent: none does. */
  readonly nodeKey?: Pick<FollowedNodeKey, "wrapping" | "reading">;
  readonly suites: SuiteChoice;
  /** Fingerprints of keys that count as compromised, as of now. */
  readonly compromised: () => Promise<ReadonlySet<string>>;
  /** DER; none where absent. */
  readonly sealRoots?: () => readonly Uint8Array[];
}

/** The keys; each is made at its first need, and of two processes that make it both get the same. */
export function openNodeKeys(options: NodeKeysOptions): NodeKeys {
  const { store, suites } = options;
  let message: Promise<MessageSigner> | undefined;
  let known: ReadonlySet<string> = new Set();
  const compromised = async () => {
    const now = await options.compromised();
    if (now.symmetricDifference(known).size > 0) message = undefined;
    known = now;
    return now;
  };
  return {
    compromised,
    sealRoots: () => options.sealRoots?.() ?? [],
    // What is signed so is replaced within days: no line of it must hold for decades.
    noteSigner: (name) => openNoteSigner(store, name, { ...suites, postQuantum: false }, NOTE_LABEL),
    messageSigner() {
      message ??= compromised().then(
        (lost) => openMessageSigner(options, lost),
        (error: unknown) => {
          message = undefined;
          throw error;
        },
      );
      return message;
    },
    tlsKey: (chain) => openTlsKey(options, chain),
    nextTlsKey: async () => tlsKeyOf(await ensureNextTlsKey(options)),
    async cosigningKey(name, generation) {
      const label = `${WITNESS_LABEL}-${generation}`;
      const { info } = await store.ensureKey(label, "ed25519");
      return { key: witnessKey(name, publicKeyFromSpki(info)), sign: (bytes) => store.sign(label, bytes) };
    },
  };
}

async function openMessageSigner(
  { store, suites }: NodeKeysOptions,
  compromised: ReadonlySet<string>,
): Promise<MessageSigner> {
  const suite = suitesFor("message-signature", suites).suite.name;
  const isNational = suite === "national";
  const { label, key } = await generationInUse(
    store,
    isNational ? { label: `${MESSAGE_LABEL}-sm2`, algorithm: "sm2" } : { label: MESSAGE_LABEL, algorithm: "ed25519" },
    compromised,
  );
  const { info } = key;
  return Object.freeze({
    ...{ suite, publicKey: info },
    id: createHash("sha256").update(info).digest("base64url").slice(0, KEY_ID_CHARACTERS),
    sign: async (bytes: Uint8Array) => {
      const signature = await store.sign(label, bytes);
      return isNational ? ecdsaPair(signature) : signature;
    },
  });
}

/** The public half of the key of connections, SubjectPublicKeyInfo; undefined where there is none yet. */
export async function findTlsPublicKey(
  place: Pick<NodeKeysOptions, "folder" | "secrets" | "nodeKey">,
): Promise<Uint8Array | undefined> {
  const found = await readTlsKey(place, TLS_FILE);
  return found && spkiOfKey(found.key);
}

async function openTlsKey(options: NodeKeysOptions, chain: string | undefined): Promise<TlsKey> {
  const { folder } = options;
  const next = chain === undefined ? undefined : await readTlsKey(options, NEXT_TLS_FILE);
  if (next !== undefined && chain !== undefined && isOf(next.key, chain)) {
    await takeNext(folder, next.sealed);
    return tlsKeyOf(next.key);
  }
  const key = await ensureTlsKey(options, TLS_FILE);
  if (chain !== undefined || !(await options.compromised()).has(fingerprintOf(spkiOfKey(key)))) return tlsKeyOf(key);
  await ensureTlsKey(options, NEXT_TLS_FILE);
  await takeNext(folder, (await readIfThere(join(folder, NEXT_TLS_FILE))) ?? new Uint8Array(0));
  return tlsKeyOf(await ensureTlsKey(options, TLS_FILE));
}

async function takeNext(folder: string, sealed: Uint8Array): Promise<void> {
  await replaceWhole(join(folder, TLS_FILE), sealed, KEY_FILE_MODE);
  await removeFile(join(folder, NEXT_TLS_FILE));
}

function spkiOfKey(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" }));
}

function isOf(key: KeyObject, chain: string): boolean {
  const [first] = readPem(chain).filter(({ label }) => label === "CERTIFICATE");
  if (first === undefined) return false;
  return Buffer.from(readX509(first.der).publicKeyInfo).equals(spkiOfKey(key));
}

/** A file that holds the key in use is none that replaces it: it was left, or put there again, where something was interrupted. */
async function ensureNextTlsKey(options: NodeKeysOptions): Promise<KeyObject> {
  const current = await readTlsKey(options, TLS_FILE);
  const next = await readTlsKey(options, NEXT_TLS_FILE);
  if (current !== undefined && next?.key.equals(current.key)) await removeFile(join(options.folder, NEXT_TLS_FILE));
  return ensureTlsKey(options, NEXT_TLS_FILE);
}

async function ensureTlsKey(options: NodeKeysOptions, file: string): Promise<KeyObject> {
  const { folder, secrets } = options;
  const known = await readTlsKey(options, file);
  if (known !== undefined) return known.key;
  const fresh = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "der", type: "pkcs8" });
  const write = () => writeOnce(join(folder, file), seal(fresh, secrets.wrapping(TLS_KEY).current), KEY_FILE_MODE);
  await (options.nodeKey?.wrapping(write) ?? write());
  return (await readTlsKey(options, file))?.key ?? unseal(new Uint8Array(0), secrets.wrapping(TLS_KEY));
}

async function readTlsKey(
  { folder, secrets, nodeKey }: Pick<NodeKeysOptions, "folder" | "secrets" | "nodeKey">,
  file: string,
): Promise<{ readonly key: KeyObject; readonly sealed: Uint8Array } | undefined> {
  const read = async () => {
    const sealed = await readIfThere(join(folder, file));
    return sealed && { sealed, key: unseal(sealed, secrets.wrapping(TLS_KEY)) };
  };
  return await (nodeKey?.reading(read) ?? read());
}

function tlsKeyOf(key: KeyObject): TlsKey {
  const info = spkiOfKey(key);
  return Object.freeze({
    privateKey: key.export({ format: "pem", type: "pkcs8" }).toString(),
    async request(host: string) {
      const subject = writeSubject({ commonName: host.slice(0, COMMON_NAME_MAX) });
      const content = { subject, publicKey: readCertifyingKey(info), extensions: [dnsNames([host])] };
      const der = await writeRequest(content, (part) => new Uint8Array(sign("sha256", part, key)));
      return writePem({ label: "CERTIFICATE REQUEST", der });
    },
  });
}

function seal(secret: Uint8Array, wrapping: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", wrapping, nonce);
  cipher.setAAD(Buffer.from(TLS_PLACE));
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

/** Puts the keys under the node's new key, which is being renewed. */
export async function rewrapTlsKey(folder: string, secrets: NodeSecrets): Promise<void> {
  const wrapping = secrets.wrapping(TLS_KEY);
  for (const file of [TLS_FILE, NEXT_TLS_FILE]) {
    const path = join(folder, file);
    const sealed = await readIfThere(path);
    if (sealed === undefined) continue;
    const der = unseal(sealed, wrapping).export({ format: "der", type: "pkcs8" });
    // Where another took its place meanwhile, that one is under the new key.
    const now = await readIfThere(path);
    if (now !== undefined && Buffer.from(now).equals(sealed))
      await replaceWhole(path, seal(der, wrapping.current), KEY_FILE_MODE);
  }
}

function unseal(sealed: Uint8Array, { current, former }: WrappingKeys): KeyObject {
  try {
    return opened(sealed, current);
  } catch (error) {
    if (former === undefined) throw error;
    return opened(sealed, former);
  }
}

function opened(sealed: Uint8Array, wrapping: Uint8Array): KeyObject {
  try {
    const decipher = createDecipheriv("aes-256-gcm", wrapping, sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(TLS_PLACE));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const der = Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } catch (cause) {
    throw new Fault("ERR_TRUST_KEY_FILE", { message: "the key of this node's connections cannot be opened", cause });
  }
}
