import { directory } from "#infrastructure/directory";
import { OPENID_CLAIM_WORDS, OPENID_ENTRY_WORDS } from "#infrastructure/identity";
import type { Contract } from "#kernel/contract/contract";
import { fieldMeta } from "#kernel/contract/field";
import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { LedgerActor, LedgerEntryType, LedgerSubject } from "#kernel/ledger/entry";
import type { LedgerRecord } from "#kernel/ledger/records";
import { articleWords } from "#lib/language/article-words";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { citationWords } from "./article-words.ts";
import { authorityName } from "./authority.ts";
import { principalId } from "./pages/apply.ts";

const DID: Readonly<Record<LedgerEntryType, Text>> = {
  read: text("查询了", "read"),
  refused: text("试图办理，被拒绝：", "tried and was refused: "),
  act: text("办理了", "did"),
  decision: text("作出了", "decided: "),
  seal: text("盖章或签名：", "sealed or signed: "),
  key: text("使用或更换了密钥：", "used or changed a key: "),
  "sign-in": text("登录或退出：", "signed in or out: "),
  exchange: text("向其他机关提供了", "gave to another authority: "),
  import: text("登记入库：", "brought into the register: "),
  export: text("导出了", "took out: "),
  erasure: text("到期删除了", "erased at the end of its retention: "),
  administration: text("管理操作：", "administration: "),
};

/** An exchange as the side that asked tells it. */
const ASKED = text("向其他机关的系统询问了：", "asked a system of another authority: ");

/** Why something was asked (`Purpose`), as people say it. */
const PURPOSES: Readonly<Record<string, Text>> = {
  "own-affairs": text("本人事务", "one's own affairs"),
  case: text("办理一个办件", "handling a case"),
  "register-keeping": text("维护登记簿", "keeping a register"),
  verification: text("核验证照", "verifying a document"),
  "public-information": text("公开信息查询", "information open to anyone"),
  supervision: text("审计和监督", "audit and supervision"),
  administration: text("系统运行", "running the system"),
  none: text("没有说明目的", "no purpose was given"),
};

const YOU = text("您本人", "You");
const OTHER_PERSON = text("以同一单位名义办事的另一人", "Another person who acts for the same organization");
const PARTY = text("该办件的利害关系人", "An interested party of the case");
const ANYONE = text("没有登录的访问者", "A visitor who did not sign in");
const SYSTEM = text("“{room}”系统", "The system “{room}”");
const THROUGH = text("{who}（通过“{room}”系统）", "{who} (through the system “{room}”)");
const OFFICIAL = text("{authority}，{post}", "{authority}, {post}");
const SOME_POST = text("工作人员", "an official");
const NO_BASIS = text("不涉及具体条文", "no particular article");
const BASIS_OF_OPERATION = text("、", "; ");
const APPLICATION = text("申请", "application");
const NOTICE = text("文书", "notice");
const STEPS: Readonly<Record<string, Text>> = {
  submit: text("提交申请", "submitting the application"),
  discard: text("放弃草稿", "discarding the draft"),
  read: text("查看办件", "looking at the case"),
  procedure: text("系统推进办件", "the system moved the case on"),
  recusal: text("回避", "a recusal"),
  party: text("利害关系人", "an interested party"),
  material: text("提交材料", "handing in a document"),
};
const INTEREST = text("您作为利害关系人的信息", "what the case says of you as an interested party");
const PARTY_READ = text("利害关系人查看", "a look by an interested party");
const NAME_IN_LIST = text("您的名称（在列表中）", "your name, in a list");
/** Lists of the workbench that name applicants; each is on record once a day for each official. */
const LISTS: Readonly<Record<string, Text>> = {
  "my-tasks": text("工作台待办列表", "The official's list of tasks"),
  queue: text("工作台在办列表", "The authority's list of open cases"),
  "counter-drafts": text("窗口代办草稿列表", "The counter's list of drafts"),
};
const NOT_RECORDED = text("内容已按期删除", "the content was erased at the end of its retention");

