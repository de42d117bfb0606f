import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { canonicalBytes } from "#kernel/services/statement";
import { APPLICATION_WORDS, digestToSign, signedContent, submitDraft } from "#kernel/services/submission";
import { inputIssues } from "#kernel/system/input-issues";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { checkboxes } from "#ui/components/checkboxes/checkboxes";
import { details } from "#ui/components/details/details";
import { type Fact, facts } from "#ui/components/facts/facts";
import { formatSize } from "#ui/format";
import { answerText } from "../answers.ts";
import { factsShown } from "../facts.ts";
import { fileType } from "../files.ts";
import { formFields } from "../frame.ts";
import { partOf } from "../item.ts";
import { type Problem, refusalProblems, refused } from "../problem.ts";
import { draftScreen, isResponse, type OpenDraft, openDraft, screenHref } from "./draft.ts";

const TITLE = text("核对并提交", "Check your application");
const LEAD = text(
  "请看一遍要提交的全部内容。提交后您会收到收件凭证；收件还不是受理，是否受理会在五个工作日内书面告知。",
  "This is everything that you hand in. You get a receipt at once; receipt is not yet acceptance, of which you are told in writing within five working days.",
);
const KNOWN = text("已有信息", "What we know");
const ANSWERS = text("您填写的", "What you entered");
const MATERIALS = text("您上传的材料", "Your documents");
const NOT_UPLOADED = text("没有上传", "Not uploaded");
const SIGN = text("签名并提交", "Sign and submit");
const SIGNING = text("签名", "Sign");
const DECLARE_HINT = text(
  "提交时以您的个人数字证书签名，签名和内容一起保存。隐瞒情况或提供虚假材料的，一年内不得再次申请（行政许可法第七十八条）。",
  "Your personal digital certificate signs what you submit. Whoever conceals facts or hands in false materials cannot apply again for a year (Licensing Law, art. 78).",
);
const HOW_SUMMARY = text("签的是什么，怎么签", "What is signed, and how");
const HOW = [
  text(
    "签的是上面的全部内容（包括登记信息和每份材料的摘要）和您确认的这句话。提交前内容有变化的，不会签名，会请您再看一遍。",
    "You sign all of the above, with what registers say and the digest of each document, and the words that you confirm. Should any of it change before you send it, nothing is signed and you are asked to look again.",
  ),
  text(
    "签名用您名下的密钥作出，只在您本人确认时用这一次；密钥由本平台保管，使用记录在“谁看过我的信息”中可以查到。",
    "Your own key signs, once, because you confirm it. The platform keeps the key; each use of it is listed under “Who looked at my data”.",
  ),
  text(
    "签名之后，内容或签名的任何改动都能被发现（电子签名法第十三条）。",
    "Any later change to the content or to the signature can be detected (Electronic Signature Law, art. 13).",
  ),
] as const;
const DIGEST = text("内容摘要（SHA-256）", "Digest of the content (SHA-256)");
const DOWNLOAD = text("下载要签的内容（JSON）", "Download what is signed (JSON)");
const MUST_DECLARE = text("请确认内容真实、完整", "Confirm that it is true and complete");

/** The last look, and the signature. */
export function draftReviewPage(site: Site): Page {
  return definePage({
    path: "/drafts/:draft/review",
    audience: "person",
    get: async (request) => {
      const opened = await openDraft(site, request);
      return isResponse(opened) ? opened : screen(site, request, opened, []);
    },
    post: async (request) => submit(site, request),
  });
}

/** Exactly the bytes whose digest is signed, for whoever wants to compute it. */
export function draftSignedPage(site: Site): Page {
  return definePage({
    path: "/drafts/:draft/signed",
    audience: "person",
    get: async (request) => {
      const opened = await openDraft(site, request);
      if (isResponse(opened)) return opened;
      const parsed = opened.item.service.form.safeParse(opened.draft.form);
      if (!parsed.success) return { kind: "redirect", to: screenHref(opened.draft.id, "review") };
      const bytes = canonicalBytes(signedContent({ ...opened.draft, form: parsed.data }));
      return { kind: "file", bytes, mediaType: "application/json", name: "signed.json" };
    },
  });
}

async function submit(site: Site, request: PageRequest): Promise<PageResponse> {
  const { session } = request;
  const draftId = request.params["draft"] ?? "";
  const opened = await openDraft(site, request);
  // A form that was sent twice finds its draft gone; submitting again then answers with the case that it became.
  if (isResponse(opened) && opened.kind !== "not-found") return opened;
  if (!isResponse(opened)) {
    const wrong = formProblems(opened);
    if (fieldOf(request.fields, "declaration") !== "true") wrong.push({ text: MUST_DECLARE, href: "#declaration" });
    if (wrong.length > 0) return screen(site, request, opened, wrong);
  }
  const submitted = await submitDraft(site.kernel, request.act({ purpose: "own-affairs" }), {
    draftId,
    signing: {
      signer: site.signer,
      signerName: session?.displayName ?? "",
      words: APPLICATION_WORDS[request.language],
      digest: fieldOf(request.fields, "digest"),
    },
  });
  if (!isRefusal(submitted)) return { kind: "redirect", to: `/cases/${submitted.caseId}/received` };
  if (submitted.needs) return { kind: "step-up", needs: submitted.needs };
  if (isResponse(opened)) return refused(site, request, submitted);
  // What has changed meanwhile is in the draft by now.
  const now = submitted.code === "content-changed" ? await openDraft(site, request) : opened;
  return isResponse(now) ? now : screen(site, request, now, problemsOf(now, submitted));
}

