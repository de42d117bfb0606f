import type { z } from "zod";
import { type Text, text } from "#lib/language/text";
import { fieldMeta } from "../contract/field.ts";
import type { InputIssue } from "../contract/refusal.ts";

/** The most faults that one answer lists. */
export const MAX_INPUT_ISSUES = 50;

/** A schema's refusal in the reader's language, field by field. A message that the schema itself gives as JSON text is kept. */
export function inputIssues(error: z.ZodError, schema: z.ZodType): readonly InputIssue[] {
  return error.issues.slice(0, MAX_INPUT_ISSUES).map((issue) => ({
    path: issue.path.join("."),
    text: issueText(issue as z.core.$ZodIssue & Record<string, unknown>, titleAt(schema, issue.path)),
  }));
}

function titleAt(schema: z.ZodType, path: readonly PropertyKey[]): Text {
  let current: z.ZodType | undefined = schema;
  let title = text("此项", "This field");
  for (const step of path) {
    const definition = current?._zod.def as { shape?: Record<string, z.ZodType>; element?: z.ZodType } | undefined;
    current = definition?.shape?.[String(step)] ?? definition?.element;
    if (!current) break;
    title = fieldMeta(current)?.title ?? title;
  }
  return title;
}

function issueText(issue: z.core.$ZodIssue & Record<string, unknown>, title: Text): Text {
  const own = ownText(issue.message);
  if (own) return own;
  switch (issue.code) {
    case "invalid_type":
      return issue.message.includes("received undefined") || issue["input"] === undefined
        ? text(`请填写${title.zh}`, `Enter ${lower(title.en)}`)
        : text(`${title.zh}的格式不正确`, `${title.en} is not in the right form`);
    case "too_small":
      return Number(issue["minimum"]) <= 1
        ? text(`请填写${title.zh}`, `Enter ${lower(title.en)}`)
        : text(`${title.zh}至少 ${issue["minimum"]}`, `${title.en} must be at least ${issue["minimum"]}`);
    case "too_big":
      return text(`${title.zh}最多 ${issue["maximum"]}`, `${title.en} must be at most ${issue["maximum"]}`);
    case "invalid_value":
      return text(`请选择${title.zh}`, `Choose ${lower(title.en)}`);
    case "unrecognized_keys":
      return text("有不认识的内容", "There is something that is not known here");
    default:
      return text(`${title.zh}的格式不正确`, `${title.en} is not in the right form`);
  }
}

function ownText(message: string): Text | undefined {
  if (!message.startsWith('{"zh":')) return undefined;
  return JSON.parse(message) as Text;
}

function lower(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}
