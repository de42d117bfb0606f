/**
 * Keys in files of the node, each sealed (AES-256-GCM) under a key that derives from the node's key (`node-key.ts`).
 *
 * Where that is a file of mode 0600, whoever reads it as the node's account can sign in every name that the node holds:
 * a demonstration alone opens its keys like this.
 * Under a passphrase a copy of the folder is worth nothing; whoever controls the running process still signs. A lawful
 * operator uses a hardware module.
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
import { mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { Fault } from "#kernel/errors/fault";
import { writeOid } from "#lib/asn1/der";
import {
  HYBRID_SEED_BYTES,
  type HybridPrivateKey,
  hybrid,
  hybridFromSeed,
  hybridPublicKeyOf,
} from "#lib/crypto/hybrid";
import { hybridPkcs8Of, hybridSeedFromPkcs8, hybridSpkiOf } from "#lib/crypto/hybrid-files";
import { SM2_CURVE_OID, sm2Pkcs8Of, sm2PrivateKeyFromPkcs8, sm2SpkiOf } from "#lib/crypto/sm2/key-files";
import { generateSm2Key, SM2_GENERATION_BYTES, type Sm2PrivateKey } from "#lib/crypto/sm2/keys";
import { sm2Sign } from "#lib/crypto/sm2/signature";
import { type Text, text } from "#lib/language/text";
import "../faults.ts";
import { carried, carry } from "./carried-key.ts";
import { FollowedNodeKey } from "./followed-node-key.ts";
import { KEY_LABEL, type KeyAlgorithm, type KeyStore, type PublicKey } from "./key-store.ts";
import { isMoveUnfinished, KEY_FILE_MODE, nodeKeyKeeping, type Passphrase, readIfThere } from "./node-key.ts";
import type { NodeSecrets, WrappingKeys } from "./node-secrets.ts";
import { Token, type TokenPlace } from "./pkcs11/token.ts";
import { TokenKeyStore } from "./pkcs11/token-key-store.ts";
import { replaceWhole, writeOnce } from "./write-once.ts";

/** The purpose of the keys that seal signing keys. */
const SIGNING_KEYS = "signing keys";
/** Mixed into the nonce of each SM2 signature. */
const SM2_NONCE_BYTES = 32;
const SM2_CURVE = writeOid(SM2_CURVE_OID);
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Opened keys kept in memory; the least recently opened is closed first. */
const MAX_OPEN_KEYS = 2048;

/** A hybrid pair with the seed from which it follows. */
interface HybridHalf {
  readonly algorithm: "hybrid";
  readonly seed: Uint8Array;
  readonly key: HybridPrivateKey;
}

type PrivateHalf = KeyObject | Sm2PrivateKey | HybridHalf;

/** A node's key folder: the store of signing keys, and the secret from which data keys derive. */
export interface FileKeys {
  readonly store: KeyStore;
  /** What the node's key is made of. */
  readonly secrets: NodeSecrets;
  /** Follows it when it is renewed. */
  readonly nodeKey: FollowedNodeKey;
}

export interface FileKeysOptions {
  /** Opens the node's key, or is the token's PIN; where none is set up, a file of mode 0600 does. */
  readonly passphrase?: Passphrase;
  /** Holds the keys, where there is one. */
  readonly token?: Pick<TokenPlace, "module" | "label">;
  /** Whether all that the node holds is invented: then a file of mode 0600 is enough. Default yes. */
  readonly demonstration?: boolean;
}

/**
 * Opens a key folder, making it and the node's key on first use.
 * @throws {Fault} ERR_TRUST_KEY_FILE when the node's key is damaged or others may read it; ERR_TRUST_PASSPHRASE; ERR_TRUST_KEY_BESIDE
 */
export async function openFileKeys(folder: string, options: FileKeysOptions = {}): Promise<FileKeys> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const passphrase = options.passphrase ?? (async () => undefined);
  if (options.demonstration === false) await refuseKeyBeside(folder, { ...options, passphrase });
  const token = options.token && new Token({ ...options.token, pin: passphrase });
  const nodeKey = await FollowedNodeKey.open({ folder, passphrase, token });
  const warning = await keepingWarning(folder, options.demonstration ?? true);
  const files = new FileKeyStore(folder, { nodeKey, warning });
  const { secrets } = nodeKey;
  return { store: token === undefined ? files : new TokenKeyStore(token, files), secrets, nodeKey };
}

