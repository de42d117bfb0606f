import { fill, type Text, text } from "#lib/language/text";
import { isAsked } from "../contract/contract.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, knownService } from "./application.ts";

/** What a node says of itself in its messages: its name, and where people reach it. */
export interface AnnouncementSource {
  readonly name: Text;
  readonly publicUrl: string;
}

const SUBJECT = text("办件 {number}：{title}", "Case {number}: {title}");
const BODY = text(
  "【{site}】您的办件 {number} 有新文书《{title}》，请登录 {address} 在“我的消息”中查看。",
  "{site}: there is a new notice in your case {number}: {title}. Read it under My messages at {address}.",
);
const BODY_TO_PARTY = text(
  "【{site}】与您有利害关系的办件 {number} 有新文书《{title}》，请登录 {address} 在“我的消息”中查看。",
  "{site}: there is a new notice for you in case {number}, which touches your interests: {title}. Read it under My messages at {address}.",
);
const ASKED = text("需要您办理“{what}”，最后一天是 {day}。", " You are asked for this: {what}, by {day}.");
const ASKED_WITHOUT_DAY = text("需要您办理“{what}”。", " You are asked for this: {what}.");

/**
 * What an SMS says, in both languages: case number, kind of notice and what is asked. No name, and nothing of what the notice
 * says, since others may see a telephone's screen.
 */
export async function announcementWords(
  kernel: Kernel,
  application: Application,
  about: { readonly kind: string; readonly source: AnnouncementSource },
): Promise<{ readonly subject: string; readonly body: string }> {
  const { number } = application;
  const { procedure } = knownService(kernel, application).service;
  const notice = procedure.notices[about.kind];
  const title = notice?.title ?? text(about.kind, about.kind);
  const toParty = notice?.to !== undefined;
  const { name, publicUrl: address } = about.source;
  const subject = spoken(SUBJECT, { number, title });
  const body = spoken(toParty ? BODY_TO_PARTY : BODY, { site: name, number, title, address });
  const request = toParty ? undefined : await requestOf(kernel, application);
  const asked =
    request &&
    spoken(request.day === undefined ? ASKED_WITHOUT_DAY : ASKED, { what: request.what, day: request.day ?? "" });
  return {
    subject: `${subject.zh} ${subject.en}`,
    body: `${body.zh}${asked?.zh ?? ""}\n${body.en}${asked?.en ?? ""}`,
  };
}

/** Fills in each language with the words of that language. */
function spoken(template: Text, values: Readonly<Record<string, Text | string>>): Text {
  const of = (language: keyof Text) => {
    const words = Object.entries(values).map(([key, value]) => [
      key,
      typeof value === "string" ? value : value[language],
    ]);
    return fill(template, Object.fromEntries(words))[language];
  };
  return text(of("zh"), of("en"));
}

/** What the case waits for from its applicant now, and the last day for it. */
async function requestOf(
  kernel: Kernel,
  application: Application,
): Promise<{ readonly what: Text; readonly day: string | undefined } | undefined> {
  const { messages } = knownService(kernel, application).service.procedure;
  const view = await kernel.procedures.view(kernel.database, application.caseId);
  const awaited = view?.awaited.find(({ message }) => isAsked(messages[message]));
  const what = awaited && messages[awaited.message]?.title;
  if (!view || !what) return undefined;
  const { elements, flows } = await kernel.procedures.byDigest(kernel.database, view.digest);
  // The same gateway waits for the message and for the end of the period.
  const gatewaysOf = (element: string) => elements.get(element)?.incoming.map((flow) => flows.get(flow)?.source) ?? [];
  const gateways = new Set(gatewaysOf(awaited.element));
  const timer = view.timers.find(({ element }) => gatewaysOf(element).some((gateway) => gateways.has(gateway)));
  return { what, day: timer && lastDayBefore(timer.dueAt) };
}

/** A period's timer fires when its last day is over. */
function lastDayBefore(instant: string): string {
  const end = Temporal.Instant.from(instant).subtract({ milliseconds: 1 });
  return end.toZonedDateTimeISO("Asia/Shanghai").toPlainDate().toString();
}