/** What the form's schema finds wrong, each linked to its screen. */
function formProblems(opened: OpenDraft): Problem[] {
  const { service } = opened.item;
  const parsed = service.form.safeParse(opened.draft.form);
  if (parsed.success) return [];
  return inputIssues(parsed.error, service.form).map((issue) => ({
    text: issue.text,
    href: placeOf(opened, issue.path),
  }));
}

function problemsOf(opened: OpenDraft, refusal: Refusal): readonly Problem[] {
  return refusalProblems(refusal, (path) => placeOf(opened, path));
}

function placeOf({ draft, item }: OpenDraft, path: string): string | undefined {
  const [first = "", second] = path.split(".");
  if (first === "materials") return `${screenHref(draft.id, "materials")}#${second ?? ""}`;
  const part = partOf(item.service, first);
  return part === undefined ? undefined : `${screenHref(draft.id, part)}?back=review&check=1#${first}`;
}

function screen(site: Site, request: PageRequest, opened: OpenDraft, problems: readonly Problem[]): PageResponse {
  const { language } = request;
  const { draft, item } = opened;
  const known = factsShown({ service: item.service, known: draft.facts, language });
  const digest = digestToSign(item.service, draft);
  const undeclared = problems.find((one) => one.text === MUST_DECLARE);
  return draftScreen(site, request, opened, {
    screen: "review",
    title: TITLE[language],
    lead: LEAD[language],
    problems,
    main: html`<section class="zt-section"><h2>${KNOWN[language]}</h2>${facts({ language, facts: known })}</section>${answers(opened, language)}${materials(opened, language)}<section class="zt-section"><h2>${SIGNING[language]}</h2><form action="${screenHref(draft.id, "review")}" method="post" novalidate>${formFields(request)}<input type="hidden" name="digest" value="${digest ?? ""}">${checkboxes(
      {
        language,
        idPrefix: "declaration",
        name: "declaration",
        hint: DECLARE_HINT[language],
        errorMessage: undeclared?.text[language],
        fieldset: { legend: { text: `${session(request)}`, classes: "govuk-fieldset__legend--m" } },
        items: [{ value: "true", text: APPLICATION_WORDS[language] }],
      },
    )}${digest === undefined ? NOTHING : howSigned(draft.id, digest, language)}<div class="zt-actions">${button({ text: SIGN[language], preventDoubleClick: true })}</div></form></section>`,
  });
}

function howSigned(draftId: string, digest: string, language: Language): Html {
  return details({
    summary: HOW_SUMMARY[language],
    text: html`${HOW.map((words) => html`<p>${words[language]}</p>`)}<p>${DIGEST[language]}<br><code>${digest}</code></p><p><a class="govuk-link" href="/drafts/${draftId}/signed">${DOWNLOAD[language]}</a></p>`,
  });
}

function session(request: PageRequest): string {
  const { session: who } = request;
  const name = who?.displayName ?? "";
  return who?.onBehalfOf ? `${name}（${who.onBehalfOf.name}）` : name;
}

function answers(opened: OpenDraft, language: Language): Html {
  const { draft, parts } = opened;
  const shown = parts.map((part, index) => {
    const rows = part.fields.map(
      (field): Fact => ({
        label: field.title[language],
        value: answerText(field, draft.form[field.name], language),
        change: {
          href: `${screenHref(draft.id, index + 1)}?back=review#${field.name}`,
          about: field.title[language],
        },
      }),
    );
    return html`<h3>${part.title[language]}</h3>${facts({ language, facts: rows })}`;
  });
  return html`<section class="zt-section zt-stack"><h2>${ANSWERS[language]}</h2>${shown}</section>`;
}

function materials({ draft, item }: OpenDraft, language: Language): Html {
  const rows = Object.entries(item.service.materials).map(([name, material]): Fact => {
    const held = draft.materials.filter((one) => one.name === name);
    const value =
      held.length === 0
        ? NOT_UPLOADED[language]
        : html`${held.map((one) => html`<span>${one.fileName} <span class="zt-files__size">${fileType(one.mediaType)}, ${formatSize(one.bytes)}</span></span> `)}`;
    return {
      label: material.title[language],
      value,
      ...(held.length > 0 && { source: { kind: "upload", checked: true } as const }),
      change: { href: `${screenHref(draft.id, "materials")}#${name}`, about: material.title[language] },
    };
  });
  return html`<section class="zt-section"><h2>${MATERIALS[language]}</h2>${facts({ language, facts: rows })}</section>`;
}
