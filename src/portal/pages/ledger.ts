import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { type Html, html } from "#lib/html/html";
import { fill, type Language, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { numbers } from "#ui/components/numbers/numbers";
import { textarea } from "#ui/components/textarea/textarea";
import { formatNumber } from "#ui/format";
import { formFields, portalResponse } from "../frame.ts";
import { type Problem, problemSummary } from "../problem.ts";

const TITLE = text("存证日志", "Ledger");
const LEAD = text(
  "每一次查询个人信息、每一次被拒绝的尝试、每一项决定和印章，都写入一本只能添加、不能更改的日志。任何人都可以检查它有没有被改过，不需要信任我们。",
  "Each look at personal data, each refused attempt, each decision and seal is written into a log to which one can add but that one cannot change. Anyone can check that, without trusting us.",
);
const SIZE = text("条记录，已由检查点签名", "entries under a signed checkpoint");
const CHECKPOINT = text("最新的检查点", "The latest checkpoint");
const CHECKPOINT_TEXT = text(
  "保存下面这几行。以后任何时候，您都可以凭它证明日志在此之前的部分没有被改动。",
  "Keep these lines. At any later time they let you prove that nothing before them was changed.",
);
const KEY = text("日志的公钥", "The log's public key");
const KEY_TEXT = text(
  "请从本网站以外的来源再核对一次这个公钥，例如政府公报。",
  "Compare this key with another source than this site, such as the official gazette.",
);
const FOLLOWED = text(
  "公钥更换过 {count} 次，每次都由新旧两把密钥共同签署。持有以前的公钥也能核验现在的日志：",
  "The key has been changed {count} times, each time signed by the old and the new one. With an earlier key today's log can be verified as well:",
);
const SUCCESSIONS = text("密钥更替说明", "how the keys followed each other");
const HOW = text("怎样离线检查", "How to check off line");
const HOW_STEPS = [
  text(
    "下载您的凭证（“谁查过我的数据”中每条都有）。",
    "Download your receipt; each line of “Who looked at my data” has one.",
  ),
  text(
    "用核验工具打开，并填入上面的公钥；核验工具可以下载，断网使用。",
    "Open it with the verifier and give it the key above; it can be downloaded, and works with the network off.",
  ),
  text(
    "日志本身按 C2SP tlog-tiles 公开在 /log/，其中没有个人信息，只有加了随机数的摘要。",
    "The log itself is public under /log/ as C2SP tlog-tiles; it holds no personal data, only salted digests.",
  ),
] as const;
const LATEST = text("打开检查点文件", "Open the checkpoint file");
const COMPARE = text("您保存过检查点？", "Did you keep a checkpoint?");
const OLDER = text("把它粘贴在这里", "Paste it here");
const OLDER_HINT = text("包括签名行", "With its signature line");
const PROVE = text("下载一致性证明", "Download the proof of consistency");
const NOT_OURS = text(
  "这不是本日志的检查点，或者不完整。请检查是否连签名行一起粘贴。",
  "This is not a checkpoint of this log, or not all of it. Check that its signature line is there.",
);
const NONE = text("日志还没有检查点，请稍后再来。", "The log has no checkpoint yet; come back in a moment.");
/** A checkpoint has a few lines; a witness adds one each. */
/** One by which a key of the log follows another is the longest. */
const MAX_NOTE_CHARACTERS = 24_000;

/** The ledger, for everyone: how long it is, its signed checkpoint, and how one checks it. */
export function ledgerPage(site: Site): Page {
  return definePage({
    path: "/ledger",
    audience: "public",
    get: (request) => screen(site, request),
    post: (request) => continuation(site, request),
  });
}

async function continuation(site: Site, request: PageRequest): Promise<PageResponse> {
  const pasted = fieldOf(request.fields, "older").slice(0, MAX_NOTE_CHARACTERS);
  const older = `${pasted.replace(/\r\n?/g, "\n").trimEnd()}\n`;
  try {
    const proof = await site.kernel.ledger.continuation(older);
    const bytes = new TextEncoder().encode(`${JSON.stringify(proof, undefined, 2)}\n`);
    return { kind: "file", bytes, mediaType: "application/json", name: "consistency.json" };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return screen(site, request, [{ text: NOT_OURS, href: "#older" }]);
  }
}

/** Whoever kept an earlier key is not left alone with it. */
function followed(count: number, language: Language): Html {
  if (count === 0) return html``;
  return html`<p>${fill(FOLLOWED, { count: formatNumber(count) })[language]} <a class="govuk-link" href="/log/successions">${SUCCESSIONS[language]}</a></p>`;
}

async function screen(site: Site, request: PageRequest, problems: readonly Problem[] = []): Promise<PageResponse> {
  const { language } = request;
  const { ledger } = site.kernel;
  const checkpoint = await ledger.checkpoint();
  const { verifierKey, successions } = await ledger.keysOfToday();
  return portalResponse(site, request, {
    title: TITLE[language],
    indexed: problems.length === 0,
    hasErrors: problems.length > 0,
    main: html`${problemSummary(language, problems)}<div class="zt-heading"><h1>${TITLE[language]}</h1><p class="zt-heading__lead">${LEAD[language]}</p></div>${
      checkpoint
        ? html`${numbers([{ value: formatNumber(checkpoint.size), text: SIZE[language] }])}<h2>${CHECKPOINT[language]}</h2><p>${CHECKPOINT_TEXT[language]}</p><pre class="zt-mono zt-pre" tabindex="0">${checkpoint.note}</pre><p><a class="govuk-link" href="/log/checkpoint">${LATEST[language]}</a></p>`
        : html`<p>${NONE[language]}</p>`
    }<h2>${KEY[language]}</h2><p>${KEY_TEXT[language]}</p><pre class="zt-mono zt-pre" tabindex="0">${verifierKey}</pre>${followed(successions.length, language)}<h2>${HOW[language]}</h2><ol class="zt-prose govuk-list govuk-list--number">${HOW_STEPS.map((step) => html`<li>${step[language]}</li>`)}</ol><h2>${COMPARE[language]}</h2><form action="/ledger" method="post" novalidate>${formFields(request)}${textarea(
      {
        language,
        id: "older",
        name: "older",
        label: { text: OLDER[language] },
        hint: OLDER_HINT[language],
        errorMessage: problems[0]?.text[language],
        value: fieldOf(request.fields, "older").slice(0, MAX_NOTE_CHARACTERS),
        rows: 6,
        spellcheck: false,
        classes: "zt-mono",
      },
    )}${button({ text: PROVE[language], classes: "govuk-button--secondary" })}</form>`,
  });
}
