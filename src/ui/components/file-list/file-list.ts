import { type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import type { Content } from "#ui/components/options";
import { formatSize } from "#ui/format";

export interface FileShown {
  readonly href: string;
  readonly name: string;
  /** PDF, JPEG; what it is, not what it claims. */
  readonly type: string;
  readonly sizeBytes: number;
  readonly note?: Content | undefined;
}

const NO_FILE = text("没有文件", "No file");

/** Files, each with its type and size before anyone opens it. */
export function fileList(files: readonly FileShown[], language: Language): Html {
  if (files.length === 0) return html`<p class="zt-files__none">${NO_FILE[language]}</p>`;
  return html`<ul class="zt-files">${files.map(
    (file) =>
      html`<li><a class="govuk-link" href="${file.href}">${file.name}</a> <span class="zt-files__size">${file.type}, ${formatSize(file.sizeBytes)}</span>${
        file.note ? html`<p>${file.note}</p>` : NOTHING
      }</li>`,
  )}</ul>`;
}
