import { formDescriptors } from "#kernel/derived/form-descriptors";
import type { PageRequest } from "#kernel/http/page";
import type { CaseFile } from "#kernel/services/case-views";
import type { TaskAtHand } from "#kernel/services/tasks";
import { type Html, html, NOTHING } from "#lib/html/html";
import { text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { details } from "#ui/components/details/details";
import { textarea } from "#ui/components/textarea/textarea";
import { renderForm } from "#ui/form/render-form";
import { formFields, postOf } from "./frame.ts";

const CLAIM = text("签收此件", "Take this task");
const CLAIM_WHY = text("签收后，同岗位其他人员不再看到此件。", "Others of your post are then no longer offered it.");
const RELEASE = text("退回岗位", "Give it back to the post");
const RELEASE_WHY = text("您已签收此件。", "You have taken this task.");
const RECUSE = text("申请回避", "Recuse yourself");
const RECUSE_WHY = text(
  "与本办件有利害关系的，应当回避，由同岗位其他人员办理。",
  "If you have an interest in this case, another official of the post has to do it.",
);
const REASON = text("回避事由", "Why");
const SEND = text("提交", "Send");
export const MAX_REASON_CHARACTERS = 500;

/** What an official may do with a task beside doing it: small forms of their own, so that the decision stays alone. */
export function taskAside(request: PageRequest, page: CaseFile, open: TaskAtHand): Html {
  const { language } = request;
  const { task } = open;
  const base = `/workbench/cases/${task.caseId}/tasks/${task.taskId}`;
  const mine = task.claimedBy !== undefined;
  const hold = html`<form action="${base}/${mine ? "release" : "claim"}" method="post">${formFields(request)}<p class="govuk-hint">${(mine ? RELEASE_WHY : CLAIM_WHY)[language]}</p>${button({ text: (mine ? RELEASE : CLAIM)[language], classes: "govuk-button--secondary" })}</form>`;
  const step = html`<form action="${base}/recuse" method="post" novalidate>${formFields(request)}<p>${RECUSE_WHY[language]}</p>${textarea(
    {
      language,
      id: "recuse-reason",
      name: "reason",
      label: { text: REASON[language] },
      rows: 3,
      attributes: { maxlength: MAX_REASON_CHARACTERS },
    },
  )}${button({ text: SEND[language], classes: "govuk-button--secondary", preventDoubleClick: true })}</form>`;
  return html`<div class="zt-beside">${hold}${officialMessages(request, page, base)}${details({ summary: RECUSE[language], text: step })}</div>`;
}

/** What the procedure waits for from an official of this post: a request for more time. */
function officialMessages(request: PageRequest, page: CaseFile, base: string): Html {
  const { language } = request;
  const { post } = postOf(request);
  const awaited = new Set(page.view.awaited.map(({ message }) => message));
  const forms = Object.entries(page.service.procedure.messages).map(([name, declaration]) => {
    const { from } = declaration;
    if (from === "applicant" || !post.duties.includes(from.duty) || !awaited.has(name)) return NOTHING;
    const fields = formDescriptors(declaration.form);
    const form = html`<form action="${base}/messages/${name}" method="post" novalidate>${formFields(request)}${renderForm(fields, { language, prefix: name })}${button({ text: SEND[language], classes: "govuk-button--secondary", preventDoubleClick: true })}</form>`;
    return details({ summary: declaration.title[language], text: form });
  });
  return html`${forms}`;
}
