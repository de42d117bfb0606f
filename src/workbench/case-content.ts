import { type Citation, LICENSING_LAW } from "#kernel/contract/citation";
import type { ObjectSchema } from "#kernel/contract/contract";
import { factWords } from "#kernel/contract/fact-words";
import { fieldMeta } from "#kernel/contract/field";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import type { ClockRow } from "#kernel/procedures/changes";
import { drawProcedure } from "#kernel/procedures/draw";
import type { Procedure } from "#kernel/procedures/types";
import type { Application } from "#kernel/services/application";
import { clockOf } from "#kernel/services/case-clock";
import type { CaseFile } from "#kernel/services/case-views";
import { PARTY_RECORDS } from "#kernel/services/name-party";
import type { CaseRecord } from "#kernel/services/records";
import { civilDay } from "#lib/calendar/civil-day";
import { type Html, html, NOTHING } from "#lib/html/html";
import { articleWords } from "#lib/language/article-words";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { clock } from "#ui/components/clock/clock";
import type { DecisionCheck } from "#ui/components/decision/decision";
import { type Fact, facts } from "#ui/components/facts/facts";
import { fileList } from "#ui/components/file-list/file-list";
import { timeline } from "#ui/components/timeline/timeline";
import { formatInstant } from "#ui/format";
import { differing } from "./differences.ts";

const DECIDED = text("作出决定", "the decision");
const ACCEPTED = text("受理", "accepted");
const PAUSED = text("依法不计入", "not counted by law");

/** The statutory clocks of a case, as bars. */
export function caseClocks(page: CaseFile, at: string, language: Language): Html {
  const bars = page.view.clocks.map((row) => caseClock(row, { at, language, service: page.service }));
  return html`${bars}`;
}

/** `行政许可法第四十二条`, as its reader writes it. */
function articleOf(written: string, citations: readonly Citation[]): Text {
  const known = [LICENSING_LAW, ...citations.map(({ law }) => law)].find(({ zh }) => written.startsWith(zh));
  if (!known) return text(`《${written}》`, written);
  const article = written.slice(known.zh.length);
  return text(`《${known.zh}》${article}`, `${known.en}, ${articleWords(article, "en")}`);
}

function caseClock(
  row: ClockRow,
  { at, language, service }: { at: string; language: Language; service: CaseFile["service"] },
): Html {
  const state = clockOf(row, at);
  const stopped = row.stoppedOn !== undefined;
  const paused = !stopped && row.pauses.some((pause) => pause.to === undefined);
  const article = articleOf(row.article, service.legalBasis);
  // A test is no hearing: what it was that the law does not count, the last time.
  const reason = service.procedure.tasks[row.pauses.at(-1)?.element ?? ""]?.title ?? PAUSED;
  const limitDays = row.amount + row.extensions.reduce((sum, extension) => sum + extension.amount, 0);
  return clock({
    language,
    unit: row.unit === "working-day" ? "working-day" : "calendar-day",
    state: stopped ? "done" : paused ? "paused" : "running",
    day: state.used,
    limitDays,
    ...(row.promised !== undefined && { promiseDays: row.promised }),
    startedOn: Temporal.PlainDate.from(row.startedOn),
    startedBy: ACCEPTED,
    dueOn: state.dueOn,
    outcome: DECIDED,
    ...(row.stoppedOn !== undefined && { doneOn: Temporal.PlainDate.from(row.stoppedOn) }),
    ...(state.notCounted > 0 && {
      pauses: [{ afterDay: state.used, days: state.notCounted, reason, article }],
    }),
    article,
  });
}

/** What government knew of the applicant when they submitted, each with its source. */
export function registerFacts(
  page: { readonly application: Pick<Application, "facts">; readonly service: CaseFile["service"] },
  language: Language,
): Html {
  const known = page.application.facts.flatMap((fact): Fact[] => {
    const declared = page.service.facts[fact.id];
    if (!declared) return [];
    return [
      {
        label: declared.title[language],
        value: factWords(declared, fact.value, language),
        source: { kind: "register", register: declared.source[language], askedAt: Temporal.Instant.from(fact.asOf) },
      },
    ];
  });
  return facts({ language, reader: "official", facts: known });
}

/** What was filled in, field by field, in the words of its form. */
export function filledIn(
  form: ObjectSchema,
  content: Readonly<Record<string, unknown>>,
  language: Language,
  differences?: ReadonlyMap<string, string>,
): Html {
  const shown = formDescriptors(form).flatMap((descriptor): Fact[] => {
    const value = content[descriptor.name];
    if (value === undefined || value === "" || descriptor.kind === "file") return [];
    // A number that was left as the form proposes it says nothing of its own.
    if (descriptor.kind === "number" && form.shape[descriptor.name]?.safeParse(undefined).data === value) return [];
    const differs = differences?.get(descriptor.name);
    return [
      {
        label: descriptor.title[language],
        value: valueText(form, descriptor.name, value, language),
        ...(differs !== undefined && { differsFrom: differs }),
      },
    ];
  });
  return facts({ language, reader: "official", facts: shown });
}

