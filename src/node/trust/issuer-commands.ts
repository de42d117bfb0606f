/** `zhengtong trust issuer …`: the authorities of a node below a root that is not on it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readPem, writePem } from "#lib/asn1/pem";
import { readCertifyingKey } from "#lib/certificate/algorithms";
import { defaultSuiteChoice } from "#lib/crypto/purposes";
import { isRsaKey } from "#lib/crypto/rsa";
import { text } from "#lib/language/text";
import { readX509 } from "#lib/x509/certificate";
import { fingerprintForPeople } from "../../infrastructure/trust/ceremony/protocol.ts";
import { AuthorityFiles, fingerprintOf, fromPem } from "../../infrastructure/trust/certificates/authority-files.ts";
import {
  type InstallProblem,
  installAuthorities,
  requestAuthorities,
} from "../../infrastructure/trust/certificates/installing.ts";
import { openFileKeys } from "../../infrastructure/trust/keys/file-key-store.ts";
import { type CommandIo, UsageError } from "../command.ts";
import { keysOpening, readConfiguration } from "../configuration.ts";
import { holdDataFolder } from "../data-folder.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";

export interface IssuerOptions {
  readonly operator?: string | undefined;
  readonly out?: string | undefined;
  readonly fingerprint?: readonly string[] | undefined;
}

/** Makes the keys of the node's authorities and writes requests for their certificates. */
export async function request({ operator, out }: IssuerOptions, io: CommandIo): Promise<ExitCode> {
  if (operator === undefined || out === undefined)
    throw new UsageError(
      text(
        "请用 --operator 给出单位名称，用 --out 给出存放请求的目录",
        "Name the operator with --operator and a folder for the requests with --out",
      ),
    );
  return withKeys(io, async (place, suites) => {
    const requests = await requestAuthorities(place, { operator, suites });
    const folder = resolve(io.folder, out);
    await mkdir(folder, { recursive: true });
    for (const { name, generation, der } of requests) {
      const path = join(folder, `${name}.${generation}.csr`);
      await writeFile(path, writePem({ label: "CERTIFICATE REQUEST", der }));
      io.print(path);
    }
    io.report(
      text(
        "请把这些文件带到根密钥仪式，取回证书后运行 zhengtong trust issuer install",
        "Take these files to the root's ceremony; when the certificates are back, run zhengtong trust issuer install",
      ),
    );
    return EXIT_CODES.OK;
  });
}

/** Installs roots, authorities' certificates and lists. */
export async function install(
  files: readonly string[],
  { fingerprint = [] }: IssuerOptions,
  io: CommandIo,
): Promise<ExitCode> {
  if (files.length === 0) throw new UsageError(text("请给出证书文件", "Name the files of certificates"));
  const contents = await Promise.all(files.map((file) => readFile(resolve(io.folder, file))));
  const certificates: Uint8Array[] = [];
  const lists: Uint8Array[] = [];
  for (const content of contents) {
    const blocks = readPem(content.toString("latin1"));
    if (blocks.length === 0) lists.push(new Uint8Array(content));
    for (const { label, der } of blocks) (label === "X509 CRL" ? lists : certificates).push(der);
  }
  return withKeys(io, async (place) => {
    const { installed, problems } = await installAuthorities(place, {
      ...{ certificates, lists, atMs: Date.now() },
      fingerprints: fingerprint.map((one) => one.toLowerCase().replaceAll(/[\s:]/g, "")),
    });
    for (const one of installed) io.print(one);
    for (const { fingerprint: of, problem } of problems) {
      const { zh, en } = PROBLEMS[problem];
      io.report(text(`${zh}${of && `（${of}）`}`, `${en}${of && ` (${of})`}`));
    }
    return problems.length === 0 ? EXIT_CODES.OK : EXIT_CODES.FAILED;
  });
}

const PROBLEMS: Readonly<Record<InstallProblem, ReturnType<typeof text>>> = {
  "no-root": text("缺少根证书", "No root is among them"),
  fingerprint: text(
    "请与仪式记录核对根证书指纹，无误后用 --fingerprint 给出",
    "Compare the root's fingerprint with the ceremony's protocol and give it with --fingerprint",
  ),
  "no-key": text("这张证书的密钥不在本节点", "The key of this certificate is not on this node"),
  path: text("证书不是这些根签发的，或者不在有效期内", "None of the roots certifies it now"),
  "not-an-authority": text("证书不能签发证书和吊销列表", "It may not sign certificates and lists"),
  uses: text("证书的用途与机构不符", "It is for another purpose than this authority's"),
  unreadable: text("根证书不可用", "The root cannot be used"),
  list: text("吊销列表不是这些根签发的，或者已过期", "A list is not of these roots, or has expired"),
};

/** Trusts the root of another certification body, for what it issues to others. */
export async function addAnchor(
  files: readonly string[],
  { fingerprint = [] }: IssuerOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const ders = await Promise.all(files.map(async (file) => fromPem(await readFile(resolve(io.folder, file), "utf8"))));
  const given = fingerprint.map((one) => one.toLowerCase().replaceAll(/[\s:]/g, ""));
  return withKeys(io, async ({ folder }) => {
    for (const der of ders) {
      const certificate = readX509(der);
      // Throws for a key that nothing of ours verifies with; others' roots may be RSA.
      if (!isRsaKey(certificate.publicKeyInfo)) readCertifyingKey(certificate.publicKeyInfo);
      const isRoot = certificate.isAuthority && certificate.issuer.key === certificate.subject.key;
      if (!isRoot || !given.includes(fingerprintOf(der))) {
        const { zh, en } = isRoot ? PROBLEMS.fingerprint : PROBLEMS.unreadable;
        io.report(text(`${zh}（${fingerprintOf(der)}）`, `${en} (${fingerprintOf(der)})`));
        return EXIT_CODES.FAILED;
      }
    }
    for (const der of ders) await new AuthorityFiles(folder).addRoot(der);
    return EXIT_CODES.OK;
  });
}

/** Prints the fingerprint of certificates, as protocols show it. */
export async function fingerprints(files: readonly string[], io: CommandIo): Promise<ExitCode> {
  for (const file of files) {
    for (const { label, der } of readPem(await readFile(resolve(io.folder, file), "utf8")))
      if (label === "CERTIFICATE") io.print(`${file}: ${fingerprintForPeople(der)}`);
  }
  return EXIT_CODES.OK;
}

async function withKeys(
  io: CommandIo,
  work: (
    place: Parameters<typeof requestAuthorities>[0],
    suites: Parameters<typeof requestAuthorities>[1]["suites"],
  ) => Promise<ExitCode>,
): Promise<ExitCode> {
  const configuration = readConfiguration(io.environment, io.folder);
  const folder = await holdDataFolder(configuration.dataFolder);
  try {
    const { store } = await openFileKeys(folder.keys, {
      ...keysOpening(configuration),
      demonstration: false,
    });
    return await work(
      { keys: store, folder: folder.keys },
      configuration.suites ?? defaultSuiteChoice({ demonstration: false }),
    );
  } finally {
    await folder.release();
  }
}
