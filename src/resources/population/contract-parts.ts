import { z } from "zod";
import { cite, PERSONAL_INFORMATION_LAW } from "#kernel/contract/citation";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { DOCUMENT_NUMBER_LENGTH_MAX } from "./registers.ts";

/** Writing entries. */
export const KEEP = "register.keep";

export const DocumentNumber = field(z.string().trim().min(1).max(DOCUMENT_NUMBER_LENGTH_MAX), {
  title: text("证件号码", "Document number"),
  kind: "identity-number",
  sensitive: true,
});

/** 个人信息保护法 §13: what a statutory duty needs. */
export const statutory = [cite(PERSONAL_INFORMATION_LAW, "第十三条第一款第三项")];