function valueText(form: ObjectSchema, name: string, value: unknown, language: Language): Html {
  const options = fieldMeta(form.shape[name] as never)?.options;
  const values = Array.isArray(value) ? value : [value];
  const words = values
    .map((one) => options?.[String(one)]?.[language] ?? String(one))
    .join(language === "zh" ? "、" : ", ");
  return lines(words);
}

/** The applicant's answers; what a register states differently stands beside. */
export function applicationAnswers(page: CaseFile, language: Language): Html {
  const differs = new Map(differing(page).map((one): [string, string] => [one.field, one.registered]));
  return filledIn(page.service.form, page.application.form, language, differs);
}

/** The files that the applicant handed in. */
export function applicationFiles(page: CaseFile, language: Language): Html {
  const { materials, caseId } = page.application;
  return fileList(
    materials.map((material) => ({
      href: `/workbench/cases/${caseId}/files/${material.id}`,
      name: material.fileName,
      type: material.mediaType,
      sizeBytes: material.bytes,
      note: page.service.materials[material.name]?.title[language],
    })),
    language,
  );
}

const SUBMITTED = text("提交申请", "Application submitted");

const besides: Readonly<Record<string, Text>> = PARTY_RECORDS;

/** Who did what at each step, with their words. */
export function caseHistory(page: CaseFile, names: ReadonlyMap<string, string>, language: Language): Html {
  const { procedure } = page.service;
  const steps = page.records.map((record) => {
    const declared = procedure.tasks[record.element] ?? procedure.messages[record.element];
    const title: Text = declared?.title ?? besides[record.element] ?? text("回避", "Recusal");
    return {
      at: Temporal.Instant.from(record.at),
      title: title[language],
      who: names.get(record.by.id) ?? partyName(page, record),
      more: declared
        ? html`${filledIn(declared.form, record.content, language)}${photographs(page, record, language)}`
        : NOTHING,
    };
  });
  const submitted = { at: Temporal.Instant.from(page.application.submittedAt), title: SUBMITTED[language] };
  return timeline({ language, events: [submitted, ...steps] });
}

/** What was filled in at the steps that a task shows: where and when a hearing is held, for its chair. */
export function earlierSteps(
  page: CaseFile,
  shows: readonly string[],
  language: Language,
): readonly { readonly title: string; readonly content: Html }[] {
  return shows.flatMap((element) => {
    const declared = page.service.procedure.tasks[element];
    const record = page.records.findLast((one) => one.element === element);
    if (!declared || !record) return [];
    return [{ title: declared.title[language], content: filledIn(declared.form, record.content, language) }];
  });
}

/** Who said it, where that was an interested party. */
function partyName({ parties }: CaseFile, { content }: CaseRecord): string {
  return parties.find(({ id }) => id === content["party"])?.name ?? "";
}

interface Photograph {
  readonly digest: string;
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
}

function photographs(
  page: CaseFile,
  record: { readonly id: string; readonly content: Readonly<Record<string, unknown>> },
  language: Language,
): Html {
  const taken = record.content["photographs"];
  if (!Array.isArray(taken) || taken.length === 0) return NOTHING;
  return fileList(
    (taken as Photograph[]).map((photograph) => ({
      href: `/workbench/cases/${page.application.caseId}/records/${record.id}/${photograph.digest}`,
      name: photograph.name,
      type: photograph.mediaType,
      sizeBytes: photograph.bytes,
    })),
    language,
  );
}

/** What the law asks to be established before a decision, as far as the file shows it. */
export function checksOf(page: CaseFile, language: Language): readonly DecisionCheck[] {
  const { application, service, view } = page;
  const missing = Object.entries(service.materials).filter(
    ([name, material]) => material.required && !application.materials.some((held) => held.name === name),
  );
  const siteCheck = view.variables["siteCheck"];
  const confirmed = view.variables["siteCheckConfirm"] === "agree";
  const active = application.facts.some((fact) => fact.id === "applicantStatus" && fact.value === "存续");
  const checks: DecisionCheck[] = [
    {
      state: active ? "met" : "unmet",
      text: text("登记状态为存续", "The business is registered and active")[language],
    },
    {
      state: missing.length === 0 ? "met" : "unmet",
      text: text("必需材料齐全", "All required documents are here")[language],
      detail:
        missing.map(([, material]) => material.title[language]).join(language === "zh" ? "、" : ", ") || undefined,
    },
    {
      state: isSigned(application) ? "met" : "open",
      text: text("申请人已签名", "Signed by the applicant")[language],
      detail: isSigned(application)
        ? undefined
        : text("窗口代办，核对纸质签名", "Filed at the counter: compare the paper")[language],
    },
  ];
  if (view.variables["siteCheckNeeded"] !== "no") {
    checks.push({
      state: siteCheck === undefined || !confirmed ? "open" : siteCheck === "pass" ? "met" : "unmet",
      text: text("两名人员现场核查符合要求", "Two inspectors found the premises in order")[language],
      detail: text("《行政许可法》第三十四条", "Administrative Licensing Law, art. 34")[language],
    });
  }
  return checks;
}

