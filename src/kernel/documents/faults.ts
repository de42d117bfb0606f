import { defineFaults } from "#kernel/errors/fault";
import { text } from "#lib/language/text";

export const documentFaults = defineFaults({
  ERR_DOCUMENT_KIND: text("没有这种文书", "There is no document of this kind"),
  ERR_DOCUMENT_FONT: text("字体文件不可用", "A font file cannot be used"),
  ERR_DOCUMENT_TEMPLATE: text("文书模板无法排版", "A document's template could not be typeset"),
  ERR_DOCUMENT_TIMEOUT: text("文书排版超时", "Typesetting a document took too long"),
  ERR_DOCUMENT_BUSY: text("待排版文书过多", "Too many documents wait to be typeset"),
});
