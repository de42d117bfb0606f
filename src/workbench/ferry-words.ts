import { type Text, text } from "#lib/language/text";

export const PARTNER_STATES: Readonly<Record<string, Text>> = {
  proposed: text("待确认", "To be confirmed"),
  confirmed: text("已确认", "Confirmed"),
  refused: text("不予确认", "Refused"),
  ended: text("已停用", "Ended"),
};

export const PACKAGE_STATES: Readonly<Record<string, Text>> = {
  draft: text("准备中", "Being gathered"),
  proposed: text("待放行", "To be released"),
  released: text("已放行，待导出", "Released, to be put on media"),
  exported: text("已导出，待回执", "On media, waiting for its receipt"),
  answered: text("已有回执", "Answered"),
  refused: text("不予放行", "Refused"),
};

export const OUTCOMES: Readonly<Record<string, Text>> = {
  accepted: text("已接收", "Accepted"),
  replayed: text("拒收：重复的包", "Refused: it came before"),
  "out-of-order": text("拒收：前一个包尚未收到", "Refused: an earlier one is missing"),
  incomplete: text("拒收：缺损过多", "Refused: too much is missing"),
  altered: text("拒收：内容被改动", "Refused: it was altered"),
  "not-for-us": text("拒收：不是送给本节点的", "Refused: it is for another node"),
  "unknown-sender": text("拒收：不认识的来源", "Refused: its sender is not known"),
  "not-released": text("拒收：没有两名工作人员的有效签名", "Refused: two officials have not signed it"),
  "not-allowed": text("拒收：内容不允许进入本区域", "Refused: what is in it may not come here"),
};

/** How a state is drawn. */
export function tagOf(state: string): string {
  if (["confirmed", "accepted", "answered"].includes(state)) return "";
  if (["proposed", "draft", "released", "exported"].includes(state)) return "zt-tag--wait";
  return "zt-tag--bad";
}
