/**
 * Certificates of authorities in the key folder, as PEM files. They are public; what was trusted once stays, since what was issued
 * below it is still to be verified.
 *
 *     root.pem, root-sm2.pem        the root in each suite
 *     roots/*.pem                   further roots: earlier ones, and those of other certification bodies
 *     issuers/seal.1.pem            an issuing authority, and below it in the file the authorities up to the root
 *     issuer.pem                    the one authority that nodes had before each purpose had its own
 *     root.crl, root-sm2.crl        lists of an off-line root
 *     requests/seal.1.csr           what an off-line root was asked for
 */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readPem, writePem } from "#lib/asn1/pem";
import { sha256 } from "#lib/crypto/digest";
import { replaceWhole, writeOnce } from "../keys/write-once.ts";
import type { CertificateSuite, IssuingPurpose } from "./purposes.ts";

/** Certificates are public. */
export const CERTIFICATE_FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;
/** More would mean that somebody fills the folder. */
const FILES_MAX = 256;

/** `seal`, `seal-sm2`. */
export function issuerName(purpose: IssuingPurpose, suite: CertificateSuite): string {
  return suite === "national" ? `${purpose}-sm2` : purpose;
}

/** `root`, `root-sm2`. */
export function rootName(suite: CertificateSuite): string {
  return suite === "national" ? "root-sm2" : "root";
}

/** A certificate in PEM. */
export function toPem(der: Uint8Array): string {
  return writePem({ label: "CERTIFICATE", der });
}

/** The certificates of a PEM text. @throws {RangeError} when there is none */
export function certificatesIn(pem: string): readonly [Uint8Array, ...Uint8Array[]] {
  const [first, ...more] = readPem(pem).flatMap(({ label, der }) => (label === "CERTIFICATE" ? [der] : []));
  if (first === undefined) throw new RangeError("not a certificate in PEM");
  return [first, ...more];
}

/** The first certificate of a PEM text. @throws {RangeError} when there is none */
export function fromPem(pem: string): Uint8Array {
  return certificatesIn(pem)[0];
}

export class AuthorityFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async root(suite: CertificateSuite): Promise<Uint8Array | undefined> {
    return (await this.#read(`${rootName(suite)}.pem`))?.[0];
  }

  /** Of two that make a root at once, one wins; gives that one. */
  async keepRoot(suite: CertificateSuite, der: Uint8Array): Promise<Uint8Array> {
    await this.#write(`${rootName(suite)}.pem`, toPem(der));
    return (await this.root(suite)) ?? der;
  }

  /** Puts another root in the place of the one before, which is kept among the further roots. */
  async replaceRoot(suite: CertificateSuite, der: Uint8Array): Promise<void> {
    const old = await this.root(suite);
    if (old !== undefined) await this.addRoot(old);
    const path = join(this.#folder, `${rootName(suite)}.pem`);
    await replaceWhole(path, Buffer.from(toPem(der)), CERTIFICATE_FILE_MODE);
  }

  async addRoot(der: Uint8Array): Promise<void> {
    await this.#write(join("roots", `${fingerprintOf(der)}.pem`), toPem(der));
  }

  async furtherRoots(): Promise<readonly Uint8Array[]> {
    const names = (await this.#list("roots")).filter((name) => name.endsWith(".pem"));
    const found = await Promise.all(names.map((name) => this.#read(join("roots", name))));
    return found.flatMap((certificates) => certificates ?? []);
  }

  /** The authority that nodes had for all purposes. */
  async formerIssuer(): Promise<Uint8Array | undefined> {
    return (await this.#read("issuer.pem"))?.[0];
  }

  /** The generations of an issuing authority, from the first, each with the authorities above it. */
  async issuers(name: string): Promise<readonly (readonly [Uint8Array, ...Uint8Array[]])[]> {
    const found: (readonly [Uint8Array, ...Uint8Array[]])[] = [];
    for (let generation = 1; generation <= FILES_MAX; generation++) {
      const chain = await this.#read(join("issuers", `${name}.${generation}.pem`));
      if (chain === undefined) break;
      found.push(chain);
    }
    return found;
  }

  /** Keeps a generation. Where another came first it is that one which counts. */
  async keepIssuer(
    name: string,
    generation: number,
    chain: readonly Uint8Array[],
  ): Promise<readonly [Uint8Array, ...Uint8Array[]]> {
    const path = join("issuers", `${name}.${generation}.pem`);
    await this.#write(path, chain.map(toPem).join(""));
    return (await this.#read(path)) as readonly [Uint8Array, ...Uint8Array[]];
  }

  /** The list of an off-line root, DER. */
  async rootList(suite: CertificateSuite): Promise<Uint8Array | undefined> {
    return ifThere(async () => new Uint8Array(await readFile(join(this.#folder, `${rootName(suite)}.crl`))));
  }

  async replaceRootList(suite: CertificateSuite, der: Uint8Array): Promise<void> {
    await replaceWhole(join(this.#folder, `${rootName(suite)}.crl`), der, CERTIFICATE_FILE_MODE);
  }

  /** Keeps a request for an authority's certificate, DER: whoever waits for a ceremony makes no root of its own. */
  async keepRequest(name: string, generation: number, der: Uint8Array): Promise<void> {
    await this.#write(join("requests", `${name}.${generation}.csr`), writePem({ label: "CERTIFICATE REQUEST", der }));
  }

  /** Whether certificates were asked for from an off-line root. */
  async isAwaitingRoot(): Promise<boolean> {
    return (await this.#list("requests")).length > 0;
  }

  async #list(folder: string): Promise<readonly string[]> {
    const names = (await ifThere(() => readdir(join(this.#folder, folder)))) ?? [];
    if (names.length > FILES_MAX) throw new RangeError(`more than ${FILES_MAX} files in ${folder}`);
    return names.sort();
  }

  async #read(name: string): Promise<readonly [Uint8Array, ...Uint8Array[]] | undefined> {
    const pem = await ifThere(() => readFile(join(this.#folder, name), "utf8"));
    return pem === undefined ? undefined : certificatesIn(pem);
  }

  async #write(name: string, pem: string): Promise<void> {
    const path = join(this.#folder, name);
    await mkdir(join(path, ".."), { recursive: true, mode: FOLDER_MODE });
    await writeOnce(path, Buffer.from(pem), CERTIFICATE_FILE_MODE);
  }
}

async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** SHA-256 of a certificate, hexadecimal: its name for people and for the ledger. */
export function fingerprintOf(der: Uint8Array): string {
  return sha256(der).toHex();
}
