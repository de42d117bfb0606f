/** The protocol of an act (仪式记录), for people: who was there, what was done, under which fingerprints. The root signs its bytes. */
import { sha256Hex } from "#lib/crypto/digest";
import { readX509 } from "#lib/x509/certificate";
import { commonNameOf } from "#lib/x509/distinguished-name";
import type { CeremonyRecord } from "./record.ts";

export interface ProtocolContent {
  readonly record: CeremonyRecord;
  /** 1, 2, 3 … */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** What was done, in both languages. */
  readonly title: string;
  /** Custodians who gave their share; at the beginning all receive one. */
  readonly acting: readonly string[];
  /** Others in the room. */
  readonly present: readonly string[];
  /** By suite. */
  readonly roots: readonly Uint8Array[];
  /** What was decided, a line each. */
  readonly lines: readonly string[];
  /** The protocol before this one, whole. */
  readonly previous: string | undefined;
}

/** The text, in Markdown. */
export function writeProtocol(content: ProtocolContent): string {
  const { record, number, at, title, acting, present, roots, lines, previous } = content;
  const local = Temporal.Instant.from(at).toZonedDateTimeISO("Asia/Shanghai").toPlainDateTime().toString();
  return [
    `# 根密钥仪式记录 Protocol of a root ceremony, no. ${number}`,
    "",
    `- 事项 Act: ${title}`,
    `- 时间 Time: ${at} (${local.slice(0, 19)} Asia/Shanghai)`,
    `- 单位 Operator: ${oneLine(record.operator)}`,
    `- 仪式 Ceremony: ${record.ceremony}`,
    `- 保管人 Custodians: ${record.custodians.map(oneLine).join("、")}；${record.threshold} 人可行使 of whom ${record.threshold} may act`,
    `- 到场保管人 Custodians who acted: ${acting.map(oneLine).join("、")}`,
    `- 在场人员 Others present: ${present.length === 0 ? "—" : present.map(oneLine).join("、")}`,
    "",
    "## 根证书 Root certificates",
    "",
    ...roots.map((der) => `- ${oneLine(commonNameOf(readX509(der).subject))}\n  SHA-256 ${fingerprintForPeople(der)}`),
    "",
    "## 内容 What was done",
    "",
    ...lines.map((line) => `- ${line}`),
    "",
    `上一份记录的 SHA-256 of the protocol before this one: ${previous === undefined ? "—" : sha256Hex(new TextEncoder().encode(previous))}`,
    "",
    "签名 Signatures: ______________________________________________",
    "",
  ].join("\n");
}

/** Four digits at a time, as people read them out to each other. */
export function fingerprintForPeople(bytes: Uint8Array): string {
  return sha256Hex(bytes).match(/.{4}/g)?.join(" ") ?? "";
}

/** Names are written by people and stand in a line. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}`*_[\]<>#]+/gu, " ").trim();
}
