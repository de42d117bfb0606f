/**
 * Keys in files of the node, each sealed (AES-256-GCM) under a key that derives from one 0600 file.
 *
 * Whoever can read that file as the node's account can sign in every name that the node holds. That is enough for a
 * demonstration and for a test; a lawful operator uses a hardware module.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#kernel/errors/fault";
import { text } from "#lib/language/text";
import "../faults.ts";
import { KEY_LABEL, type KeyAlgorithm, type KeyStore, type PublicKey } from "./key-store.ts";
import { writeOnce } from "./write-once.ts";

/** Nobody but the node's own account reads a key. */
const KEY_FILE_MODE = 0o600;

const NODE_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAX_KEY_FILE_BYTES = 4096;
/** Opened keys kept in memory; the least recently opened is closed first. */
const MAX_OPEN_KEYS = 2048;

/** A node's key folder: the store of signing keys, and the secret from which data keys derive. */
export interface FileKeys {
  readonly store: KeyStore;
  /** 32 bytes for a purpose, derived from the node's key (HKDF-SHA-256). */
  deriveSecret(purpose: string): Uint8Array;
}

/**
 * Opens a key folder, making it and the node's key on first use.
 * @throws {Fault} ERR_TRUST_KEY_FILE when the node's key is damaged or others may read it
 */
export async function openFileKeys(folder: string): Promise<FileKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const nodeKey = await openNodeKey(join(folder, "node.key"));
  const deriveSecret = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync("sha256", nodeKey, "zhengtong", purpose, NODE_KEY_BYTES));
  return { store: new FileKeyStore(folder, deriveSecret("signing keys")), deriveSecret };
}

async function openNodeKey(path: string): Promise<Uint8Array> {
  const known = await readIfThere(path);
  if (known === undefined) {
    const fresh = randomBytes(NODE_KEY_BYTES);
    await writeOnce(path, fresh, KEY_FILE_MODE);
    return (await readIfThere(path)) ?? fresh;
  }
  const { mode } = await stat(path);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new Fault("ERR_TRUST_KEY_FILE", { message: `${path} must have mode 0600` });
  }
  if (known.length !== NODE_KEY_BYTES) throw new Fault("ERR_TRUST_KEY_FILE", { message: `${path} is damaged` });
  return known;
}

class FileKeyStore implements KeyStore {
  readonly warning = text(
    "签名密钥保存在本节点的文件中，由一个权限为 0600 的文件打开：仅供演示，不产生法律效力。",
    "Signing keys are kept in files of this node and opened with a file of mode 0600: for demonstration alone, not for legal effect.",
  );
  readonly #folder: string;
  readonly #wrappingKey: Uint8Array;
  readonly #open = new Map<string, Promise<KeyObject | undefined>>();

  constructor(folder: string, wrappingKey: Uint8Array) {
    this.#folder = folder;
    this.#wrappingKey = wrappingKey;
  }

  async ensureKey(label: string, algorithm: KeyAlgorithm): Promise<PublicKey> {
    const known = await this.#find(label);
    if (known !== undefined) return publicHalf(known);
    const pair =
      algorithm === "p256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
    const secret = pair.privateKey.export({ format: "der", type: "pkcs8" });
    // Whoever comes second finds the first one's file, and both use that.
    await writeOnce(this.#path(label), this.#seal(label, secret), KEY_FILE_MODE);
    this.#open.delete(label);
    return publicHalf((await this.#find(label)) ?? pair.privateKey);
  }

  async findKey(label: string): Promise<PublicKey | undefined> {
    const key = await this.#find(label);
    return key === undefined ? undefined : publicHalf(key);
  }

  async sign(label: string, data: Uint8Array): Promise<Uint8Array> {
    const key = await this.#find(label);
    if (key === undefined) throw new Fault("ERR_TRUST_KEY_MISSING");
    return new Uint8Array(sign(key.asymmetricKeyType === "ed25519" ? null : "sha256", data, key));
  }

  #find(label: string): Promise<KeyObject | undefined> {
    if (!KEY_LABEL.test(label)) throw new RangeError("a key label is a path of lower-case words");
    const known = this.#open.get(label);
    if (known !== undefined) return known;
    const opening = this.#read(label).then(
      (key) => {
        if (key === undefined) this.#open.delete(label);
        return key;
      },
      (error: unknown) => {
        this.#open.delete(label);
        throw error;
      },
    );
    this.#open.set(label, opening);
    const oldest = this.#open.keys().next().value;
    if (this.#open.size > MAX_OPEN_KEYS && oldest !== undefined) this.#open.delete(oldest);
    return opening;
  }

  async #read(label: string): Promise<KeyObject | undefined> {
    const sealed = await readIfThere(this.#path(label));
    if (sealed === undefined) return undefined;
    try {
      return createPrivateKey({ key: Buffer.from(this.#unseal(label, sealed)), format: "der", type: "pkcs8" });
    } catch (cause) {
      throw new Fault("ERR_TRUST_KEY_FILE", { message: "a signing key cannot be opened with this node's key", cause });
    }
  }

  // The label may name a person's record; a digest as the file's name says nothing.
  #path(label: string): string {
    return join(this.#folder, `${createHash("sha256").update(label).digest("hex")}.sealed`);
  }

  #seal(label: string, secret: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#wrappingKey, nonce);
    cipher.setAAD(Buffer.from(label));
    return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  }

  #unseal(label: string, sealed: Uint8Array): Uint8Array {
    const decipher = createDecipheriv("aes-256-gcm", this.#wrappingKey, sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(label));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  }
}

function publicHalf(key: KeyObject): PublicKey {
  const info = createPublicKey(key).export({ format: "der", type: "spki" });
  return { algorithm: key.asymmetricKeyType === "ed25519" ? "ed25519" : "p256", info: new Uint8Array(info) };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_KEY_FILE_BYTES) throw new Fault("ERR_TRUST_KEY_FILE", { message: `${path} is too big` });
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
