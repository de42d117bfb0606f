/** What the parts of an answer are called on pages that are derived from a contract. */
import { z } from "zod";
import type { Contract, Operation } from "#kernel/contract/contract";
import { type FieldMeta, fieldMeta, unwrapped } from "#kernel/contract/field";
import { type Text, text } from "#lib/language/text";

const DEPTH_MAX = 6;

/** By name: what the contract says of it. */
export type AnswerWords = ReadonlyMap<string, Pick<FieldMeta, "title" | "options">>;

/**
 * What an operation's own schemas say of the names in its answer, then the room's registers, then the words that many
 * contracts share.
 */
export function answerWords(contract: Contract, { input, output }: Pick<Operation, "input" | "output">): AnswerWords {
  const words = new Map<string, Pick<FieldMeta, "title" | "options">>();
  const take = (schema: z.ZodType, depth = 0): void => {
    const inner = unwrapped(schema);
    if (depth > DEPTH_MAX) return;
    if (inner instanceof z.ZodArray) take(inner.element as z.ZodType, depth + 1);
    if (!(inner instanceof z.ZodObject)) return;
    for (const [name, part] of Object.entries(inner.shape) as [string, z.ZodType][]) {
      const meta = fieldMeta(part);
      if (meta && !words.has(name)) words.set(name, meta);
      take(part, depth + 1);
    }
  };
  take(output);
  take(input);
  for (const { schema } of Object.values(contract.registers)) take(schema);
  for (const [name, title] of Object.entries(SHARED)) if (!words.has(name)) words.set(name, { title });
  return words;
}

const SHARED: Readonly<Record<string, Text>> = {
  action: text("操作", "Action"),
  actionTitle: text("操作名称", "What the action is called"),
  activatedAt: text("启用时间", "Activated"),
  activeFrom: text("启用日期", "In use from"),
  algorithms: text("算法", "Algorithms"),
  appointment: text("任职编号", "Appointment"),
  approvedBy: text("批准人", "Approved by"),
  askedAt: text("登记时间", "Asked"),
  at: text("时间", "When"),
  authority: text("机构", "Authority"),
  authorityName: text("机构名称", "Name of the authority"),
  byId: text("经办人编号", "By whom"),
  byKind: text("经办人类别", "Kind of person"),
  chain: text("证书链", "Chain"),
  clearedAt: text("清空时间", "Nothing is sealed with it since"),
  client: text("系统", "System"),
  closed: text("未能打开", "Could not be opened"),
  conflicts: text("冲突", "Conflicts"),
  content: text("内容", "Content"),
  decidedAt: text("审批时间", "Decided"),
  decidedBy: text("审批人", "Decided by"),
  decisionReason: text("审批理由", "Reason of the decision"),
  derived: text("派生", "Derived"),
  destroyedAt: text("销毁时间", "Destroyed"),
  digest: text("摘要", "Digest"),
  documentEnd: text("证件号码末位", "End of the document number"),
  effectiveAt: text("生效时间", "Takes effect"),
  ends: text("终止对象", "Ends"),
  erases: text("一并删除数据", "Erases what is sealed with it"),
  finished: text("完成时间", "Finished"),
  from: text("起始", "From"),
  generation: text("代次", "Generation"),
  givenAt: text("同意时间", "Agreed"),
  hasSecret: text("有系统密钥", "Has a secret"),
  how: text("方式", "How"),
  id: text("编号", "Identifier"),
  inForceFrom: text("生效时间", "In force from"),
  items: text("列表", "List"),
  keyFingerprint: text("公钥指纹", "Fingerprint of the key"),
  keyId: text("密钥编号", "Key"),
  keys: text("密钥", "Keys"),
  legalBasis: text("法律依据", "Legal basis"),
  level: text("级别", "Level"),
  lines: text("明细", "Lines"),
  madeAt: text("生成时间", "Made"),
  more: text("还有更多", "There are more"),
  name: text("名称", "Name"),
  next: text("下一页", "Next page"),
  number: text("编号", "Number"),
  officialId: text("人员编号", "Official"),
  officialName: text("姓名", "Name of the official"),
  on: text("日期", "On"),
  onLeave: text("请假中", "On leave"),
  one: text("一方", "One"),
  organizationName: text("单位名称", "Name of the organization"),
  other: text("另一方", "Other"),
  penaltyDecision: text("行政处罚决定书文号", "Number of the penalty decision"),
  personName: text("姓名", "Name"),
  policies: text("策略", "Policies"),
  position: text("位置", "Position"),
  post: text("岗位编号", "Post"),
  postId: text("岗位编号", "Post"),
  postTitle: text("岗位", "Title of the post"),
  problems: text("问题", "Problems"),
  processesUntil: text("可解密至", "Opens until"),
  progress: text("进度", "Progress"),
  proposals: text("待审批", "Proposals"),
  proposedAt: text("提出时间", "Proposed"),
  proposedBy: text("提出人", "Proposed by"),
  protectsUntil: text("使用至", "In use until"),
  purpose: text("用途", "Purpose"),
  reason: text("理由", "Reason"),
  recordedAt: text("记录时间", "Recorded"),
  redirectUris: text("回调地址", "Redirect addresses"),
  registeredAt: text("登记时间", "Registered"),
  resealed: text("已重新加密", "Sealed anew"),
  rule: text("规则", "Rule"),
  scopes: text("信息范围", "Scopes"),
  sector: text("行业", "Sector"),
  size: text("大小", "Size"),
  standInName: text("代理人", "Name of the stand-in"),
  standsInFor: text("代理", "Stands in for"),
  state: text("状态", "State"),
  status: text("状态", "State"),
  suite: text("密码套件", "Suite"),
  to: text("截止", "To"),
  uses: text("用途", "Uses"),
  withdrawalReason: text("撤回理由", "Reason of the withdrawal"),
  withdrawnAt: text("撤回时间", "Withdrawn"),
  withdrawnBy: text("撤回人", "Withdrawn by"),
  words: text("说明", "Words"),
};
