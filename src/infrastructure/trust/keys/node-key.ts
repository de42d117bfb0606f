/**
 * The node's key, from which everything that seals derives: 32 bytes, or more once it was renewed (`node-secrets.ts`), kept in one of three ways in
 * the key folder.
 *
 *     node.key        the bytes themselves, mode 0600: whoever has the folder has every key. For demonstrations.
 *     node-key.json   the bytes sealed (AES-256-GCM) under a passphrase through argon2id, with salt and cost beside
 *     node-key-token.json   the bytes sealed (AES-256-GCM) by a key that a PKCS #11 token holds
 *
 * A change of passphrase seals the same bytes anew, so that nothing else in the folder or database has to change.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#kernel/errors/fault";
import { fromBase64url, toBase64url } from "#lib/crypto/base64url";
import { PASSWORD_SALT_BYTES, type PasswordCost, passphraseKey } from "#lib/crypto/password";
import "../faults.ts";
import { NODE_KEY_SIZES } from "./node-secrets.ts";
import { removeDrafts, removeFile, replaceWhole, writeOnce } from "./write-once.ts";

/** Nobody but the node's own account reads a key. */
export const KEY_FILE_MODE = 0o600;
export const NODE_KEY_BYTES = 32;
const MAX_KEY_FILE_BYTES = 4096;

/** Shorter ones are guessed: twelve characters that a person makes up are the least that argon2id can protect. */
export const PASSPHRASE_MIN_CHARACTERS = 12;
/** 64 MiB, three passes, four lanes: the second recommended option of RFC 9106 §4. */
const COST: PasswordCost = Object.freeze({ memoryKib: 65_536, passes: 3, lanes: 4 });
const FORMAT = "zhengtong-node-key/1";
const SEALED_FILE = "node-key.json";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** How a node's key is kept. `both`: a change was interrupted; the next one ends it. */
export type NodeKeyKeeping = "none" | "file" | "passphrase" | "both" | "token";

/** Where the passphrase comes from; asked only when one is needed. Undefined when none is set up. */
export type Passphrase = () => Promise<string | undefined>;

