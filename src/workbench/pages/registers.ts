import { fieldMeta } from "#kernel/contract/field";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { RegisterStore } from "#kernel/registers/register-store";
import type { Purpose } from "#kernel/system/act";
import { type AnyEntry, readEntry, readHistory, searchRegister } from "#kernel/system/inspect-register";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { input } from "#ui/components/input/input";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { searchBox } from "#ui/components/search-box/search-box";
import { topics } from "#ui/components/topics/topics";
import { formatInstant } from "#ui/format";
import { absent, postOf, workbench } from "../frame.ts";
import { hrefWith } from "../table.ts";

const TITLE = text("信息库", "Registers");
const SEARCH = text("按名称查找", "Search by name");
const NONE = text("没有查到", "Nothing was found");
const FOUND = text("查到 {count} 条", "{count} found");
const FOUND_SO_MANY = text("这一页 {count} 条", "{count} on this page");
const MORE = text("下一页", "Next page");
const HISTORY = text("历次记载", "All versions");
const AS_OF = text("在此时为真（如 2026-01-01）", "True on (such as 2026-01-01)");
const AS_KNOWN = text("按此时所知", "As it was known on");
const SHOW = text("查看", "Show");
const VALID = text("有效", "Valid");
const RECORDED = text("记载", "Recorded");
const NOW = text("至今", "until now");
const REMARK = text(
  "每次查询都会记入存证日志，当事人可以看到。",
  "Each look-up goes into the ledger, and whoever it concerns can see it.",
);

/** Registers with their history, for posts that may read them and for auditors. */
export function registerPages(site: Site): readonly Page[] {
  return [
    definePage({ path: "/workbench/registers", audience: "official", get: (request) => list(site, request) }),
    definePage({
      path: "/workbench/registers/:room/:register",
      audience: "official",
      get: (request) => search(site, request),
    }),
    definePage({
      path: "/workbench/registers/:room/:register/:key",
      audience: "official",
      get: (request) => entry(site, request),
    }),
  ];
}

function purposeOf(request: PageRequest): Purpose {
  return postOf(request).post.duties.includes("audit.read") ? "supervision" : "register-keeping";
}

