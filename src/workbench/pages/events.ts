import { events, MANAGE } from "#infrastructure/events";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { formatInstant } from "#ui/format";
import { doneBanner, formFields, holds, refusalPage, workbench } from "../frame.ts";
import { recordTable } from "../table.ts";

const PATH = "/workbench/events";
const TITLE = text("事件交换", "Events");
const LEAD = text(
  "谁订阅了什么、各队列走到哪里、哪些事件没有送达。未送达的事件会一直等待，同一对象的后续事件排在其后，直到重新投递或放弃。",
  "Who subscribed to what, how far each queue has come, and what could not be delivered. Dead letters wait, and later events of the same key wait behind them, until they are delivered again or given up.",
);
const QUEUES = text("订阅与队列", "Subscriptions and their queues");
const NO_QUEUES = text("还没有订阅", "Nobody has subscribed yet");
const QUEUE_HEAD = [
  text("订阅方", "Subscriber"),
  text("事件", "Event"),
  text("待送", "To be delivered"),
  text("未送达", "Dead letters"),
  text("已送达", "Delivered"),
  text("状态", "State"),
  text("操作", "Action"),
];
const DEAD = text("未送达的事件", "Dead letters");
const DEAD_HEAD = [
  text("订阅方", "Subscriber"),
  text("事件", "Event"),
  text("原因", "Reason"),
  text("时间", "Since"),
  text("操作", "Action"),
];
const WAITING = text("{waiting} 个在途", "{waiting} on their way");
const BEHIND = text("，{behind} 个在后", ", {behind} behind them");
const OLDEST = text("最早的已等 {time}", "the oldest waits {time}");
const SET_ASIDE = text("{dead} 个，另有 {held} 个排在其后", "{dead}, and {held} behind them");
const ATTEMPTS = text("已试 {attempts} 次", "{attempts} attempts");
const HOLDS = text("{holds} 个事件排在其后", "holds up {holds}");
const RETRY_AT = text("联系不上（{error}），{time} 再试", "cannot be reached ({error}); next attempt {time}");
const STATES = { active: text("正常", "Active"), paused: text("已暂停", "Paused") } as const;
const DELIVERY = { PUSH: text("推送", "pushed"), PULL: text("拉取", "pulled") } as const;
const PRIORITY = { urgent: text("紧急", "urgent"), normal: NOTHING, bulk: text("批量", "bulk") } as const;
const REASONS: Readonly<Record<string, Text>> = {
  ttl: text("超过订阅方要求的时限", "older than the subscriber wants"),
};
const PAUSE = text("暂停", "Pause");
const RESUME = text("恢复", "Resume");
const REPLAY_ALL = text("全部重新投递", "Deliver all again");
const REPLAY = text("重新投递", "Deliver again");
const GIVE_UP = text("放弃…", "Give up…");
const ROOMS = text("开设事件室、接纳参与方", "Open rooms, admit participants");
const FOLLOWED = text("从其他节点接收的事件", "Events of other nodes that are sent here");
const FOLLOWED_LEAD = text(
  "其他节点的事件进入本节点的事件室，本节点的系统在那里订阅。对方的管理人员须先接纳本节点。",
  "They come into an event room here, where systems of this node subscribe. An official at the other node admits this node first.",
);
const FOLLOWED_HEAD = [
  text("节点", "Node"),
  text("事件", "Event"),
  text("本节点的事件室", "Event room here"),
  text("状态", "State"),
  text("操作", "Action"),
];
const FOLLOWED_STATES = {
  asked: text("已请求，尚未答复", "Asked for, not answered yet"),
  "in-force": text("正在接收", "Sent here"),
  ending: text("已请求停止", "Asked to end"),
} as const;
const FOLLOWED_ERRORS: Readonly<Record<string, Text>> = {
  "not-admitted": text(
    "对方尚未接纳本节点（node:本节点编号，可以订阅）",
    "the other node has not admitted this one (node:<code>, may subscribe)",
  ),
  "room-unknown": text("对方没有这个事件室", "the other node has no such event room"),
  "type-unknown": text("对方的事件室没有这个事件类型", "its event room has no such event type"),
  unavailable: text("联系不上对方节点", "the other node cannot be reached"),
};
const ASKED_NEXT = text("{error}，{time} 再问", "{error}; asked again {time}");
const UNFOLLOW = text("停止接收", "Stop");
const FOLLOW = text("接收其他节点的事件", "Have events of another node sent here");

