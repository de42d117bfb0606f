import { type Text, text } from "#lib/language/text";

/** One row that is not what it should be. */
export interface LedgerFinding {
  readonly table: "entry" | "subject" | "checkpoint" | "node";
  /** Which row: an entry's id, a checkpoint's size, a node's level/index. */
  readonly row: string;
  readonly problem: Text;
}

export const PROBLEMS = {
  gap: text("与前一检查点不衔接，中间有检查点缺失", "It does not follow the one before: a checkpoint is missing"),
  entryDeleted: text("条目已被删除", "The entry was deleted"),
  entryChanged: text(
    "条目内容与树中的散列不符，已被改动",
    "The entry does not match its hash in the tree: it was changed",
  ),
  signature: text("检查点签名无效", "The checkpoint's signature is not valid"),
  succession: text(
    "日志密钥的更替说明与日志不符，已被改动",
    "How the log's key was followed by another is not what the log says: it was changed",
  ),
  root: text("所签树根与各条目算出的树根不符", "The signed root is not the root of the entries"),
  range: text("保存的子树散列不符", "The stored hashes of the subtrees are wrong"),
  version: text("条目版本无法识别", "The entry is of an unknown version"),
  contentDeleted: text("内容已被删除", "The content was deleted"),
  contentClosed: text("内容无法解密，已被改动或移位", "The content does not open: it was changed or moved"),
  contentChanged: text("内容与承诺值不符，已被改动", "The content does not match its commitment: it was changed"),
  node: text("树节点缺失或已被改动", "The tree's node is missing or was changed"),
  subjectMissing: text("当事人索引行已被删除", "The row by which a subject finds the entry was deleted"),
  subjectsChanged: text("当事人名单与承诺值不符", "The subjects do not match what was committed to"),
  withheld: text("延期告知的期限已被改动", "Until when it is withheld from its subject was changed"),
  subjectSurplus: text("当事人索引行多于各条目所载", "There are more rows of subjects than the entries name"),
  slippedIn: text("条目不在任何检查点之内，是事后插入的", "No checkpoint covers the entry: it was slipped in later"),
} as const;

export function report(
  findings: LedgerFinding[],
  table: LedgerFinding["table"],
  row: string | number,
  problem: Text,
): undefined {
  findings.push({ table, row: String(row), problem });
}