/**
 * Of a node that is no demonstration: nothing that opens its keys may lie beside them.
 * @throws {Fault} ERR_TRUST_KEY_BESIDE where a file of mode 0600 opens them, or would be made
 */
async function refuseKeyBeside(
  folder: string,
  { passphrase, token }: { readonly passphrase: Passphrase; readonly token?: unknown },
): Promise<void> {
  const keeping = await nodeKeyKeeping(folder);
  const isMade = keeping === "none" && token === undefined && (await passphrase()) === undefined;
  if (keeping === "file" || isMade) throw new Fault("ERR_TRUST_KEY_BESIDE", { message: folder });
}

/** What is wrong with how a folder's key is kept; undefined when a passphrase or a token opens it, and nothing else. */
export async function keepingWarning(folder: string, demonstration: boolean): Promise<Text | undefined> {
  switch (await nodeKeyKeeping(folder)) {
    case "none":
    case "passphrase":
      return undefined;
    case "token":
      return (await isMoveUnfinished(folder)) ? MOVE_WARNING : undefined;
    case "both":
      return text(
        "口令更换未完成，密钥文件 node.key 仍在：请再次运行 zhengtong keys passphrase。",
        "A change of passphrase was interrupted and node.key still lies there: run zhengtong keys passphrase again.",
      );
    case "file":
      return demonstration ? DEMONSTRATION_WARNING : EARNEST_WARNING;
  }
}

const MOVE_WARNING = text(
  "密钥移入密码设备未完成，原来打开密钥的文件仍在：请再次运行 zhengtong keys into-token。",
  "A move into the token was interrupted, and the file that opened the keys before still lies there: run zhengtong keys into-token again.",
);

const DEMONSTRATION_WARNING = text(
  "签名密钥保存在本节点的文件中，由一个权限为 0600 的文件打开：仅供演示，不产生法律效力。",
  "Signing keys are kept in files of this node and opened with a file of mode 0600: for demonstration alone, not for legal effect.",
);
const EARNEST_WARNING = text(
  "打开全部密钥的文件与密钥放在一起：只有演示节点可以这样启动，其他节点拒绝启动。请设置口令：zhengtong keys passphrase --new 文件。",
  "The file that opens all keys lies beside them: a demonstration alone starts like this, any other node refuses. Set a passphrase: zhengtong keys passphrase --new FILE.",
);

class FileKeyStore implements KeyStore {
  readonly warning: Text | undefined;
  readonly #folder: string;
  readonly #nodeKey: FollowedNodeKey;
  readonly #open = new Map<string, Promise<PrivateHalf | undefined>>();

  constructor(
    folder: string,
    { nodeKey, warning }: { readonly nodeKey: FollowedNodeKey; readonly warning: Text | undefined },
  ) {
    this.#folder = folder;
    this.warning = warning;
    this.#nodeKey = nodeKey;
  }

