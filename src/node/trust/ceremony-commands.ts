/** `zhengtong trust ceremony …`: the off-line root, on a machine that no network reaches. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Fault } from "#kernel/errors/fault";
import { randomBytes } from "#kernel/random";
import { readPem } from "#lib/asn1/pem";
import { readRequest } from "#lib/certificate/request";
import { text } from "#lib/language/text";
import { REVOCATION_REASONS, type RevocationReason } from "#lib/revocation/reason";
import { readShare, SHARE_RANDOM_BYTES, type TextFault, writeShare } from "#lib/secret-sharing/share-text";
import { combineShares, type Share } from "#lib/secret-sharing/shares";
import { readX509 } from "#lib/x509/certificate";
import { commonNameOf } from "#lib/x509/distinguished-name";
import {
  beginCeremony,
  certifyAuthority,
  type Grant,
  profileOf,
  ROOT_LIST_DAYS,
  signRootList,
  suiteOf,
} from "../../infrastructure/trust/ceremony/ceremony.ts";
import { fingerprintForPeople, oneLine, writeProtocol } from "../../infrastructure/trust/ceremony/protocol.ts";
import { type CeremonyRecord, sharesOf } from "../../infrastructure/trust/ceremony/record.ts";
import { fits, type RootKey, rootKeys } from "../../infrastructure/trust/ceremony/root-holder.ts";
import { rootName, toPem } from "../../infrastructure/trust/certificates/authority-files.ts";
import { CERTIFICATE_SUITES, type CertificateSuite } from "../../infrastructure/trust/certificates/purposes.ts";
import { type CommandIo, UsageError } from "../command.ts";
import { readSecret } from "../secrets.ts";
import { CeremonyFolder, type CeremonyState } from "./ceremony-folder.ts";

export interface CeremonyOptions {
  readonly folder?: string | undefined;
  readonly operator?: string | undefined;
  readonly custodian?: readonly string[] | undefined;
  readonly threshold?: string | undefined;
  readonly suite?: readonly string[] | undefined;
  readonly url?: string | undefined;
  readonly present?: readonly string[] | undefined;
  readonly share?: readonly string[] | undefined;
  readonly passphrase?: readonly string[] | undefined;
  readonly request?: readonly string[] | undefined;
  readonly as?: string | undefined;
  readonly province?: string | undefined;
  readonly host?: readonly string[] | undefined;
  readonly revoke?: readonly string[] | undefined;
}

const NAMES_MAX = 32;

/** Makes a root: certificates, first list, shares, protocol. */
export async function begin(options: CeremonyOptions, io: CommandIo): Promise<void> {
  const { operator, custodian = [], threshold } = options;
  const wanted = Number(threshold);
  if (operator === undefined || custodian.length < 2 || !Number.isInteger(wanted))
    throw new UsageError(
      text(
        "请给出单位名称、两名以上保管人和行使所需的人数",
        "Name the operator, two or more custodians, and how many of them may act",
      ),
    );
  const suites = readSuites(options.suite);
  const folder = folderOf(options, io);
  const at = now();
  const passphrases = await readPassphrases(options.passphrase, io);
  await folder.make();
  const publicUrl = options.url?.replace(/\/+$/, "");
  const begun = await beginCeremony({
    ...{ operator, custodians: custodian, threshold: wanted, suites, at },
    ...(publicUrl !== undefined && { publicUrl }),
  }).catch((error: unknown) => {
    throw error instanceof RangeError ? new UsageError(text(error.message, error.message)) : error;
  });
  const { record, shares, keys, roots } = begun;
  for (const [suite, der] of roots) await folder.write(`${rootName(suite)}.pem`, toPem(der));
  const [first] = keys;
  if (first === undefined) throw new Fault("ERR_CEREMONY", { message: "no suite" });
  await folder.writeRecord(record, first);
  for (const share of shares) {
    const passphrase = passphrases.get(share.index);
    const written = await writeShare(
      share,
      passphrase === undefined ? undefined : { passphrase, randomness: randomBytes(SHARE_RANDOM_BYTES) },
    );
    io.print(
      await folder.writeShare(share.index, sharePaper(record, share, { written, isSealed: passphrase !== undefined })),
    );
  }
  const state: CeremonyState = {
    record,
    roots: new Map([...roots].map(([suite, der]) => [suite, readX509(der)])),
    revoked: [],
    protocols: [],
  };
  await signLists(folder, { state, keys, at });
  const done: Done = {
    title: "建立根密钥并分给保管人 The root was made and shared among the custodians",
    acting: custodian,
    lines: [
      `份额 ${record.custodians.length} 份，${wanted} 份可恢复 ${record.custodians.length} shares, ${wanted} of which give the key`,
      ...record.commitments.map(
        (digest, place) =>
          `份额 Share ${place + 1}, ${oneLine(record.custodians[place] ?? "")}: SHA-256 ${digest}${passphrases.has(place + 1) ? "，另有口令 under a passphrase" : ""}`,
      ),
      `吊销列表有效 ${ROOT_LIST_DAYS} 天 The list of revoked authorities is valid for ${ROOT_LIST_DAYS} days`,
    ],
  };
  io.print(await concludeAct(folder, { state, keys, at, present: options.present ?? [] }, done));
}