interface SealedNodeKey {
  readonly cost: PasswordCost;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

/** How the key of this folder is kept now. */
export async function nodeKeyKeeping(folder: string): Promise<NodeKeyKeeping> {
  if (await isThere(tokenPath(folder))) return "token";
  const [plain, sealed] = await Promise.all([isThere(plainPath(folder)), isThere(sealedPath(folder))]);
  if (plain) return sealed ? "both" : "file";
  return sealed ? "passphrase" : "none";
}

/** Says whether what opens the keys of a folder is still what it was: another text after each change. Nothing is opened. */
export async function nodeKeyState(folder: string): Promise<string> {
  const files = await Promise.all([tokenPath(folder), plainPath(folder), sealedPath(folder)].map(readIfThere));
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file?.length ?? "none"}\n`).update(file ?? "");
  return hash.digest("hex");
}

/** What seals the node's key where a token is set up. */
export interface SealingToken {
  seal(label: string, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;
  open(label: string, sealed: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;
}

/**
 * Opens the node's key, making it on first use: in the token where there is one, under the passphrase where there is one, else in a
 * file of mode 0600.
 * @throws {Fault} ERR_TRUST_KEY_FILE when it is damaged or others may read it; ERR_TRUST_PASSPHRASE; ERR_TRUST_TOKEN
 */
export async function openNodeKey(folder: string, passphrase: Passphrase, token?: SealingToken): Promise<Uint8Array> {
  const keeping = await nodeKeyKeeping(folder);
  if (keeping === "token" || token !== undefined) return openInToken(folder, keeping, token);
  if (keeping === "file") return readPlain(plainPath(folder));
  if (keeping !== "none") return openSealed(folder, await passphrase());
  const fresh = randomBytes(NODE_KEY_BYTES);
  const given = await passphrase();
  // Whoever comes second finds the first one's file, and both use that.
  if (given === undefined) {
    await writeOnce(plainPath(folder), fresh, KEY_FILE_MODE);
    return readPlain(plainPath(folder));
  }
  await writeOnce(sealedPath(folder), await sealNodeKey(fresh, given), KEY_FILE_MODE);
  return openSealed(folder, given);
}

/**
 * Puts the node's key under a passphrase, or under another one. Interrupted at any moment, the key can be opened with
 * the old means or the new.
 * @throws {Fault} ERR_TRUST_PASSPHRASE when the old one is wrong or the new one is too short; ERR_TRUST_KEY_MISSING
 */
export async function changePassphrase(folder: string, change: { readonly old: Passphrase; readonly next: string }) {
  const keeping = await nodeKeyKeeping(folder);
  if (keeping === "none") throw new Fault("ERR_TRUST_KEY_MISSING", { message: folder });
  if (keeping === "token") {
    throw new Fault("ERR_TRUST_TOKEN", { message: "a token opens the keys; its PIN is changed with its own program" });
  }
  const key =
    keeping === "passphrase" ? await openSealed(folder, await change.old()) : await readPlain(plainPath(folder));
  await replaceWhole(sealedPath(folder), await sealNodeKey(key, change.next), KEY_FILE_MODE);
  const again = await openSealed(folder, change.next);
  if (!Buffer.from(again).equals(key)) throw new Fault("ERR_TRUST_KEY_FILE", { message: sealedPath(folder) });
  await removeDrafts(folder, SEALED_FILE);
  await removeFile(plainPath(folder));
}

/** Under which the token holds the key that seals the node's key. */
const TOKEN_LABEL = "zhengtong/node-key";
const TOKEN_FORMAT = "zhengtong-node-key-token/1";

async function openInToken(
  folder: string,
  keeping: NodeKeyKeeping,
  token: SealingToken | undefined,
): Promise<Uint8Array> {
  if (token === undefined) {
    throw new Fault("ERR_TRUST_TOKEN", {
      message: "the node's key is in a token, and ZHENGTONG_KEYS_TOKEN names none",
    });
  }
  if (keeping !== "none" && keeping !== "token") {
    throw new Fault("ERR_TRUST_TOKEN", {
      message: `${folder} is opened without a token; that is chosen at the first start`,
    });
  }
  const path = tokenPath(folder);
  const bound = Buffer.from(TOKEN_FORMAT);
  if (keeping === "none") {
    await writeOnce(path, await sealForToken(randomBytes(NODE_KEY_BYTES), token), KEY_FILE_MODE);
  }
  await checkMode(path);
  const key = await token.open(TOKEN_LABEL, sealedInToken(await readIfThere(path), path), bound);
  if (!isNodeKey(key)) throw new Fault("ERR_TRUST_KEY_FILE", { message: `${path} is damaged` });
  return key;
}

function isNodeKey(key: Uint8Array | undefined): key is Uint8Array {
  return NODE_KEY_SIZES.some((size) => size === key?.length);
}

async function sealForToken(key: Uint8Array, token: SealingToken): Promise<Uint8Array> {
  const sealed = await token.seal(TOKEN_LABEL, key, Buffer.from(TOKEN_FORMAT));
  const file = { format: TOKEN_FORMAT, label: TOKEN_LABEL, sealed: toBase64url(sealed) };
  return Buffer.from(`${JSON.stringify(file, null, 2)}\n`);
}

/**
 * Keeps other bytes as the node's key, in the way in which it is kept.
 * @throws {Fault} ERR_TRUST_PASSPHRASE when the passphrase does not open what is there; ERR_TRUST_KEY_MISSING; ERR_TRUST_TOKEN
 */
export async function replaceNodeKey(
  folder: string,
  key: Uint8Array,
  { passphrase, token }: { readonly passphrase: Passphrase; readonly token?: SealingToken | undefined },
): Promise<void> {
  const keeping = await nodeKeyKeeping(folder);
  await openNodeKey(folder, passphrase, token);
  if (keeping === "token" && token !== undefined)
    return replaceWhole(tokenPath(folder), await sealForToken(key, token), KEY_FILE_MODE);
  if (keeping === "file") return replaceWhole(plainPath(folder), key, KEY_FILE_MODE);
  if (keeping !== "passphrase") throw new Fault("ERR_TRUST_KEY_MISSING", { message: `${folder}: ${keeping}` });
  await replaceWhole(sealedPath(folder), await sealNodeKey(key, (await passphrase()) ?? ""), KEY_FILE_MODE);
}

/**
 * Moves the key of a node that began without a token into one. Interrupted at any moment, it opens with the old means or with the token.
 * @throws {Fault} ERR_TRUST_TOKEN where the token does not open what was moved into one; ERR_TRUST_PASSPHRASE; ERR_TRUST_KEY_MISSING
 */
export async function moveIntoToken(
  folder: string,
  { passphrase, token }: { readonly passphrase: Passphrase; readonly token: SealingToken },
): Promise<void> {
  const keeping = await nodeKeyKeeping(folder);
  if (keeping === "none") throw new Fault("ERR_TRUST_KEY_MISSING", { message: folder });
  if (keeping !== "token") {
    const key = await openNodeKey(folder, passphrase);
    const draft = await sealForToken(key, token);
    const again = await token.open(TOKEN_LABEL, sealedInToken(draft, tokenPath(folder)), Buffer.from(TOKEN_FORMAT));
    if (!Buffer.from(again).equals(key)) throw new Fault("ERR_TRUST_KEY_FILE", { message: tokenPath(folder) });
    await writeOnce(tokenPath(folder), draft, KEY_FILE_MODE);
  }
  // From here on the token alone opens it: what opened it before goes, also after a crash in between; but not for a token that does not.
  await openInToken(folder, "token", token);
  for (const path of [plainPath(folder), sealedPath(folder)]) await removeFile(path);
}

/** Whether a key that a token opens lies there as before too: a move was interrupted, and `moveIntoToken` ends it. */
export async function isMoveUnfinished(folder: string): Promise<boolean> {
  const [inToken, ...former] = await Promise.all(
    [tokenPath(folder), plainPath(folder), sealedPath(folder)].map(isThere),
  );
  return inToken === true && former.includes(true);
}

function sealedInToken(bytes: Uint8Array | undefined, path: string): Uint8Array {
  try {
    const file = JSON.parse(Buffer.from(bytes ?? []).toString("utf8")) as Record<string, unknown>;
    if (file["format"] === TOKEN_FORMAT && typeof file["sealed"] === "string") return bytesOf(file["sealed"]);
  } catch {
    // told below
  }
  throw new Fault("ERR_TRUST_KEY_FILE", { message: `${path} is damaged` });
}

function tokenPath(folder: string): string {
  return join(folder, "node-key-token.json");
}

function plainPath(folder: string): string {
  return join(folder, "node.key");
}

function sealedPath(folder: string): string {
  return join(folder, SEALED_FILE);
}

async function isThere(path: string): Promise<boolean> {
  return (await readIfThere(path)) !== undefined;
}

async function readPlain(path: string): Promise<Uint8Array> {
  const key = await readIfThere(path);
  await checkMode(path);
  if (!isNodeKey(key)) throw new Fault("ERR_TRUST_KEY_FILE", { message: `${path} is damaged` });
  return key;
}

async function checkMode(path: string): Promise<void> {
  const { mode } = await stat(path);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new Fault("ERR_TRUST_KEY_FILE", { message: `${path} must have mode 0600` });
  }
}

async function openSealed(folder: string, passphrase: string | undefined): Promise<Uint8Array> {
  const path = sealedPath(folder);
  await checkMode(path);
  const found = parseSealed(await readIfThere(path));
  if (found === undefined) throw new Fault("ERR_TRUST_KEY_FILE", { message: `${path} is damaged` });
  if (passphrase === undefined) throw new Fault("ERR_TRUST_PASSPHRASE", { message: `${path}: no passphrase is given` });
  const decipher = createDecipheriv("aes-256-gcm", await openingKey(passphrase, found), found.nonce);
  decipher.setAAD(Buffer.from(FORMAT));
  decipher.setAuthTag(found.sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(found.sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new Fault("ERR_TRUST_PASSPHRASE", { message: `${path}: the passphrase does not open it` });
  }
}

async function sealNodeKey(key: Uint8Array, passphrase: string): Promise<Uint8Array> {
  if ([...passphrase].length < PASSPHRASE_MIN_CHARACTERS) {
    const message = `a new passphrase has at least ${PASSPHRASE_MIN_CHARACTERS} characters`;
    throw new Fault("ERR_TRUST_PASSPHRASE", { message });
  }
  const header = { cost: COST, salt: randomBytes(PASSWORD_SALT_BYTES) };
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", await openingKey(passphrase, header), nonce);
  cipher.setAAD(Buffer.from(FORMAT));
  const sealed = Buffer.concat([cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  const kdf = { name: "argon2id", ...COST, salt: toBase64url(header.salt) };
  const file = { format: FORMAT, kdf, nonce: toBase64url(nonce), sealed: toBase64url(sealed) };
  return Buffer.from(`${JSON.stringify(file, null, 2)}\n`);
}

async function openingKey(
  passphrase: string,
  { cost, salt }: Pick<SealedNodeKey, "cost" | "salt">,
): Promise<Uint8Array> {
  try {
    return await passphraseKey(passphrase, { cost, salt, sizeBytes: NODE_KEY_BYTES });
  } catch (cause) {
    // Too long, or a file that asks for more memory than anything of ours is sealed with.
    throw new Fault("ERR_TRUST_PASSPHRASE", { message: (cause as Error).message, cause });
  }
}

function parseSealed(bytes: Uint8Array | undefined): SealedNodeKey | undefined {
  let file: unknown;
  try {
    file = JSON.parse(Buffer.from(bytes ?? []).toString("utf8"));
  } catch {
    return undefined;
  }
  const { format, kdf, nonce, sealed } = (file ?? {}) as Record<string, unknown>;
  const { name, memoryKib, passes, lanes, salt } = (kdf ?? {}) as Record<string, unknown>;
  if (format !== FORMAT || name !== "argon2id") return undefined;
  const cost = { memoryKib: Number(memoryKib), passes: Number(passes), lanes: Number(lanes) };
  const read = { cost, salt: bytesOf(salt), nonce: bytesOf(nonce), sealed: bytesOf(sealed) };
  const fits =
    read.nonce.length === NONCE_BYTES && NODE_KEY_SIZES.some((size) => read.sealed.length === size + TAG_BYTES);
  return fits && read.salt.length === PASSWORD_SALT_BYTES ? read : undefined;
}

function bytesOf(value: unknown): Uint8Array {
  return (typeof value === "string" ? fromBase64url(value) : undefined) ?? new Uint8Array(0);
}

/** A file of the key folder, whole; undefined where there is none. @throws {Fault} ERR_TRUST_KEY_FILE when it is too big */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_KEY_FILE_BYTES) throw new Fault("ERR_TRUST_KEY_FILE", { message: `${path} is too big` });
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