  get #wrapping(): WrappingKeys {
    return this.#nodeKey.secrets.wrapping(SIGNING_KEYS);
  }

  async ensureKey(label: string, algorithm: KeyAlgorithm): Promise<PublicKey> {
    const known = await this.#find(label);
    if (known !== undefined) return publicHalf(known);
    const fresh = makeKey(algorithm);
    // Whoever comes second finds the first one's file, and both use that.
    await this.#nodeKey.wrapping(() =>
      writeOnce(this.#path(label), this.#seal(label, storedForm(fresh)), KEY_FILE_MODE),
    );
    this.#open.delete(label);
    return publicHalf((await this.#find(label)) ?? fresh);
  }

  async findKey(label: string): Promise<PublicKey | undefined> {
    const key = await this.#find(label);
    return key === undefined ? undefined : publicHalf(key);
  }

  async sign(label: string, data: Uint8Array): Promise<Uint8Array> {
    const key = await this.#find(label);
    if (key === undefined) throw new Fault("ERR_TRUST_KEY_MISSING");
    if (isSm2(key)) {
      return sm2Sign({ key, message: data, encoding: "der", randomness: randomBytes(SM2_NONCE_BYTES) });
    }
    if (isHybrid(key)) return hybrid.sign({ key: key.key, message: data });
    return new Uint8Array(sign(key.asymmetricKeyType === "ed25519" ? null : "sha256", data, key));
  }

  #find(label: string): Promise<PrivateHalf | undefined> {
    if (!KEY_LABEL.test(label)) throw new RangeError("a key label is a path of lower-case words");
    const known = this.#open.get(label);
    if (known !== undefined) return known;
    const opening = this.#nodeKey
      .reading(() => this.#read(label))
      .then(
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

  async #read(label: string): Promise<PrivateHalf | undefined> {
    const sealed = await readIfThere(this.#path(label));
    if (sealed === undefined) return undefined;
    try {
      return openForm(this.#unseal(label, sealed));
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
    const cipher = createCipheriv("aes-256-gcm", this.#wrapping.current, nonce);
    cipher.setAAD(Buffer.from(label));
    return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  }

  /** Sealed with the key of now; with the one before, while the node's key is being renewed; or carried since then. */
  #unseal(label: string, sealed: Uint8Array): Uint8Array {
    const { current, former = current } = this.#wrapping;
    const file = basename(this.#path(label));
    const key = carried(file, sealed, current) ??
      carried(file, sealed, former) ?? { wrappingKeys: [current, former], sealed };
    const [first, second] = key.wrappingKeys;
    try {
      return unseal(label, key.sealed, first);
    } catch {
      return unseal(label, key.sealed, second);
    }
  }
}

function unseal(label: string, sealed: Uint8Array, wrappingKey: Uint8Array): Uint8Array {
  const decipher = createDecipheriv("aes-256-gcm", wrappingKey, sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(label));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

const KEY_FILE = /^[0-9a-f]{64}\.sealed$/;

/** Puts every key of a folder under the node's new key, which is being renewed. Interrupted, it goes on where it is called again. */
export async function carryKeys(folder: string, secrets: NodeSecrets): Promise<number> {
  const { current, former } = secrets.wrapping(SIGNING_KEYS);
  if (former === undefined) return 0;
  let moved = 0;
  for (const file of (await readdir(folder)).filter((name) => KEY_FILE.test(name))) {
    const path = join(folder, file);
    const sealed = await readIfThere(path);
    if (sealed === undefined || carried(file, sealed, current) !== undefined) continue;
    const key = carried(file, sealed, former) ?? { wrappingKeys: [former, current] as const, sealed };
    await replaceWhole(path, carry(file, key, current), KEY_FILE_MODE);
    moved += 1;
  }
  return moved;
}

function makeKey(algorithm: KeyAlgorithm): PrivateHalf {
  switch (algorithm) {
    case "p256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    case "ed25519":
      return generateKeyPairSync("ed25519").privateKey;
    case "sm2":
      return generateSm2Key(randomBytes(SM2_GENERATION_BYTES));
    case "hybrid":
      return hybridOf(randomBytes(HYBRID_SEED_BYTES));
  }
}

function hybridOf(seed: Uint8Array): HybridHalf {
  return { algorithm: "hybrid", seed, key: hybridFromSeed(seed) };
}

/** PKCS #8, DER. */
function storedForm(key: PrivateHalf): Uint8Array {
  if (isHybrid(key)) return hybridPkcs8Of(key.seed);
  return isSm2(key) ? sm2Pkcs8Of(key) : key.export({ format: "der", type: "pkcs8" });
}

function openForm(stored: Uint8Array): PrivateHalf {
  // OpenSSL would read these too, but not sign with them as others do.
  if (Buffer.from(stored).includes(SM2_CURVE)) return sm2PrivateKeyFromPkcs8(stored);
  const seed = hybridSeedFromPkcs8(stored);
  if (seed !== undefined) return hybridOf(seed);
  return createPrivateKey({ key: Buffer.from(stored), format: "der", type: "pkcs8" });
}

function isSm2(key: PrivateHalf): key is Sm2PrivateKey {
  return "algorithm" in key && key.algorithm === "SM2";
}

function isHybrid(key: PrivateHalf): key is HybridHalf {
  return "algorithm" in key && key.algorithm === "hybrid";
}

function publicHalf(key: PrivateHalf): PublicKey {
  if (isSm2(key)) return { algorithm: "sm2", info: sm2SpkiOf(key.publicKey) };
  if (isHybrid(key)) return { algorithm: "hybrid", info: hybridSpkiOf(hybridPublicKeyOf(key.key)) };
  const info = createPublicKey(key).export({ format: "der", type: "spki" });
  return { algorithm: key.asymmetricKeyType === "ed25519" ? "ed25519" : "p256", info: new Uint8Array(info) };
}