/** What a custodian gets on paper. */
function sharePaper(
  record: CeremonyRecord,
  share: Share,
  { written, isSealed }: { readonly written: string; readonly isSealed: boolean },
): string {
  return [
    "根密钥份额 Share of a root key",
    "",
    `单位 Operator:    ${oneLine(record.operator)}`,
    `仪式 Ceremony:    ${record.ceremony}`,
    `保管人 Custodian: ${oneLine(record.custodians[share.index - 1] ?? "")}`,
    `份额 Share:       ${share.index} / ${share.count}，${share.threshold} 份可恢复 ${share.threshold} of them give the key`,
    isSealed
      ? "另需口令才能使用。 Of no use without its passphrase."
      : "无口令：谁有这张纸，谁就有这份份额。 No passphrase: whoever has this paper has the share.",
    "",
    written,
    "打印后封存，销毁电子文件。每行末尾两个字符用于校对。",
    "Print it, seal it in an envelope, destroy the file. The last two characters of a line check it.",
    "",
  ].join("\n");
}

/** Certifies authorities on their requests. */
export async function sign(options: CeremonyOptions, io: CommandIo): Promise<void> {
  const { request: paths = [] } = options;
  if (paths.length === 0) throw new UsageError(text("请给出证书请求文件", "Name the files of requests"));
  const requests = await Promise.all(paths.map((path) => readRequestFile(resolve(io.folder, path), options)));
  await act(options, io, async ({ folder, state, keyOf, at }) => {
    const lines: string[] = [];
    for (const { path, request, grant, suite } of requests) {
      const [key, certificate] = keyOf(suite);
      const { publicUrl } = state.record;
      const der = await certifyAuthority({ key, certificate, publicUrl }, request, { ...grant, at });
      const { serial, subject } = readX509(der);
      io.print(await folder.writeIssued(serial, [der]));
      lines.push(
        `签发 Certified: ${oneLine(commonNameOf(subject))} (${grant.profile}, ${suite})${grant.province === undefined ? "" : `，仅限 ${oneLine(grant.province)} only`}${grant.hosts?.length ? `，仅限域名 only hosts ${grant.hosts.join(", ")}` : ""}`,
        `  请求文件 Request: ${oneLine(path)}；公钥 key SHA-256 ${fingerprintForPeople(request.publicKeyInfo)}`,
        `  序列号 Serial ${serial}；证书 certificate SHA-256 ${fingerprintForPeople(der)}`,
      );
    }
    return { title: "签发机构证书 Authorities were certified", lines };
  });
}

/** Signs the root's lists anew, with further authorities that ended where some are named: `SERIAL:REASON`. */
export async function lists(options: CeremonyOptions, io: CommandIo): Promise<void> {
  const ended = (options.revoke ?? []).map((one): readonly [string, RevocationReason] => {
    const [, serial = "", reason = "unspecified"] = /^([0-9a-f]{2,40})(?::([A-Za-z]+))?$/.exec(one) ?? [];
    if (serial === "" || !Object.hasOwn(REVOCATION_REASONS, reason) || reason === "removeFromCrl")
      throw new UsageError(text(`应为 序列号:原因，而非 ${one}`, `SERIAL:REASON, not ${one}`));
    return [serial, reason as RevocationReason];
  });
  await act(options, io, async ({ folder, state, keys, at }) => {
    const issued = await folder.issued();
    const strange = ended.find(([serial]) => !issued.includes(serial));
    if (strange !== undefined)
      throw new Fault("ERR_CEREMONY", { message: `this root issued no certificate ${strange[0]}` });
    const known = new Set(state.revoked.map(([serial]) => serial));
    const added = ended
      .filter(([serial]) => !known.has(serial))
      .map(([serial, reason]) => [serial, { atMs: at.epochMilliseconds, reason }] as const);
    const revoked = [...state.revoked, ...added];
    await folder.replace("revoked.json", `${JSON.stringify(revoked, null, 2)}\n`);
    await signLists(folder, { state: { ...state, revoked }, keys, at });
    return {
      title: "签发吊销列表 The lists were signed",
      lines: [
        ...added.map(([serial, { reason }]) => `吊销 Revoked: ${serial} (${reason})`),
        `列表共 ${revoked.length} 项 The lists have ${revoked.length} entries`,
      ],
    };
  });
}

