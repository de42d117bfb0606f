import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { APPROVE_SEALING, ASK_SEALING, dataRights, HANDLE_OBJECTIONS } from "#services/data-rights";
import { type Topic, topics } from "#ui/components/topics/topics";
import { holds } from "./frame.ts";

const TITLE = text("另外等待您的", "Also waiting for you");
const SEALINGS = text("依法延后告知", "Looks kept from whom they concern");
const OBJECTIONS = text("查询异议", "Objections to looks");
const TO_ANSWER = text("{count} 件待答复", "{count} to answer");
const DUE_SOON = text("{count} 件七日内到期", "{count} due within seven days");
const OVERDUE = text("{count} 件已超期", "{count} overdue");
const TO_DECIDE = text("{count} 项待审批", "{count} to decide");
const SOON = text("{count} 项即将到期，请复查", "{count} to be reviewed within days");
const OVER = text("{count} 项已到期，请解除", "{count} over: end them");

/** What waits for a post beside the steps of cases; nothing where nothing does. */
export async function alsoWaiting(request: PageRequest): Promise<Html> {
  const waiting = [await objections(request), await sealings(request)].filter((one) => one !== undefined);
  if (waiting.length === 0) return NOTHING;
  return html`<section class="zt-section"><h2>${TITLE[request.language]}</h2>${topics(waiting)}</section>`;
}

async function objections(request: PageRequest): Promise<Topic | undefined> {
  if (!holds(request, HANDLE_OBJECTIONS)) return undefined;
  const found = await request.front(dataRights, { purpose: "supervision" }).objectionsDue({});
  if (isRefusal(found)) return undefined;
  return topicOf(request, "/workbench/objections", OBJECTIONS, [
    [TO_ANSWER, found.open],
    [DUE_SOON, found.soon],
    [OVERDUE, found.over],
  ]);
}

async function sealings(request: PageRequest): Promise<Topic | undefined> {
  const decides = holds(request, APPROVE_SEALING);
  if (!decides && !holds(request, ASK_SEALING)) return undefined;
  const doors = request.front(dataRights, { purpose: "supervision" });
  const found = await (decides ? doors.supervisedSealings({}) : doors.sealings({}));
  if (isRefusal(found)) return undefined;
  const count = (due: string) => found.items.filter((one) => one.due === due).length;
  const toDecide = found.items.filter(({ status, prolongTo }) => status === "asked" || prolongTo !== undefined).length;
  return topicOf(request, "/workbench/sealings", SEALINGS, [
    [TO_DECIDE, decides ? toDecide : 0],
    [SOON, count("soon")],
    [OVER, count("over")],
  ]);
}

function topicOf(
  { language }: PageRequest,
  href: string,
  title: Text,
  counts: readonly (readonly [Text, number])[],
): Topic | undefined {
  const said = counts.filter(([, count]) => count > 0).map(([words, count]) => fill(words, { count })[language]);
  return said.length === 0
    ? undefined
    : { href, title: title[language], text: said.join(language === "zh" ? "，" : ", ") };
}
