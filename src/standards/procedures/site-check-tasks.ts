/** 现场核查: what two inspectors fill in on the spot (行政许可法 §34). */
import { z } from "zod";
import { task } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { withNeeds } from "#kernel/contract/form-rules";
import { text } from "#lib/language/text";
import { MAX_REASON_CHARACTERS, NEEDS_REASONS, reasons } from "./reasons.ts";
import { TERM_OVER } from "./special-tasks.ts";

const photograph = z.object({
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string().max(200),
  mediaType: z.string().max(100),
  bytes: z.int().positive(),
});

const yesNo = (title: ReturnType<typeof text>) =>
  field(z.enum(["yes", "no"]), {
    title,
    kind: "radios",
    options: { yes: text("符合", "Meets the requirement"), no: text("不符合", "Does not") },
  });

/** 现场核查: the first of two inspectors fills in the check form on the spot (§34). */
export const siteCheck = task({
  title: text("现场核查", "Site check"),
  duty: "licensing.inspect",
  form: withNeeds(
    z.object({
      premises: yesNo(text("场所与平面布局图一致", "The premises match the floor plan")),
      hygiene: yesNo(text("与污染源保持规定距离，环境整洁", "Clean, and far enough from sources of pollution")),
      equipment: yesNo(text("设备设施齐全、能正常使用", "Equipment is complete and works")),
      staff: yesNo(
        text(
          "从业人员健康证明和食品安全管理人员到位",
          "Staff hold health certificates; a food safety manager is named",
        ),
      ),
      rules: yesNo(text("食品安全管理制度齐全", "Food safety rules are in place")),
      observations: field(z.string().trim().min(1).max(MAX_REASON_CHARACTERS), {
        title: text("核查情况", "What was found"),
        kind: "textarea",
      }),
      photographs: field(z.array(photograph).max(10).optional(), {
        title: text("现场照片", "Photographs"),
        hint: text("JPEG 或 PNG，每张不超过 10 MB", "JPEG or PNG, at most 10 MB each"),
        kind: "file",
      }),
      present: field(z.string().trim().min(1).max(40), {
        title: text("申请人或现场负责人签名", "Signed by the applicant or whoever was in charge"),
        hint: text("请对方核对以上记录后输入姓名", "Let them read the record, then enter their name"),
      }),
      outcome: field(z.enum(["pass", "rectify", "fail"]), {
        title: text("核查结论", "Conclusion"),
        kind: "radios",
        options: {
          pass: text("符合要求", "Meets the requirements"),
          rectify: text("需要整改", "To be rectified"),
          fail: text("不符合要求", "Does not meet the requirements"),
        },
      }),
      rectifyDays: field(z.coerce.number().int().min(1).max(60).default(10), {
        title: text("整改期限（工作日）", "Working days to rectify"),
        kind: "number",
      }),
      reasons,
    }),
    [
      {
        field: "reasons",
        when: (form) => form["outcome"] !== "pass",
        message: text("请写明存在的问题", "Say what is wrong"),
      },
    ],
  ),
  rules: [TERM_OVER],
});

/** The second inspector signs the record, or has it checked again (§34). */
export const siteCheckConfirm = task({
  title: text("核查人员会签", "Second inspector signs"),
  duty: "licensing.inspect",
  form: withNeeds(
    z.object({
      outcome: field(z.enum(["agree", "disagree"]), {
        title: text("会签意见", "Do you agree with the record?"),
        kind: "radios",
        options: { agree: text("同意", "I agree"), disagree: text("不同意，重新核查", "I do not; check again") },
      }),
      reasons,
    }),
    [{ field: "reasons", when: (form) => form["outcome"] === "disagree", message: NEEDS_REASONS }],
  ),
  rules: [TERM_OVER],
});
