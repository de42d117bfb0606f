import type { Contract } from "#kernel/contract/contract";
import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { LedgerActor, LedgerEntryType } from "#kernel/ledger/entry";
import type { LedgerRecord } from "#kernel/ledger/records";
import { readApplications } from "#kernel/services/application";
import { fill, type Text, text } from "#lib/language/text";
import { officialNames } from "./names.ts";
import { outcomeOf } from "./outcome-words.ts";

/** What each kind of entry says that someone did. */
export const TYPE_WORDS: Readonly<Record<LedgerEntryType, Text>> = {
  read: text("查看", "read"),
  refused: text("被拒绝", "refused"),
  act: text("办理", "did"),
  decision: text("决定", "decided"),
  seal: text("签章", "sealed"),
  key: text("密钥", "key"),
  "sign-in": text("登录", "sign-in"),
  exchange: text("交换", "exchanged"),
  import: text("导入", "imported"),
  export: text("导出", "exported"),
  erasure: text("删除", "erased"),
  administration: text("管理", "administration"),
};

export const PURPOSE_WORDS: Readonly<Record<string, Text>> = {
  "own-affairs": text("本人事务", "own affairs"),
  case: text("办理办件", "a case"),
  "register-keeping": text("维护登记", "keeping a register"),
  verification: text("核验", "verification"),
  "public-information": text("公开信息", "public information"),
  supervision: text("审计监督", "supervision"),
  administration: text("系统管理", "administration"),
  none: text("未说明", "none stated"),
};

/** What a key became, NIST SP 800-57 part 1. */
const KEY_STATES: Readonly<Record<string, Text>> = {
  "pre-active": text("生成，待启用", "made, not yet in use"),
  active: text("启用", "in use"),
  suspended: text("暂停使用", "suspended"),
  deactivated: text("停用", "no longer used to protect"),
  compromised: text("可能泄露", "taken for compromised"),
  destroyed: text("销毁", "destroyed"),
};
const DATA_KEY = text("数据密钥", "a key that seals data");
const SIGNING_KEY = text("节点的签名密钥", "a key that the node signs with");

/** What the kernel and systems enter that no contract has as an operation. */
export const PARTS: Readonly<Record<string, Text>> = {
  submit: text("提交申请", "submission"),
  discard: text("放弃草稿", "discarding the draft"),
  read: text("查看办件", "looking at the case"),
  receipt: text("收件凭证", "the receipt"),
  procedure: text("流程推进", "the procedure moved on"),
  recusal: text("回避", "recusal"),
  party: text("利害关系人", "an interested party"),
  history: text("历次记载", "its history"),
  announce: text("通知申请人", "telling the applicant"),
  material: text("提交材料", "a document"),
  "document-sealed": text("文书签章", "a document was sealed"),
  "node-key-renewed": text("节点密钥更换", "the node's key was renewed"),
  "log-key-follows": text("批准更换日志密钥", "that another key follows the log's"),
  "node-key-moved": text("节点密钥移入密码设备", "the node's key was moved into a token"),
  "document-sealed-beside": text("文书分离式签章", "a document was sealed beside itself"),
  "record-signed": text("签名", "a record was signed"),
  "key-made": text("生成密钥", "a key was made"),
  "certificate-issued": text("签发证书", "a certificate was issued"),
  "certificate-revoked": text("吊销证书", "a certificate was revoked"),
  "certificate-reinstated": text("恢复证书", "a certificate counts again"),
  "credential-signed": text("签发电子凭证", "a credential was signed"),
  "time-stamped": text("加盖时间戳", "a time stamp was given"),
  "period-key-destroyed": text("到期密钥销毁", "the key of a period was destroyed"),
  "sign-in-failed": text("登录失败", "a sign-in that failed"),
  "proof-failed": text("身份验证失败", "a proof of identity that failed"),
  "records-erased": text("到期交换记录删除", "records of exchanges at the end of their time"),
  "dead-letters-replayed": text("重发死信", "dead letters were sent again"),
  "dead-letters-discarded": text("放弃死信", "dead letters were discarded"),
  "participant-dismissed": text("移除参与方", "a participant was dismissed"),
  "copy-marked": text("数据集中的涉密标志", "a mark of state secrets in a data set"),
  "ferry-arrived": text("摆渡包到达", "a ferry package arrived"),
  "ferry-package-given-up": text("放弃摆渡包", "a ferry package was given up"),
  "ferry-receipt-released": text("放行摆渡回执", "a ferry receipt was released"),
  "ferry-receipt-taken": text("收到摆渡回执", "a ferry receipt was taken"),
  ...Object.fromEntries(
    Object.entries(KEY_STATES).flatMap(([state, words]) => [
      [`data-key-${state}`, both(DATA_KEY, words)],
      [`signing-key-${state}`, both(SIGNING_KEY, words)],
    ]),
  ),
};
const LEDGER_ROOM = text("存证日志", "Ledger");
export const LEDGER_PARTS: Readonly<Record<string, Text>> = {
  entries: text("日志条目", "entries"),
  entry: text("一条日志", "one entry"),
  sample: text("抽样", "a sample"),
  clock: text("时钟变动", "a change of the clock"),
  contents: text("到期内容删除", "contents at the end of their retention"),
  bundle: text("证据包", "a bundle of evidence"),
  cases: text("办件清单", "the list of cases"),
  retention: text("到期数据清理", "data at the end of its retention"),
  verify: text("核验全部日志", "verifying the whole log"),
  "restore-refused": text("未能恢复的备份", "a backup that was not restored"),
  "witness-refused": text("见证者不认可本日志", "a witness who saw another log"),
};
/** Lists that name applicants. */
const LISTS: Readonly<Record<string, Text>> = {
  "my-tasks": text("待办列表中的申请人名称", "names of applicants in the list of tasks"),
  queue: text("在办列表中的申请人名称", "names of applicants in the queue"),
  "counter-drafts": text("窗口草稿列表中的申请人名称", "names of applicants in the counter's drafts"),
};
const PERSON = text("个人", "a person");
const ORGANIZATION = text("单位", "an organization");
const VISITOR = text("访客", "a visitor");
const SYSTEM = text("“{room}”系统", "the system “{room}”");
const ERASED = text("内容已到期删除", "content erased at the end of its retention");