/** One entry of the ledger in the words of whom it concerns. */
export interface EntryWords {
  readonly who: string;
  readonly did: string;
  readonly what: string;
  readonly room: string;
  readonly purpose: string;
  readonly basis: string;
  readonly refused: boolean;
}

/** Says entries in words; what authorities and posts are called is looked up once for each. */
export function ledgerTeller(site: Site, request: PageRequest) {
  const posts = new Map<string, Promise<Text>>();
  const postOf = (id: string) => {
    const known = posts.get(id) ?? postTitle(request, id);
    posts.set(id, known);
    return known;
  };
  return async (record: LedgerRecord, subject: LedgerSubject | undefined): Promise<EntryWords> => {
    const { language } = request;
    const { leaf, content } = record;
    const contract = site.kernel.systems.get(leaf.room)?.contract;
    return {
      who: content
        ? await whoOf(site, request, {
            actor: content.actor,
            via: content.via,
            byParty: isOfParty(contract, leaf.operation),
            postOf,
          })
        : NOT_RECORDED[language],
      did: (didAsk(record) ? ASKED : DID[leaf.type])[language],
      ...whatAndWhere(contract, { record, subject, language }),
      purpose: PURPOSES[content?.purpose ?? "none"]?.[language] ?? content?.purpose ?? "",
      basis: basisOf(contract, leaf.operation, content?.legalBasis ?? [], language),
      refused: leaf.type === "refused",
    };
  };
}

/** Whether this side asked; the node that answered gave something out. */
function didAsk({ leaf, content }: LedgerRecord): boolean {
  const detail = content?.detail as { readonly exchange?: { readonly to?: unknown } } | null | undefined;
  return leaf.type === "exchange" && typeof detail?.exchange?.to === "string";
}

async function postTitle(request: PageRequest, id: string): Promise<Text> {
  const asDirectory = request.front(directory, {
    purpose: "administration",
    asNode: directory.id,
    key: request.newFormKey,
  });
  const post = await asDirectory.findPost({ id });
  return isRefusal(post) ? SOME_POST : post.title;
}

async function whoOf(
  site: Site,
  request: PageRequest,
  about: {
    readonly actor: LedgerActor;
    readonly via: string | undefined;
    readonly byParty: boolean;
    readonly postOf: (id: string) => Promise<Text>;
  },
): Promise<string> {
  const { language } = request;
  const room = about.via === undefined ? undefined : site.kernel.systems.get(about.via)?.contract.title[language];
  // Before someone has signed in nobody is there: what asks is the system that signs them in.
  const alone = about.actor.kind === "public" || about.actor.id === about.via;
  if (room !== undefined && alone) return fill(SYSTEM, { room })[language];
  const who = await actorWords(site, request, about);
  return room === undefined ? who : fill(THROUGH, { who, room })[language];
}

async function actorWords(
  site: Site,
  request: PageRequest,
  about: {
    readonly actor: LedgerActor;
    readonly byParty: boolean;
    readonly postOf: (id: string) => Promise<Text>;
  },
): Promise<string> {
  const { language } = request;
  const { actor, byParty, postOf } = about;
  switch (actor.kind) {
    case "person":
    case "organization":
      return (actor.id === principalId(request) ? YOU : byParty ? PARTY : OTHER_PERSON)[language];
    case "official": {
      const authority = actor.authority ? (await authorityName(site, actor.authority))[language] : "";
      const post = actor.post ? (await postOf(actor.post))[language] : SOME_POST[language];
      return fill(OFFICIAL, { authority, post })[language];
    }
    case "node":
      return fill(SYSTEM, { room: site.kernel.systems.get(actor.id)?.contract.title[language] ?? actor.id })[language];
    case "public":
      return ANYONE[language];
  }
}