type Queue = Output<(typeof events)["operations"]["listQueues"]["output"]>["items"][number];
type Followed = Output<(typeof events)["operations"]["listFollowed"]["output"]>["items"][number];
type Letter = Output<(typeof events)["operations"]["listDeadLetters"]["output"]>["items"][number];

/** Queues of the event rooms of this node, and what could not be delivered. */
export function eventsPage(site: Site): Page {
  return definePage({
    path: PATH,
    audience: "official",
    get: (request) => show(site, request),
    post: (request) => change(site, request),
  });
}

async function show(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, MANAGE) || !site.kernel.systems.has(events.id)) return { kind: "not-found" };
  const { language } = request;
  const doors = request.front(events, { purpose: "administration" });
  const [queues, letters] = [await doors.listQueues({}), await doors.listDeadLetters({})];
  const followed = await doors.listFollowed({});
  if (isRefusal(queues)) return refusalPage(site, request, queues);
  if (isRefusal(letters)) return refusalPage(site, request, letters);
  if (isRefusal(followed)) return refusalPage(site, request, followed);
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${doneBanner(request)}${pageHeading({ title: TITLE[language], lead: LEAD[language] })}${
      letters.items.length === 0 ? NOTHING : deadTable(request, letters.items)
    }${queues.items.length === 0 ? emptyState({ title: NO_QUEUES[language] }) : queueTable(request, queues.items)}${
      followed.items.length === 0 ? NOTHING : followedTable(request, followed.items)
    }<div class="zt-actions">${button({ text: ROOMS[language], href: "/workbench/operations" })}${
      site.kernel.elsewhere === undefined
        ? NOTHING
        : button({
            text: FOLLOW[language],
            href: "/workbench/operations/events/follow",
            classes: "govuk-button--secondary",
          })
    }</div>`,
  });
}

function queueTable(request: PageRequest, queues: readonly Queue[]): Html {
  const { language } = request;
  return html`<section class="zt-sheet"><h2>${QUEUES[language]}</h2>${recordTable({
    caption: QUEUES[language],
    head: QUEUE_HEAD.map((name) => name[language]),
    rows: queues.map((queue) => [
      html`<code>${queue.member}</code>`,
      eventCell(request, queue),
      waitingCell(request, queue),
      queue.dead === 0 ? "0" : fill(SET_ASIDE, { dead: queue.dead, held: queue.held })[language],
      deliveredCell(request, queue),
      stateCell(request, queue),
      html`${form(request, { do: queue.state === "paused" ? "resume" : "pause", subscription: queue.id, about: queue.member })}${
        queue.dead === 0 ? NOTHING : form(request, { do: "replay-all", subscription: queue.id, about: queue.member })
      }`,
    ]),
  })}</section>`;
}

function eventCell({ language }: PageRequest, { type, room, delivery, priority }: Queue): Html {
  const rank = PRIORITY[priority];
  return html`${type} <span class="zt-opinion__by">${DELIVERY[delivery][language]}${rank === NOTHING ? "" : ` · ${(rank as Text)[language]}`}</span><br><span class="zt-opinion__by">${room}</span>`;
}

function waitingCell({ language }: PageRequest, { waiting, behind, oldestSeconds }: Queue): Html {
  if (waiting + behind === 0) return html`0`;
  const oldest = oldestSeconds === undefined ? "" : fill(OLDEST, { time: duration(oldestSeconds, language) })[language];
  return html`${fill(WAITING, { waiting })[language]}${behind === 0 ? "" : fill(BEHIND, { behind })[language]}<br><span class="zt-opinion__by">${oldest}</span>`;
}

function deliveredCell({ language }: PageRequest, { delivered, lastDeliveredAt }: Queue): Html {
  return html`${String(delivered)}${
    lastDeliveredAt === undefined
      ? NOTHING
      : html`<br><span class="zt-opinion__by">${formatInstant(Temporal.Instant.from(lastDeliveredAt), language)}</span>`
  }`;
}

function stateCell({ language }: PageRequest, { state, retryAt, lastError = "" }: Queue): string {
  if (state === "paused" || retryAt === undefined) return STATES[state][language];
  const time = formatInstant(Temporal.Instant.from(retryAt), language);
  return fill(RETRY_AT, { error: lastError, time })[language];
}

function followedTable(request: PageRequest, followed: readonly Followed[]): Html {
  const { language } = request;
  return html`<section class="zt-sheet"><h2>${FOLLOWED[language]}</h2><p>${FOLLOWED_LEAD[language]}</p>${recordTable({
    caption: FOLLOWED[language],
    head: FOLLOWED_HEAD.map((name) => name[language]),
    rows: followed.map((one) => [
      html`<code>${one.node}</code>`,
      html`${one.type}<br><span class="zt-opinion__by">${one.room}</span>`,
      html`<code>${one.here}</code>`,
      followedState(request, one),
      one.state === "ending"
        ? NOTHING
        : form(request, { do: "unfollow", subscription: one.id, about: `${one.node} ${one.type}` }),
    ]),
  })}</section>`;
}

function followedState({ language }: PageRequest, { state, lastError, dueAt }: Followed): Html {
  const said = FOLLOWED_STATES[state][language];
  if (lastError === undefined) return html`${said}`;
  const error = FOLLOWED_ERRORS[lastError]?.[language] ?? lastError;
  const time = formatInstant(Temporal.Instant.from(dueAt), language);
  return html`${said}<br><span class="zt-opinion__by">${fill(ASKED_NEXT, { error, time })[language]}</span>`;
}

const UNITS = [
  { seconds: 86_400, zh: "天", en: "days" },
  { seconds: 3_600, zh: "小时", en: "hours" },
  { seconds: 60, zh: "分钟", en: "minutes" },
] as const;

function duration(seconds: number, language: "zh" | "en"): string {
  const unit = UNITS.find((one) => seconds >= one.seconds * 2);
  return unit
    ? `${Math.floor(seconds / unit.seconds)} ${unit[language]}`
    : `${seconds} ${language === "zh" ? "秒" : "seconds"}`;
}

function deadTable(request: PageRequest, letters: readonly Letter[]): Html {
  const { language } = request;
  return html`<section class="zt-sheet"><h2>${DEAD[language]}</h2>${recordTable({
    caption: DEAD[language],
    head: DEAD_HEAD.map((name) => name[language]),
    rows: letters.map((letter) => [
      html`<code>${letter.member}</code>`,
      html`${letter.type} <span class="zt-opinion__by">#${String(letter.sequence)}</span>`,
      html`${REASONS[letter.reason]?.[language] ?? letter.reason}<br><span class="zt-opinion__by">${fill(ATTEMPTS, { attempts: letter.attempts })[language]}${
        letter.holds === 0 ? "" : ` · ${fill(HOLDS, { holds: letter.holds })[language]}`
      }</span>`,
      formatInstant(Temporal.Instant.from(letter.deadAt), language),
      html`${form(request, { do: "replay", subscription: letter.subscription, event: letter.event, about: `#${letter.sequence}` })}<a class="govuk-link" href="/workbench/operations/events/discardDead?subscription=${letter.subscription}&amp;event=${letter.event}">${GIVE_UP[language]}</a>`,
    ]),
  })}</section>`;
}

const ACTIONS = { pause: PAUSE, resume: RESUME, "replay-all": REPLAY_ALL, replay: REPLAY, unfollow: UNFOLLOW } as const;

interface Button {
  readonly do: keyof typeof ACTIONS;
  readonly subscription: string;
  readonly event?: string;
  readonly about: string;
}

function form(request: PageRequest, { do: action, subscription, event, about }: Button): Html {
  return html`<form class="zt-inline" action="${PATH}" method="post">${formFields(request)}<input type="hidden" name="subscription" value="${subscription}"><input type="hidden" name="event" value="${event ?? ""}"><button class="zt-link-button" type="submit" name="do" value="${action}">${ACTIONS[action][request.language]}<span class="govuk-visually-hidden"> ${about}</span></button></form> `;
}

async function change(site: Site, request: PageRequest): Promise<PageResponse> {
  const subscription = fieldOf(request.fields, "subscription");
  const event = fieldOf(request.fields, "event");
  const action = fieldOf(request.fields, "do");
  const isKnown = isUuid(subscription) && (event === "" || isUuid(event)) && Object.hasOwn(ACTIONS, action);
  if (!holds(request, MANAGE) || !isKnown) return { kind: "not-found" };
  const doors = request.front(events, { purpose: "administration" });
  const outcome =
    action === "pause" || action === "resume"
      ? await doors.setPaused({ subscription, paused: action === "pause" })
      : action === "unfollow"
        ? await doors.unfollow({ id: subscription })
        : await doors.replayDead({ subscription, ...(action === "replay" && { events: [event] }) });
  return isRefusal(outcome) ? refusalPage(site, request, outcome, PATH) : { kind: "redirect", to: `${PATH}?done=1` };
}
