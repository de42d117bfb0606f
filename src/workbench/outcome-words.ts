import { formDescriptors } from "#kernel/derived/form-descriptors";
import type { Site } from "#kernel/http/site";
import { fill, type Text, text } from "#lib/language/text";
import type { XRoadErrorType } from "#lib/xroad/error";

/** How a call ended that another node or a foreign system made or answered: what the log of exchanges can be searched by. */
export const EXCHANGE_OUTCOMES: Readonly<Record<string, Text>> = {
  answered: text("已答复", "answered"),
  done: text("完成", "done"),
  sent: text("已发送", "sent"),
  denied: text("无权，已拒绝", "denied"),
  refused: text("来件不合要求，已拒收", "turned away"),
  unanswered: text("未得到答复", "no answer came"),
  unavailable: text("对方无法访问", "could not be reached"),
  broken: text("答复与契约不符", "answered against its contract"),
  failed: text("出错", "failed"),
  "invalid-input": text("内容有误", "wrong content"),
  "purpose-missing": text("未说明目的和依据", "no purpose or basis given"),
  "quota-spent": text("授权用量已完或已停", "grant used up or ended"),
  "assurance-needed": text("须先验证身份", "proof of identity needed"),
  "repeated-differently": text("同一编号内容不同", "same number, other content"),
  "retention-ended": text("保存期限届满", "its time ended"),
};

/** What the edge for foreign systems says no with. */
const EDGE_OUTCOMES: Readonly<Record<XRoadErrorType, Text>> = {
  "Client.BadRequest": text("外部系统的请求有误", "a bad request of a foreign system"),
  "Server.ClientProxy.SslAuthenticationFailed": text("证书不符", "its certificate does not fit"),
  "Server.ClientProxy.UnknownMember": text("没有这个成员", "no such member"),
  "Server.ClientProxy.QuotaExceeded": text("每分钟次数已用完", "calls a minute used up"),
  "Server.ClientProxy.Busy": text("繁忙", "busy"),
  "Server.ClientProxy.InternalError": text("本节点出错", "this node failed"),
  "Server.ServerProxy.UnknownService": text("没有这个服务", "no such service"),
  "Server.ServerProxy.AccessDenied": text("未登记权限", "no right is registered"),
  "Server.ServerProxy.NetworkError": text("外部系统无法访问", "the foreign system could not be reached"),
  "Server.ServerProxy.ServiceFailed.InvalidResponse": text(
    "外部系统的应答与其说明不符",
    "the foreign system answered against its description",
  ),
  "Server.ServerProxy.InternalError": text("本节点出错", "this node failed"),
};

const OUTCOME_WORDS: Readonly<Record<string, Text>> = {
  ...EXCHANGE_OUTCOMES,
  ...EDGE_OUTCOMES,
  received: text("收到", "received"),
  discarded: text("已放弃", "discarded"),
  claimed: text("签收", "taken"),
  released: text("退回", "given back"),
  recused: text("已回避", "recused"),
  opened: text("已查阅", "opened"),
  intact: text("完好", "intact"),
  "set-back": text("时钟被拨回", "the clock was set back"),
  "set-forward": text("时钟被拨快", "the clock was set forward"),
  tampered: text("发现改动", "tampering found"),
  running: text("继续办理", "goes on"),
  completed: text("办结", "closed"),
};

const STATUS = /^status (\d{3})$/;
const STATUS_WORDS = text("外部系统应答 {status}", "the foreign system answered {status}");
const DIGEST = /^[0-9a-f]{64}$/;
const SEALED = text("已签章", "sealed");

/** How an entry ended, in words; what nobody gave words to stands as it was entered. */
export function outcomeOf(
  site: Site,
  { room, operation, outcome }: { readonly room: string; readonly operation: string; readonly outcome: string },
): Text {
  if (Object.hasOwn(OUTCOME_WORDS, outcome)) return OUTCOME_WORDS[outcome] as Text;
  const [, status] = STATUS.exec(outcome) ?? [];
  if (status !== undefined) return fill(STATUS_WORDS, { status });
  if (DIGEST.test(outcome)) return SEALED;
  const [service = "", , task = ""] = operation.split(".");
  const form = site.kernel.systems.get(room)?.contract.services[service]?.procedure.tasks[task]?.form;
  return (form && outcomeTitle(form, outcome)) ?? text(outcome, outcome);
}

function outcomeTitle(form: Parameters<typeof formDescriptors>[0], outcome: string): Text | undefined {
  return formDescriptors(form)
    .find(({ name }) => name === "outcome")
    ?.options?.find(({ value }) => value === outcome)?.title;
}
