#!/usr/bin/env node
import { readFileSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Certificate, readCertificates } from "./src/certificate.ts";
import { parseLogKey } from "./src/checkpoint.ts";
import type { Jwk } from "./src/crypto.ts";
import { parseNodeKey } from "./src/exchange.ts";
import { Refusal, type Report, type Verdict } from "./src/report.ts";
import { readSuccessions } from "./src/succession.ts";
import { type Trust, verifyFile, verifyLicenceNumber } from "./src/verify-file.ts";
import { readWitnessPolicy } from "./src/witness.ts";
import { HEADLINE, SIGN } from "./src/words.ts";

const EXIT: Readonly<Record<Verdict | "usage", number>> = { valid: 0, invalid: 1, usage: 2, unanchored: 3, pending: 3 };
const NUMBER = /^JY[0-9A-Za-z]*$/;
const FILE_MAX_BYTES = 512 * 1024 * 1024;

const USAGE = `用法 Usage: node verify.ts FILE… [JY编号 licence number…]
  --root FILE        信任的根证书，PEM 或 DER，可多次给出    a root certificate that you trust; repeatable
  --jwk FILE         发证机关公钥（JWK）                    the issuer's public key
  --log-key KEY      存证日志公钥，一行文字或文件；可多次    the ledger's key, the line itself or a file; repeatable:
                     给出，每一个都须签过检查点              each must have signed the checkpoint
  --successions FILE 日志密钥的更替说明（/log/successions），  how the log's keys followed each other; repeatable.
                     可多次给出；凭证和证据包自带            Receipts and bundles bring them along
  --checkpoint FILE  以前留存的检查点                        a checkpoint that you kept
  --witness KEY      见证者公钥，可多次给出                  a witness's key; repeatable
  --issued FILE      证书签发的存证证据，可多次给出          proof that a certificate's issuance is in the ledger; repeatable
  --require-issued   签发未经存证证明的证书一律拒绝          refuse certificates whose issuance nothing proves
  --quorum N         需要几个见证者，默认过半                how many witnesses are needed; default more than half
  --peer-log-key KEY 另一方节点的存证日志公钥               the key of the other node's ledger
  --node-key N=KEY   节点及其报文公钥（SPKI，base64），可多次    a node and its key for messages; repeatable
  --at TIME          按此时间核验，如 2027-01-31T00:00:00Z   judge at this moment instead of now
  --lang zh|en       只用一种语言                            one language only
  --json             输出 JSON                               print JSON
退出码 Exit: 0 有效 valid · 1 无效 not valid · 2 用法或文件错误 usage or unreadable · 3 尚不能断定 cannot be decided yet`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      root: { type: "string", multiple: true },
      jwk: { type: "string" },
      "log-key": { type: "string", multiple: true },
      successions: { type: "string", multiple: true },
      checkpoint: { type: "string" },
      witness: { type: "string", multiple: true },
      issued: { type: "string", multiple: true },
      "require-issued": { type: "boolean" },
      quorum: { type: "string" },
      "peer-log-key": { type: "string" },
      "node-key": { type: "string", multiple: true },
      at: { type: "string" },
      lang: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true || positionals.length === 0) {
    console.log(USAGE);
    return values.help === true ? 0 : EXIT.usage;
  }
  const trust = readTrust(values);
  const reports: { readonly file: string; readonly report: Report }[] = [];
  const inputs = positionals.map((file) => ({ file, bytes: NUMBER.test(file) ? undefined : readInput(file) }));
  const documents = inputs.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes]));
  for (const { file, bytes } of inputs) {
    const report =
      bytes === undefined ? await verifyLicenceNumber(file) : await verifyFile(bytes, { ...trust, documents });
    reports.push({ file, report });
  }
  if (values.json === true)
    console.log(
      JSON.stringify(
        reports.map(({ file, report }) => ({ file, ...report })),
        undefined,
        2,
      ),
    );
  else for (const { file, report } of reports) print(file, report, values.lang);
  return worst(reports.map(({ report }) => report.verdict));
}

function readTrust(values: {
  readonly root?: string[] | undefined;
  readonly jwk?: string | undefined;
  readonly "log-key"?: string[] | undefined;
  readonly successions?: string[] | undefined;
  readonly checkpoint?: string | undefined;
  readonly witness?: string[] | undefined;
  readonly issued?: string[] | undefined;
  readonly "require-issued"?: boolean | undefined;
  readonly quorum?: string | undefined;
  readonly "peer-log-key"?: string | undefined;
  readonly "node-key"?: string[] | undefined;
  readonly at?: string | undefined;
}): Trust {
  const atMs = values.at === undefined ? Date.now() : Date.parse(values.at);
  if (Number.isNaN(atMs)) throw new Refusal("usage", `时间无法识别：${values.at}`, `Not a time: ${values.at}`);
  const roots: Certificate[] = (values.root ?? []).flatMap((file) => [...readCertificates(readInput(file))]);
  const logKeys = values["log-key"]?.map(keyText);
  return {
    roots,
    atMs,
    jwk: values.jwk === undefined ? undefined : (JSON.parse(readText(values.jwk)) as Jwk),
    logKey: logKeys === undefined ? undefined : parseLogKey(logKeys.join("\n")),
    successions: values.successions?.flatMap((file) => [...readSuccessions(readText(file))]),
    keptCheckpoint: values.checkpoint === undefined ? undefined : readText(values.checkpoint),
    witnesses: readWitnessPolicy(values.witness ?? [], values.quorum),
    certificateProofs: values.issued?.map(readText),
    issuanceRequired: values["require-issued"],
    peerLogKey: values["peer-log-key"] === undefined ? undefined : parseLogKey(keyText(values["peer-log-key"])),
    nodeKeys: values["node-key"]?.map(parseNodeKey),
  };
}

/** The line itself, or a file that holds it. */
function keyText(given: string): string {
  return /^[^\s]+\+[0-9a-f]{8}\+/.test(given) ? given : readText(given);
}

function readInput(file: string): Uint8Array {
  if (statSync(file).size > FILE_MAX_BYTES)
    throw new Refusal("usage", `文件过大：${file}`, `The file is too big: ${file}`);
  return new Uint8Array(readFileSync(file));
}

function readText(file: string): string {
  return new TextDecoder().decode(readInput(file));
}

function print(file: string, report: Report, language: string | undefined): void {
  const say = (zh: string, en: string): string => (language === "zh" ? zh : language === "en" ? en : `${zh}  ${en}`);
  const [zh, en] = HEADLINE[report.verdict];
  console.log(`${file}: ${say(zh, en)}`);
  for (const finding of report.findings) console.log(`  ${SIGN[finding.weight]} ${plain(say(finding.zh, finding.en))}`);
  for (const [name, fact] of Object.entries(report.facts)) console.log(`    ${name}: ${plain(JSON.stringify(fact))}`);
}

/** A file names people and offices: what would steer the terminal, or turn the direction of the text, is shown as a mark. */
function plain(words: string): string {
  return words.replace(/[\p{Cc}\p{Cf}]/gu, "\ufffd");
}

function worst(verdicts: readonly Verdict[]): number {
  if (verdicts.includes("invalid")) return EXIT.invalid;
  return Math.max(...verdicts.map((verdict) => EXIT[verdict]));
}

try {
  process.exitCode = await main();
} catch (error) {
  const refusal = error instanceof Refusal ? `${error.finding.zh}  ${error.finding.en}` : (error as Error).message;
  console.error(`${refusal}\n\n${USAGE}`);
  process.exitCode = EXIT.usage;
}