function isSigned({ statement, signature }: Application): boolean {
  return (statement ?? signature) !== undefined;
}

/** Today in Asia/Shanghai. */
export function todayOf(at: string): Temporal.PlainDate {
  return civilDay(Temporal.Instant.from(at));
}

/** The steps whose opinions a later step rests on, the newest record of each. */
export function opinions(
  page: CaseFile,
  names: ReadonlyMap<string, string>,
  about: { readonly language: Language; readonly before?: string },
): Html {
  const { language } = about;
  const newest = new Map<string, CaseRecord>();
  for (const record of page.records) {
    if (
      record.by.kind === "official" &&
      record.element !== about.before &&
      page.service.procedure.tasks[record.element]
    ) {
      newest.delete(record.element);
      newest.set(record.element, record);
    }
  }
  return html`${[...newest.values()].reverse().map((record) => opinion(page, record, names, language))}`;
}

/** Where the words of an opinion stand in the forms of official steps. */
const WORDS_OF_OPINION = ["answers", "reasons", "observations", "record", "missing", "refusedItems"];
/** Those that say nothing without their title. */
const LISTS_OF_OPINION: ReadonlySet<string> = new Set(["answers", "missing", "refusedItems"]);
const ALL_MET = text("{count} 项核查全部符合", "All {count} points are met");
const SOME_NOT_MET = text("不符合：{titles}", "Not met: {titles}");

function opinion(page: CaseFile, record: CaseRecord, names: ReadonlyMap<string, string>, language: Language): Html {
  const declared = page.service.procedure.tasks[record.element];
  if (!declared) return NOTHING;
  const { content } = record;
  const outcome = fieldMeta(declared.form.shape["outcome"] as never)?.options?.[String(content["outcome"])];
  const words = WORDS_OF_OPINION.flatMap((name) => {
    const value = content[name];
    if (typeof value !== "string" || value === "") return [];
    const listed = LISTS_OF_OPINION.has(name) ? fieldMeta(declared.form.shape[name] as never)?.title : undefined;
    return [html`<p>${listed ? html`<strong>${listed[language]}</strong><br>` : NOTHING}${lines(value)}</p>`];
  });
  return html`<div class="zt-opinion"><h3>${declared.title[language]}</h3><p class="zt-opinion__said">${outcome?.[language] ?? NOTHING}</p>${points(declared.form, content, language)}${words}${photographs(page, record, language)}<p class="zt-opinion__by">${names.get(record.by.id) ?? ""} ${formatInstant(Temporal.Instant.from(record.at), language)}</p></div>`;
}

/** Points that were each found to be met or not. */
function points(form: ObjectSchema, content: Readonly<Record<string, unknown>>, language: Language): Html {
  const asked = formDescriptors(form).filter(isYesNo);
  if (asked.length < 2) return NOTHING;
  const failed = asked.filter(({ name }) => content[name] === "no");
  if (failed.length === 0) return html`<p>${fill(ALL_MET, { count: asked.length })[language]}</p>`;
  const titles = failed.map(({ title }) => title[language]).join(language === "zh" ? "；" : "; ");
  return html`<p><strong>${fill(SOME_NOT_MET, { titles })[language]}</strong></p>`;
}

/** Whether a field asks yes or no in two radio buttons. */
export function isYesNo(field: { readonly options?: readonly { readonly value: string }[] }): boolean {
  return field.options?.length === 2 && field.options.every(({ value }) => value === "yes" || value === "no");
}

function lines(value: string): Html {
  return html`${value.split("\n").map((line, index) => (index === 0 ? line : html`<br>${line}`))}`;
}

const PROCEDURE = text("办事程序图", "The procedure");

/** The whole procedure, drawn, with where the case is. */
export function drawnProcedure(definition: Procedure, page: CaseFile, language: Language): Html {
  const done = page.view.closedTasks.filter(({ outcome }) => outcome !== "cancelled").map(({ element }) => element);
  const picture = drawProcedure(definition, { language, state: { at: page.view.at, done } });
  return html`<div class="zt-drawn" tabindex="0" role="region" aria-label="${PROCEDURE[language]}">${picture}</div>`;
}
