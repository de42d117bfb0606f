/**
 * The functions of a PKCS #11 module (OASIS PKCS #11 2.40) that this room needs, called through `node:ffi`: no native add-on has
 * to be built. Calls are synchronous; a token answers in milliseconds.
 */
import { Fault } from "#kernel/errors/fault";
import "../../faults.ts";

/** Loaded when a token is used: Node warns that it is experimental, which concerns nobody else. */
const ffi = () => process.getBuiltinModule("node:ffi");
const getRawPointer = (bytes: Buffer) => ffi().getRawPointer(bytes);

/** CK_ULONG on 64-bit systems but Windows, which packs its structures otherwise and is not supported. */
const WORD_BYTES = 8;
export const OK = 0n;

/** Return values by which it is decided what to do; others are told by their number. */
export const RETURN = {
  pinIncorrect: 0xa0n,
  pinLocked: 0xa4n,
  deviceRemoved: 0x32n,
  sessionClosed: 0xb0n,
  sessionInvalid: 0xb3n,
  tokenNotPresent: 0xe0n,
  alreadyInitialized: 0x191n,
  alreadyLoggedIn: 0x100n,
  notLoggedIn: 0x101n,
} as const;

const pointers = (count: number) => Array.from({ length: count }, () => "buffer" as const);
const SIGNATURES = {
  C_Initialize: ["pointer"],
  C_GetSlotList: ["uint8", ...pointers(2)],
  C_GetTokenInfo: ["uint64", "buffer"],
  C_OpenSession: ["uint64", "uint64", "pointer", "pointer", "buffer"],
  C_CloseSession: ["uint64"],
  C_Login: ["uint64", "uint64", "buffer", "uint64"],
  C_FindObjectsInit: ["uint64", "buffer", "uint64"],
  C_FindObjects: ["uint64", "buffer", "uint64", "buffer"],
  C_FindObjectsFinal: ["uint64"],
  C_GetAttributeValue: ["uint64", "uint64", "buffer", "uint64"],
  C_GenerateKey: ["uint64", "buffer", "buffer", "uint64", "buffer"],
  C_GenerateKeyPair: ["uint64", "buffer", "buffer", "uint64", "buffer", "uint64", "buffer", "buffer"],
  C_SignInit: ["uint64", "buffer", "uint64"],
  C_Sign: ["uint64", "buffer", "uint64", "buffer", "buffer"],
  C_EncryptInit: ["uint64", "buffer", "uint64"],
  C_Encrypt: ["uint64", "buffer", "uint64", "buffer", "buffer"],
  C_DecryptInit: ["uint64", "buffer", "uint64"],
  C_Decrypt: ["uint64", "buffer", "uint64", "buffer", "buffer"],
} as const;
type FunctionName = keyof typeof SIGNATURES;

/** What a module says went wrong. */
export class TokenError extends Error {
  readonly result: bigint;

  constructor(name: string, result: bigint) {
    super(`${name}: CKR 0x${result.toString(16)}`);
    this.name = "TokenError";
    this.result = result;
  }
}

export interface Attribute {
  readonly type: bigint;
  readonly value: Buffer;
}

/** What a structure points to lives as long as the structure does, and so until its call has ended. */
const pointedTo = new WeakMap<Buffer, readonly (Buffer | undefined)[]>();

/** CK_ATTRIBUTE, one after the other. */
export function template(attributes: readonly Attribute[]): Buffer {
  const bytes = Buffer.alloc(attributes.length * 3 * WORD_BYTES);
  for (const [at, { type, value }] of attributes.entries()) writeTriple(bytes, at * 3 * WORD_BYTES, type, value);
  pointedTo.set(
    bytes,
    attributes.map(({ value }) => value),
  );
  return bytes;
}

/** CK_MECHANISM. */
export function mechanism(type: bigint, parameter?: Buffer): Buffer {
  const bytes = Buffer.alloc(3 * WORD_BYTES);
  writeTriple(bytes, 0, type, parameter);
  pointedTo.set(bytes, [parameter]);
  return bytes;
}

/** CK_GCM_PARAMS. */
export function gcmParameters(nonce: Buffer, associatedData: Buffer, tagBits: number): Buffer {
  const bytes = Buffer.alloc(6 * WORD_BYTES);
  bytes.writeBigUInt64LE(getRawPointer(nonce), 0);
  bytes.writeBigUInt64LE(BigInt(nonce.length), WORD_BYTES);
  bytes.writeBigUInt64LE(BigInt(nonce.length * 8), 2 * WORD_BYTES);
  bytes.writeBigUInt64LE(getRawPointer(associatedData), 3 * WORD_BYTES);
  bytes.writeBigUInt64LE(BigInt(associatedData.length), 4 * WORD_BYTES);
  bytes.writeBigUInt64LE(BigInt(tagBits), 5 * WORD_BYTES);
  pointedTo.set(bytes, [nonce, associatedData]);
  return bytes;
}

export function word(value: bigint | number = 0): Buffer {
  const bytes = Buffer.alloc(WORD_BYTES);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function writeTriple(into: Buffer, at: number, type: bigint, value: Buffer | undefined): void {
  into.writeBigUInt64LE(type, at);
  into.writeBigUInt64LE(value === undefined || value.length === 0 ? 0n : getRawPointer(value), at + WORD_BYTES);
  into.writeBigUInt64LE(BigInt(value?.length ?? 0), at + 2 * WORD_BYTES);
}

type Argument = bigint | number | Buffer | null;

/** A module that is loaded. */
export interface TokenModule {
  /** @throws TokenError unless the function says CKR_OK or one of `allowed` */
  call(name: FunctionName, args: readonly Argument[], allowed?: readonly bigint[]): bigint;
}

const loaded = new Map<string, TokenModule>();

/**
 * Loads a module, once a process.
 * @throws {Fault} ERR_TRUST_TOKEN where there is none, or where the system is not one of 64 bits with the usual layout
 */
export function loadTokenModule(path: string): TokenModule {
  const known = loaded.get(path);
  if (known !== undefined) return known;
  if (process.platform === "win32" || !["x64", "arm64"].includes(process.arch)) {
    throw new Fault("ERR_TRUST_TOKEN", { message: `PKCS #11 is not supported on ${process.platform}-${process.arch}` });
  }
  const functions = new Map<FunctionName, (...args: readonly Argument[]) => unknown>();
  try {
    const library = new (ffi().DynamicLibrary)(path);
    for (const [name, types] of Object.entries(SIGNATURES)) {
      const signature = { return: "uint64", arguments: [...types] } as const;
      functions.set(name as FunctionName, library.getFunction(name, signature) as never);
    }
  } catch (cause) {
    throw new Fault("ERR_TRUST_TOKEN", { message: `${path}: ${(cause as Error).message}`, cause });
  }
  const module: TokenModule = {
    call(name, args, allowed = []) {
      const result = BigInt(functions.get(name)?.(...args) as bigint);
      if (result !== OK && !allowed.includes(result)) throw new TokenError(name, result);
      return result;
    },
  };
  module.call("C_Initialize", [null], [RETURN.alreadyInitialized]);
  loaded.set(path, module);
  return module;
}
