import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { SAMPLE_MAX, SAMPLE_SEED_MAX_CHARACTERS } from "#kernel/ledger/sample";
import { provedEvidence } from "#kernel/services/case-evidence";
import { EVIDENCE_MEDIA_TYPE, evidenceBytes } from "#kernel/services/evidence";
import { readSample, type Sample } from "#kernel/services/oversight";
import { html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { input } from "#ui/components/input/input";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { select } from "#ui/components/select/select";
import { formatNumber } from "#ui/format";
import { holds, workbench } from "../frame.ts";
import { hrefWith } from "../table.ts";
import { tableOf } from "./ledger.ts";

const PATH = "/workbench/ledger/sample";
const LEDGER = text("存证日志", "Ledger");
const TITLE = text("抽样", "Sample");
const LEAD = text(
  "从一个检查点按种子抽取条目，按时间等分为若干层，每层取相同份额。知道种子、检查点规模、条数和层数的人都能抽出同样的条目；抽样本身也记入日志。",
  "Entries are drawn by a seed from one checkpoint, the same share from each of several equal parts in time. Whoever knows seed, checkpoint, number and parts draws the same ones; that you drew is recorded too.",
);
const SEED = text("种子", "Seed");
const SEED_HINT = text(
  "任意文字，宜在抽样之前公开，如审计通知书编号",
  "Any words, best made public before: the number of an audit notice",
);
const COUNT = text("条数", "How many");
const STRATA = text("时间层数", "Parts in time");
const SIZE = text("检查点规模（不填为最新）", "Size of the checkpoint (the newest, if empty)");
const BY = text("怎样分层", "In parts by");
const WAYS = {
  time: text("按时间", "time"),
  type: text(
    "按条目类型（查询、拒绝、决定、印章、密钥……各取相同份额）",
    "type of entry: looks, refusals, decisions, seals, keys …, the same share of each",
  ),
} as const;
const DRAWN_BY_TYPE = text(
  "检查点共 {size} 条，按类型抽取 {count} 条；千分之一以下的类型可能不足份额。",
  "The checkpoint has {size} entries; {count} were drawn by type. Of a type with less than one in a thousand there may be fewer than its share.",
);
const KEPT = text(
  "另有 {kept} 条按访问策略不向本岗位开放；请由可查阅的岗位以同一种子抽取。",
  "{kept} more were drawn that a policy keeps from your post: whoever may read them draws the same ones with the same seed.",
);
const DRAW = text("抽取", "Draw");
const DRAWN = text(
  "检查点共 {size} 条，抽取 {count} 条，{strata} 层。",
  "The checkpoint has {size} entries; {count} were drawn from {strata} parts.",
);
const DOWNLOAD = text(
  "下载全部凭证（证据包），可离线核验",
  "Download all proofs (a bundle of evidence), to be verified off line",
);
const DEFAULTS = { count: 25, strata: 4 } as const;

/** An auditor's sample of the log. */
export function samplePages(site: Site): readonly Page[] {
  return [
    definePage({ path: PATH, audience: "official", get: (request) => show(site, request) }),
    definePage({ path: `${PATH}/evidence`, audience: "official", get: (request) => download(site, request) }),
  ];
}

function numberOf(written: string | undefined, otherwise: number): number {
  return written !== undefined && /^\d{1,9}$/.test(written) ? Number(written) : otherwise;
}

async function draw(site: Site, request: PageRequest) {
  const { seed = "", count, strata, size, by } = request.query;
  const trimmed = seed.trim().slice(0, SAMPLE_SEED_MAX_CHARACTERS);
  if (trimmed === "") return undefined;
  const drawn = await readSample(site.kernel, request.act({ purpose: "supervision" }), {
    seed: trimmed,
    count: numberOf(count, DEFAULTS.count),
    strata: numberOf(strata, DEFAULTS.strata),
    size: size === undefined || size === "" ? undefined : numberOf(size, 0),
    ...(by === "type" && { by }),
  });
  return isRefusal(drawn) ? undefined : drawn;
}

async function show(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, "audit.read")) return { kind: "not-found" };
  const { language, query } = request;
  const drawn = await draw(site, request);
  const field = (name: string, label: typeof SEED, value: string | number, more: { hint?: string; width: string }) =>
    input({
      language,
      id: name,
      name,
      label: { text: label[language] },
      value,
      ...(more.hint !== undefined && { hint: more.hint }),
      ...(name !== "seed" && { inputmode: "numeric" }),
      classes: more.width,
    });
  const said = drawn && {
    size: formatNumber(drawn.sample.size),
    count: formatNumber(drawn.records.length + drawn.kept),
    strata: formatNumber(drawn.sample.strata),
  };
  return workbench(site, request, {
    title: TITLE[language],
    breadcrumbs: [{ href: "/workbench/ledger", text: LEDGER[language] }, { text: TITLE[language] }],
    main: html`${pageHeading({ title: TITLE[language], lead: LEAD[language] })}<form class="zt-sheet" method="get" action="${PATH}">${field(
      "seed",
      SEED,
      query["seed"] ?? "",
      { hint: SEED_HINT[language], width: "govuk-input--width-20" },
    )}${field("count", COUNT, drawn?.sample.count ?? DEFAULTS.count, { hint: `1–${SAMPLE_MAX}`, width: "govuk-input--width-5" })}${field(
      "strata",
      STRATA,
      drawn?.sample.strata ?? DEFAULTS.strata,
      { width: "govuk-input--width-5" },
    )}${select({
      language,
      id: "by",
      name: "by",
      label: { text: BY[language] },
      items: (["time", "type"] as const).map((value) => ({ value, text: WAYS[value][language] })),
      value: query["by"] === "type" ? "type" : "time",
    })}${field("size", SIZE, drawn?.sample.size ?? "", { width: "govuk-input--width-10" })}${button({ text: DRAW[language] })}</form>${
      drawn && said
        ? html`<section class="zt-section"><p><strong>${fill(drawn.sample.by === "type" ? DRAWN_BY_TYPE : DRAWN, said)[language]}</strong></p>${
            drawn.kept > 0 ? html`<p>${fill(KEPT, { kept: formatNumber(drawn.kept) })[language]}</p>` : NOTHING
          }<p><a class="govuk-link" href="${evidenceHref(drawn.sample)}">${DOWNLOAD[language]}</a></p>${await tableOf(site, request, drawn)}</section>`
        : NOTHING
    }`,
  });
}

function evidenceHref({ seed, size, count, strata, by }: Sample): string {
  return hrefWith(`${PATH}/evidence`, {
    seed,
    size: String(size),
    count: String(count),
    strata: String(strata),
    ...(by && { by }),
  });
}

async function download(site: Site, request: PageRequest): Promise<PageResponse> {
  const drawn = holds(request, "audit.read") ? await draw(site, request) : undefined;
  if (!drawn) return { kind: "not-found" };
  const bundle = await provedEvidence(site.kernel, {
    about: { sample: drawn.sample },
    entryIds: drawn.records.map(({ id }) => id),
  });
  const name = `sample-${drawn.sample.size}.evidence.json`;
  return { kind: "file", bytes: evidenceBytes(bundle), mediaType: EVIDENCE_MEDIA_TYPE, name };
}