/** Verifies what a folder says, without any share. */
export async function show(options: CeremonyOptions, io: CommandIo): Promise<void> {
  const { record, roots, revoked, protocols } = await folderOf(options, io).read();
  io.print(`${oneLine(record.operator)} · ${record.ceremony} · ${record.threshold}/${record.custodians.length}`);
  for (const root of roots.values())
    io.print(`${commonNameOf(root.subject)}\n  SHA-256 ${fingerprintForPeople(root.der)}`);
  io.print(
    `记录 ${protocols.length} 份，签名相符；吊销 ${revoked.length} 项  ${protocols.length} protocols, signed by the root; ${revoked.length} revoked`,
  );
}

interface Acting {
  readonly folder: CeremonyFolder;
  readonly state: CeremonyState;
  readonly keys: readonly RootKey[];
  readonly at: Temporal.Instant;
  keyOf(suite: CertificateSuite): readonly [RootKey, ReturnType<typeof readX509>];
}

interface Done {
  readonly title: string;
  readonly lines: readonly string[];
  readonly acting?: readonly string[];
}

/** Opens the root with the custodians' shares, does something, and writes the protocol. */
async function act(options: CeremonyOptions, io: CommandIo, work: (acting: Acting) => Promise<Done>): Promise<void> {
  const folder = folderOf(options, io);
  const state = await folder.read();
  const { record, roots } = state;
  const given = await readShares(options, io, record);
  const combined = combineShares(given, sharesOf(record));
  if (!("secret" in combined)) throw shareFault(record, combined);
  const keys = rootKeys(combined.secret, { ceremony: Uint8Array.fromHex(record.ceremony), suites: record.suites });
  combined.secret.fill(0);
  const keyOf = (suite: CertificateSuite) => {
    const key = keys.find((one) => one.suite === suite);
    const certificate = roots.get(suite);
    if (key === undefined || certificate === undefined)
      throw new Fault("ERR_CEREMONY", { message: `this root has no key in the ${suite} suite` });
    if (!fits(key, certificate.publicKeyInfo))
      throw new Fault("ERR_CEREMONY", { message: `${rootName(suite)}.pem is not of this ceremony` });
    return [key, certificate] as const;
  };
  for (const suite of record.suites) keyOf(suite);
  const at = now();
  const done = await work({ folder, state, keys, at, keyOf });
  const acting = given.map(({ index }) => record.custodians[index - 1] ?? "");
  io.print(await concludeAct(folder, { state, keys, at, present: options.present ?? [] }, { acting, ...done }));
}

function concludeAct(
  folder: CeremonyFolder,
  about: {
    readonly state: CeremonyState;
    readonly keys: readonly RootKey[];
    readonly at: Temporal.Instant;
    readonly present: readonly string[];
  },
  { title, lines, acting = [] }: Done,
): Promise<string> {
  const { state, keys, at, present } = about;
  const number = state.protocols.length + 1;
  const protocol = writeProtocol({
    ...{ record: state.record, number, at: at.toString(), title, acting, present: present.slice(0, NAMES_MAX), lines },
    roots: [...state.roots.values()].map(({ der }) => der),
    previous: state.protocols.at(-1),
  });
  return folder.writeProtocol(number, protocol, keys[0] as RootKey);
}

async function signLists(
  folder: CeremonyFolder,
  {
    state,
    keys,
    at,
  }: { readonly state: CeremonyState; readonly keys: readonly RootKey[]; readonly at: Temporal.Instant },
): Promise<void> {
  for (const key of keys) {
    const certificate = state.roots.get(key.suite);
    if (certificate === undefined) continue;
    const list = signRootList({ key, certificate }, { revoked: state.revoked, at });
    await folder.replace(`${rootName(key.suite)}.crl`, list);
  }
}

async function readShares(options: CeremonyOptions, io: CommandIo, record: CeremonyRecord): Promise<readonly Share[]> {
  const passphrases = await readPassphrases(options.passphrase, io);
  const shares: Share[] = [];
  for (const path of options.share ?? []) {
    const written = await readFile(resolve(io.folder, path), "utf8");
    let read = await readShare(written);
    if ("fault" in read && read.fault === "passphrase-needed")
      read = await readShare(written, passphrases.get(read.index));
    if ("fault" in read) throw new Fault("ERR_CEREMONY_SHARE", { message: `${path}: ${textFault(read, record)}` });
    shares.push(read);
  }
  return shares;
}