/** One entry in words. */
export interface RecordWords {
  readonly who: string;
  readonly did: string;
  readonly what: string;
  readonly outcome: string;
  readonly purpose: string;
  /** The number of the case, where it is an application's. */
  readonly caseNumber: string | undefined;
}

/** Says a page of entries in words: names of officials and numbers of cases are looked up once. */
export async function recordWords(
  site: Site,
  request: PageRequest,
  records: readonly LedgerRecord[],
): Promise<ReadonlyMap<number, RecordWords>> {
  const { language } = request;
  const actors = records.flatMap(({ content }) => (content?.actor.kind === "official" ? [content.actor.id] : []));
  const names = await officialNames(request, actors);
  const caseIds = new Set(records.flatMap(({ content }) => (content?.caseId ? [content.caseId] : [])));
  const cases = await readApplications(site.kernel, site.kernel.database, [...caseIds]);
  return new Map(
    records.map((record): [number, RecordWords] => {
      const { leaf, content } = record;
      const caseId = content?.caseId;
      return [
        record.id,
        {
          who: content ? whoOf(site, content.actor, names)[language] : ERASED[language],
          did: TYPE_WORDS[leaf.type][language],
          what: whatOf(site, leaf.room, leaf.operation)[language],
          outcome: content ? outcomeOf(site, { ...leaf, outcome: content.outcome })[language] : "",
          purpose: (PURPOSE_WORDS[content?.purpose ?? "none"] ?? text(content?.purpose ?? "", content?.purpose ?? ""))[
            language
          ],
          caseNumber: caseId === undefined ? undefined : cases.get(caseId)?.number,
        },
      ];
    }),
  );
}

function whoOf(site: Site, actor: LedgerActor, names: ReadonlyMap<string, string>): Text {
  switch (actor.kind) {
    case "official": {
      const name = names.get(actor.id) ?? "";
      return text(name, name);
    }
    case "person":
      return PERSON;
    case "organization":
      return ORGANIZATION;
    case "node": {
      const title = site.kernel.systems.get(actor.id)?.contract.title ?? text(actor.id, actor.id);
      return text(fill(SYSTEM, { room: title.zh }).zh, fill(SYSTEM, { room: title.en }).en);
    }
    case "public":
      return VISITOR;
  }
}

/** What was done to what, as its contract calls it. */
export function whatOf(site: Site, room: string, operation: string): Text {
  const contract = site.kernel.systems.get(room)?.contract;
  if (room === "ledger") {
    const part = LEDGER_PARTS[operation];
    return part ? text(`${LEDGER_ROOM.zh}：${part.zh}`, `${LEDGER_ROOM.en}: ${part.en}`) : LEDGER_ROOM;
  }
  const list = room === "services" ? LISTS[operation] : undefined;
  if (list) return list;
  if (!contract) return text(`${room} ${operation}`, `${room} ${operation}`);
  const title = titleIn(contract, operation);
  return text(`${contract.title.zh}：${title.zh}`, `${contract.title.en}: ${title.en}`);
}

function titleIn(contract: Contract, operation: string): Text {
  const declared = contract.operations[operation];
  if (declared) return declared.title;
  const [first = "", second = "", third = ""] = operation.split(".");
  const register = contract.registers[first];
  if (register) return PARTS[second] && second !== "read" ? both(register.title, PARTS[second]) : register.title;
  const service = contract.services[first];
  if (!service) return PARTS[operation] ?? text(operation, operation);
  const { procedure } = service;
  const named =
    second === "task"
      ? procedure.tasks[third]?.title
      : second === "notice"
        ? procedure.notices[third]?.title
        : second === "party" && third !== ""
          ? (procedure.messages[third]?.title ?? PARTS["party"])
          : second === "message"
            ? procedure.messages[third]?.title
            : (procedure.messages[second]?.title ?? PARTS[second]);
  return both(service.title, named ?? text(second, second));
}

function both(one: Text, other: Text): Text {
  return text(`${one.zh}，${other.zh}`, `${one.en}, ${other.en}`);
}
