import type { Material } from "#kernel/contract/contract";
import type { PageRequest } from "#kernel/http/page";
import type { MaterialRow } from "#kernel/services/application";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { button } from "#ui/components/button/button";
import { fileUpload } from "#ui/components/file-upload/file-upload";
import { tag } from "#ui/components/tag/tag";
import { formatInstant, formatSize } from "#ui/format";
import { fileType } from "./files.ts";
import { formFields } from "./frame.ts";

const REQUIRED = text("必须提交", "Needed");
const OPTIONAL = text("选交", "Optional");
const CHOOSE = text("选择文件", "Choose a file");
const UPLOAD = text("上传", "Upload");
const REMOVE = text("移除", "Remove");
const CHECKED = text("已通过安全检查", "Safety check passed");
const ABOUT = text("（{title}）", " ({title})");
const AT = text("{at} 上传", "uploaded {at}");

export interface UploadSection {
  readonly action: string;
  readonly name: string;
  readonly material: Material;
  readonly held: readonly MaterialRow[];
  readonly error: string | undefined;
  /** What belongs to a case stays. */
  readonly removable: boolean;
}

/** One document: what was uploaded, and a form of its own for another file. */
export function uploadSection(request: PageRequest, section: UploadSection): Html {
  const { language } = request;
  const { action, name, material, held } = section;
  const files = held.map(
    (one) => html`<li>${fileLine(request, one)}${section.removable ? removeForm(request, action, one) : NOTHING}</li>`,
  );
  const state = tag({
    text: (material.required ? REQUIRED : OPTIONAL)[language],
    classes: material.required ? "zt-tag--wait" : "zt-tag--quiet",
  });
  return html`<section class="zt-section"><h2>${material.title[language]} ${held.length > 0 ? NOTHING : state}</h2>${
    files.length > 0 ? html`<ul class="zt-files">${files}</ul>` : NOTHING
  }<form action="${action}" method="post" enctype="multipart/form-data" novalidate>${formFields(request)}<input type="hidden" name="material" value="${name}">${fileUpload(
    {
      language,
      id: name,
      name: "file",
      label: {
        text: html`${CHOOSE[language]}<span class="govuk-visually-hidden">${fill(ABOUT, { title: material.title[language] })[language]}</span>`,
      },
      hint: material.hint?.[language],
      errorMessage: section.error,
      attributes: { accept: material.mediaTypes.join(",") },
    },
  )}${button({ text: html`${UPLOAD[language]}<span class="govuk-visually-hidden">${fill(ABOUT, { title: material.title[language] })[language]}</span>`, classes: "govuk-button--secondary", preventDoubleClick: true })}</form></section>`;
}

function fileLine({ language }: PageRequest, one: MaterialRow): Html {
  const at = fill(AT, { at: formatInstant(Temporal.Instant.from(one.uploadedAt), language) })[language];
  return html`<span>${one.fileName}</span> <span class="zt-files__size">${fileType(one.mediaType)}, ${formatSize(one.bytes)} · ${CHECKED[language]} · ${at}</span>`;
}

function removeForm(request: PageRequest, action: string, one: MaterialRow): Html {
  const label = html`${REMOVE[request.language]}<span class="govuk-visually-hidden"> ${one.fileName}</span>`;
  return html`<form action="${action}" method="post">${formFields(request)}<input type="hidden" name="remove" value="${one.id}">${button({ text: label, classes: "govuk-button--secondary" })}</form>`;
}
