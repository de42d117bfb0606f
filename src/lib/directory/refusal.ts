import { type Text, text } from "#lib/language/text";

/** Why a directory is not believed. */
export type DirectoryFault =
  | "malformed"
  | "missing"
  | "unsigned"
  | "rolled-back"
  | "forked"
  | "broken-chain"
  | "expired"
  | "outside"
  | "duplicate"
  | "dangling"
  | "circular"
  | "forgotten";

export interface DirectoryRefusal {
  readonly kind: "refused";
  readonly fault: DirectoryFault;
  /** The division whose part is at fault: what a node keeps of it from before may still be good. */
  readonly part: string;
  /** What it is about: a code, an id, a version. */
  readonly subject: string;
}

/** For whoever runs a node. */
export const DIRECTORY_FAULT_WORDS: Readonly<Record<DirectoryFault, Text>> = Object.freeze({
  malformed: text("格式不符合规定", "is not in the form that is laid down"),
  missing: text("缺少此前已有的部分", "is not there, though it was before"),
  unsigned: text("没有应有的签名", "is not signed by whom it should be"),
  "rolled-back": text("版本比已收到的旧", "is older than what was taken before"),
  forked: text("与已收到的同一版本内容不同", "contradicts the version that was taken before"),
  "broken-chain": text("与已收到的版本之间缺少环节", "does not lead on from the version that was taken before"),
  expired: text("已过有效期", "has expired"),
  outside: text("超出其行政区划", "speaks of a division that is not its own"),
  duplicate: text("代码、证书或者日志名重复", "gives a code, division, certificate or log's name twice"),
  dangling: text("指向不存在的对象", "points to what is not there"),
  circular: text("指向自身", "leads back to where it began"),
  forgotten: text("遗漏了此前的代码", "forgets a code that was given before"),
});

export function refused(fault: DirectoryFault, part: string, subject: string): DirectoryRefusal {
  return Object.freeze({ kind: "refused", fault, part, subject });
}
