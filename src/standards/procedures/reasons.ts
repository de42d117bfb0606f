/** What most steps of a procedure are given with: reasons and their legal basis. */
import { z } from "zod";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";

export const MAX_REASON_CHARACTERS = 2000;

export const reasons = field(z.string().trim().max(MAX_REASON_CHARACTERS).optional(), {
  title: text("理由和依据", "Reasons and legal basis"),
  hint: text("将写入送达申请人的文书", "This is printed in the notice to the applicant"),
  kind: "textarea",
});

export const NEEDS_REASONS = text("请写明理由和依据", "Give the reasons and their legal basis");