/** What was read, in the words of the register; of other acts, what was done. */
function whatAndWhere(
  contract: Contract | undefined,
  about: { readonly record: LedgerRecord; readonly subject: LedgerSubject | undefined; readonly language: Language },
): { readonly what: string; readonly room: string } {
  const { language, record } = about;
  const { operation, room, type } = record.leaf;
  const list = room === "services" ? LISTS[operation] : undefined;
  if (list) return { what: NAME_IN_LIST[language], room: list[language] };
  const given = room === "identity" ? OPENID_ENTRY_WORDS[operation] : undefined;
  if (given) {
    const claims = (about.subject?.attributes ?? []).flatMap((name) => OPENID_CLAIM_WORDS[name]?.[language] ?? []);
    return { what: claims.join(language === "zh" ? "、" : ", "), room: given[language] };
  }
  const title = operationTitle(contract, operation)?.[language] ?? operation;
  const where = contract?.title[language] ?? room;
  const attributes = attributeTitles(contract, about.subject?.attributes ?? []).map((one) => one[language]);
  const read = attributes.join(language === "zh" ? "、" : ", ");
  if (read === "" || type !== "read") return { what: title, room: where };
  return { what: read, room: `${where} · ${title}` };
}

/** `findPersonForCase`, `foodBusinessLicence.task.examination`, `foodBusinessLicence.notice.receipt`. */
function operationTitle(contract: Contract | undefined, operation: string): Text | undefined {
  const direct = contract?.operations[operation]?.title ?? contract?.registers[operation.split(".")[0] ?? ""]?.title;
  if (direct) return direct;
  const [name = "", step = "", part = ""] = operation.split(".");
  const service = contract?.services[name];
  if (!service) return undefined;
  const { tasks, notices, messages } = service.procedure;
  const said =
    step === "task"
      ? tasks[part]?.title
      : step === "notice"
        ? (notices[part]?.title ?? NOTICE)
        : step === "party" && part !== ""
          ? (messages[part]?.title ?? PARTY_READ)
          : (STEPS[step] ?? messages[step]?.title);
  return said && text(`${service.title.zh}：${said.zh}`, `${service.title.en}: ${said.en}`);
}

/** Whether an act is one that interested parties do in their own name. */
function isOfParty(contract: Contract | undefined, operation: string): boolean {
  const [name = "", step = "", part = ""] = operation.split(".");
  const notices = contract?.services[name]?.procedure.notices ?? {};
  return (step === "party" && part !== "") || (step === "notice" && notices[part]?.to !== undefined);
}

function attributeTitles(contract: Contract | undefined, names: readonly string[]): readonly Text[] {
  const shapes = Object.values(contract?.registers ?? {}).map((register) => register.schema.shape);
  return names.flatMap((name): readonly Text[] => {
    if (name === "application") return [APPLICATION];
    if (name === "interest") return [INTEREST];
    const schema = shapes.map((shape) => shape[name]).find((one) => one !== undefined);
    const title = schema && fieldMeta(schema as never)?.title;
    return title ? [title] : [];
  });
}

function basisOf(
  contract: Contract | undefined,
  operation: string,
  said: readonly string[],
  language: Language,
): string {
  if (said.length > 0) return said.map((one) => saidWords(one, language)).join(BASIS_OF_OPERATION[language]);
  const cited =
    contract?.operations[operation]?.legalBasis ?? contract?.services[operation.split(".")[0] ?? ""]?.legalBasis ?? [];
  if (cited.length === 0) return NO_BASIS[language];
  return cited.map((citation) => citationWords(citation, language)).join(BASIS_OF_OPERATION[language]);
}

/** An act names its basis in Chinese: `行政许可法 第三十二条`. */
function saidWords(basis: string, language: Language): string {
  const [law = "", article = ""] = basis.split(" ");
  return language === "zh" ? `《${law}》${article}` : `${law}, ${articleWords(article, language)}`;
}