function textFault(read: TextFault, { custodians }: CeremonyRecord): string {
  switch (read.fault) {
    case "not-a-share":
      return "这不是份额 not a share";
    case "mistyped":
      return `第 ${read.line} 行有误 line ${read.line} is mistyped`;
    case "passphrase-needed":
      return `${oneLine(custodians[read.index - 1] ?? "")}: 需要口令 needs its passphrase (--passphrase ${read.index}=FILE)`;
    case "passphrase-wrong":
    case "passphrase-not-used":
      return `${oneLine(custodians[read.index - 1] ?? "")}: 口令不对 the passphrase does not open it`;
  }
}

const FAULTS = {
  "other-ceremony": "属于另一次仪式 is of another ceremony",
  wrong: "与建立时不符 is not the share that was made",
  duplicate: "重复提供 was given twice",
} as const;

function shareFault(
  record: CeremonyRecord,
  combined: Exclude<ReturnType<typeof combineShares>, { secret: unknown }>,
): Fault {
  const named = combined.faults.map(
    ({ at, index, fault }) =>
      `第 ${at + 1} 份 no. ${at + 1} (${index} ${oneLine(record.custodians[index - 1] ?? "")}): ${FAULTS[fault]}`,
  );
  const missing = combined.missing > 0 ? [`还差 ${combined.missing} 份 ${combined.missing} more are needed`] : [];
  return new Fault("ERR_CEREMONY_SHARE", { message: [...named, ...missing].join("; ") });
}

async function readRequestFile(path: string, options: CeremonyOptions) {
  const content = await readFile(path, "utf8");
  const [block] = readPem(content).filter(({ label }) => label === "CERTIFICATE REQUEST");
  const request = block && readRequest(block.der);
  const suite = request && suiteOf(request);
  if (request === undefined || suite === undefined)
    throw new UsageError(text(`${path} 不是可用的证书请求`, `${path} is not a request that can be used`));
  const profile = options.as === undefined ? profileOf(request) : profileNamed(options.as);
  if (profile === undefined)
    throw new UsageError(text(`${path}: 请用 --as 说明签发哪类机构`, `${path}: say with --as for which purpose`));
  const grant: Grant = {
    profile,
    ...(options.province !== undefined && { province: options.province }),
    ...(profile === "node-issuer" && options.host !== undefined && { hosts: options.host }),
  };
  return { path, request, suite, grant };
}

function profileNamed(name: string): Grant["profile"] | undefined {
  const known: readonly Grant["profile"][] = [
    ...(["node-issuer", "seal-issuer", "official-issuer", "person-issuer", "code-issuer", "stamp-issuer"] as const),
    "region",
  ];
  return known.find((one) => one === name || one === `${name}-issuer`);
}

function readSuites(given: readonly string[] = []): readonly CertificateSuite[] {
  const suites = CERTIFICATE_SUITES.filter((suite) => given.length === 0 || given.includes(suite));
  if (given.some((one) => !CERTIFICATE_SUITES.includes(one as CertificateSuite)))
    throw new UsageError(text("套件为 international 或 national", "A suite is international or national"));
  return suites;
}

/** `2=FILE`: the passphrase of the second share. */
async function readPassphrases(given: readonly string[] = [], io: CommandIo): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  for (const one of given) {
    const [, index, path] = /^(\d{1,2})=(.+)$/.exec(one) ?? [];
    if (index === undefined || path === undefined)
      throw new UsageError(text("口令应写作 份额号=文件", "A passphrase is given as NUMBER=FILE"));
    const named = /^\d$/.test(path) ? path : resolve(io.folder, path);
    const passphrase = await readSecret({ named, credential: "" });
    if (passphrase !== undefined) found.set(Number(index), passphrase);
  }
  return found;
}

/** To the second that has begun: what is signed now is valid now. */
function now(): Temporal.Instant {
  return Temporal.Now.instant().round({ smallestUnit: "second", roundingMode: "floor" });
}

function folderOf({ folder }: CeremonyOptions, io: CommandIo): CeremonyFolder {
  if (folder === undefined)
    throw new UsageError(text("请用 --folder 给出仪式目录", "Name the ceremony's folder with --folder"));
  return new CeremonyFolder(resolve(io.folder, folder));
}