function mayRead(request: PageRequest, room: string): boolean {
  const { duties } = postOf(request).post;
  return duties.includes("audit.read") || duties.includes(`${room}.read`);
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const sections = [...site.kernel.systems.values()].flatMap(({ contract }) => {
    const registers = Object.entries(contract.registers);
    if (registers.length === 0 || !mayRead(request, contract.id)) return [];
    return [
      html`<h2>${contract.title[language]}</h2>${topics(
        registers.map(([name, register]) => ({
          href: `/workbench/registers/${contract.id}/${name}`,
          title: register.title[language],
        })),
      )}`,
    ];
  });
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({ title: TITLE[language], lead: REMARK[language] })}${
      sections.length === 0 ? emptyState({ title: NONE[language] }) : sections
    }`,
  });
}

function storeOf(site: Site, request: PageRequest): RegisterStore | undefined {
  const { room = "", register = "" } = request.params;
  return mayRead(request, room) ? site.kernel.registers.get(`${room}.${register}`) : undefined;
}

async function search(site: Site, request: PageRequest): Promise<PageResponse> {
  const store = storeOf(site, request);
  if (!store) return { kind: "not-found" };
  const { language } = request;
  const { room = "", register = "" } = request.params;
  const name = (request.query["q"] ?? "").trim();
  const title = store.declaration.title[language];
  const after = request.query["after"];
  const act = request.act({ purpose: purposeOf(request) });
  const found =
    name === "" ? undefined : await searchRegister(site.kernel, act, { room, register, name, ...(after && { after }) });
  if (isRefusal(found)) return absent(found);
  const rows = found?.items.map(
    (item) =>
      html`<li><a class="govuk-link" href="${`/workbench/registers/${room}/${register}/${item.key}`}">${nameOf(store, item)}</a></li>`,
  );
  const here = `/workbench/registers/${room}/${register}`;
  const more = found?.next
    ? html`<p><a class="govuk-link" href="${hrefWith(here, { q: name, after: found.next })}">${MORE[language]}</a></p>`
    : NOTHING;
  return workbench(site, request, {
    title,
    breadcrumbs: [{ href: "/workbench/registers", text: TITLE[language] }, { text: title }],
    main: html`${pageHeading({ title, lead: REMARK[language] })}${searchBox({
      language,
      action: `/workbench/registers/${room}/${register}`,
      label: SEARCH[language],
      value: name,
    })}${rows ? (rows.length === 0 ? emptyState({ title: NONE[language] }) : html`<section class="zt-sheet"><h2>${fill(found?.next === undefined ? FOUND : FOUND_SO_MANY, { count: rows.length })[language]}</h2><ul class="govuk-list">${rows}</ul>${more}</section>`) : NOTHING}`,
  });
}

/** What an entry is called: its attribute for names, else its key. */
function nameOf(store: RegisterStore, item: AnyEntry): string {
  const named = Object.entries(store.declaration.schema.shape).find(
    ([, schema]) => fieldMeta(schema as never)?.lookup === "name",
  );
  return String((named && item.value[named[0]]) ?? item.key);
}

async function entry(site: Site, request: PageRequest): Promise<PageResponse> {
  const store = storeOf(site, request);
  const { room = "", register = "", key = "" } = request.params;
  if (!store || !isUuid(key)) return { kind: "not-found" };
  const { language } = request;
  const act = request.act({ purpose: purposeOf(request) });
  const asOf = instantOf(request.query["asOf"]);
  const asKnownAt = instantOf(request.query["asKnownAt"]);
  const shown = await readEntry(site.kernel, act, {
    room,
    register,
    key,
    ...(asOf !== undefined && { asOf }),
    ...(asKnownAt !== undefined && { asKnownAt }),
  });
  const history = await readHistory(site.kernel, act, { room, register, key });
  if (isRefusal(shown)) return absent(shown);
  if (isRefusal(history)) return absent(history);
  if (history.length === 0) return { kind: "not-found" };
  const title = shown ? nameOf(store, shown) : key;
  return workbench(site, request, {
    title,
    breadcrumbs: [
      { href: "/workbench/registers", text: TITLE[language] },
      { href: `/workbench/registers/${room}/${register}`, text: store.declaration.title[language] },
      { text: title },
    ],
    main: html`${pageHeading({ title, caption: store.declaration.title[language] })}<form class="zt-sheet" method="get">${input(
      {
        language,
        id: "asOf",
        name: "asOf",
        label: { text: AS_OF[language] },
        value: request.query["asOf"],
        classes: "govuk-input--width-10",
      },
    )}${input({
      language,
      id: "asKnownAt",
      name: "asKnownAt",
      label: { text: AS_KNOWN[language] },
      value: request.query["asKnownAt"],
      classes: "govuk-input--width-10",
    })}${button({ text: SHOW[language], classes: "govuk-button--secondary" })}</form>${
      shown ? values(store, shown, language) : emptyState({ title: NONE[language] })
    }<h2>${HISTORY[language]}</h2>${history.map((version) => versionOf(store, version, language))}`,
  });
}

/** A day or an instant, as ISO 8601 UTC; a day is its beginning in Asia/Shanghai. */
function instantOf(given: string | undefined): string | undefined {
  if (!given) return undefined;
  try {
    return given.length === 10
      ? Temporal.PlainDate.from(given).toZonedDateTime("Asia/Shanghai").toInstant().toString()
      : Temporal.Instant.from(given).toString();
  } catch {
    return undefined;
  }
}

function values(store: RegisterStore, version: AnyEntry, language: Language): Html {
  const rows = Object.entries(store.declaration.schema.shape).flatMap(([name, schema]) => {
    const value = version.value[name];
    if (value === undefined) return [];
    const meta = fieldMeta(schema as never);
    const words = (Array.isArray(value) ? value : [value]).map(
      (one) =>
        meta?.options?.[String(one)]?.[language] ?? (typeof one === "object" ? JSON.stringify(one) : String(one)),
    );
    return [
      html`<div class="zt-facts__row"><dt>${meta?.title[language] ?? name}</dt><dd>${words.join("、")}</dd></div>`,
    ];
  });
  return html`<dl class="zt-facts">${rows}</dl>`;
}

function versionOf(store: RegisterStore, version: AnyEntry, language: Language): Html {
  const when = (instant: string | undefined) =>
    instant === undefined ? NOW[language] : formatInstant(Temporal.Instant.from(instant), language, { year: true });
  return html`<section class="zt-sheet"><p>${VALID[language]} ${when(version.validFrom)} – ${when(version.validTo)}<br>${RECORDED[language]} ${when(version.recordedFrom)} – ${when(version.recordedTo)}</p>${values(store, version, language)}</section>`;
}
