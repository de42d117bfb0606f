/**
 * The folder of a root ceremony, on a machine that no network reaches:
 *
 *     ceremony.json, ceremony.json.sig      who holds shares; signed by the root
 *     root.pem, root-sm2.pem                the root's certificates
 *     root.crl, root-sm2.crl                its lists
 *     protocol-0001.md, protocol-0001.md.sig …
 *     issued/SERIAL.pem                     every authority that was certified
 *     revoked.json                          which of them ended before their time
 *     shares/1.txt …                        to be printed and then destroyed
 */
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "#kernel/errors/fault";
import { verifySigned, writeAlgorithm } from "#lib/certificate/algorithms";
import type { Revocation } from "#lib/revocation/reason";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { type CeremonyRecord, readRecord, recordBytes } from "../../infrastructure/trust/ceremony/record.ts";
import type { RootKey } from "../../infrastructure/trust/ceremony/root-holder.ts";
import { fromPem, rootName, toPem } from "../../infrastructure/trust/certificates/authority-files.ts";
import { type CertificateSuite, SUITE_KEYS } from "../../infrastructure/trust/certificates/purposes.ts";
import "../faults.ts";

const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const FILE_MAX_CHARACTERS = 1 << 20;

export interface CeremonyState {
  readonly record: CeremonyRecord;
  readonly roots: ReadonlyMap<CertificateSuite, X509Certificate>;
  readonly revoked: readonly (readonly [serial: string, Revocation])[];
  readonly protocols: readonly string[];
}

export class CeremonyFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** @throws {Fault} ERR_CEREMONY when there is a ceremony in it already */
  async make(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    if ((await readdir(this.path)).length > 0)
      throw new Fault("ERR_CEREMONY", { message: `${this.path} is not empty` });
    await mkdir(join(this.path, "shares"), { mode: 0o700 });
    await mkdir(join(this.path, "issued"), { mode: 0o755 });
  }

  /** Reads a ceremony, and verifies that the root signed what stands there. @throws {Fault} ERR_CEREMONY */
  async read(): Promise<CeremonyState> {
    const record = readRecord(await this.#text("ceremony.json"));
    if (record === undefined) throw new Fault("ERR_CEREMONY", { message: `${this.path}/ceremony.json is no record` });
    const roots = new Map<CertificateSuite, X509Certificate>();
    for (const suite of record.suites) roots.set(suite, readX509(fromPem(await this.#text(`${rootName(suite)}.pem`))));
    await this.#verify("ceremony.json", recordBytes(record), signerOf(record, roots));
    const protocols: string[] = [];
    for (const name of (await readdir(this.path)).filter((one) => /^protocol-\d{4}\.md$/.test(one)).sort()) {
      const text = await this.#text(name);
      await this.#verify(name, new TextEncoder().encode(text), signerOf(record, roots));
      protocols.push(text);
    }
    const revoked = JSON.parse(await this.#text("revoked.json")) as CeremonyState["revoked"];
    return { record, roots, revoked, protocols };
  }

  async writeRecord(record: CeremonyRecord, key: RootKey): Promise<void> {
    await this.write("ceremony.json", `${JSON.stringify(record, null, 2)}\n`);
    await this.write("ceremony.json.sig", key.sign(recordBytes(record)));
    await this.write("revoked.json", "[]\n");
  }

  async writeProtocol(number: number, text: string, key: RootKey): Promise<string> {
    const name = `protocol-${String(number).padStart(4, "0")}.md`;
    await this.write(name, text);
    await this.write(`${name}.sig`, key.sign(new TextEncoder().encode(text)));
    return join(this.path, name);
  }

  writeShare(index: number, text: string): Promise<string> {
    return this.write(join("shares", `${index}.txt`), text, SECRET_MODE);
  }

  writeIssued(serial: string, chain: readonly Uint8Array[]): Promise<string> {
    return this.write(join("issued", `${serial}.pem`), chain.map(toPem).join(""));
  }

  async issued(): Promise<readonly string[]> {
    return (await readdir(join(this.path, "issued"))).map((name) => name.replace(/\.pem$/, ""));
  }

  /** Writes a file that is not there yet. */
  async write(name: string, content: string | Uint8Array, mode = PUBLIC_MODE): Promise<string> {
    const path = join(this.path, name);
    await writeFile(path, content, { mode, flag: "wx" });
    return path;
  }

  /** Puts a file in the place of another, whole. */
  async replace(name: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.path, name);
    await writeFile(`${path}.new`, content, { mode: PUBLIC_MODE });
    await rename(`${path}.new`, path);
  }

  async #text(name: string): Promise<string> {
    const text = await readFile(join(this.path, name), "utf8");
    if (text.length > FILE_MAX_CHARACTERS) throw new Fault("ERR_CEREMONY", { message: `${name} is too big` });
    return text;
  }

  async #verify(name: string, signed: Uint8Array, root: X509Certificate): Promise<void> {
    const signature = new Uint8Array(await readFile(join(this.path, `${name}.sig`)));
    const suite = CERTIFICATE_KEYS.find((one) =>
      verifySigned({ ...one, publicKeyInfo: root.publicKeyInfo, signed, signature }),
    );
    if (suite === undefined) throw new Fault("ERR_CEREMONY", { message: `the root did not sign ${name}` });
  }
}

const CERTIFICATE_KEYS = Object.values(SUITE_KEYS).map(({ algorithm }) => ({ algorithm: writeAlgorithm(algorithm) }));

/** Records and protocols are signed in the first suite: by P-256 where there is one, which every tool verifies. */
function signerOf(record: CeremonyRecord, roots: CeremonyState["roots"]): X509Certificate {
  const root = roots.get(record.suites[0] as CertificateSuite);
  if (root === undefined) throw new Fault("ERR_CEREMONY", { message: "a ceremony without a root" });
  return root;
}
