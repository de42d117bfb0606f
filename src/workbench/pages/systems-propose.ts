import { z } from "zod";
import { exchange, REGISTER_SYSTEMS } from "#infrastructure/exchange";
import type { ObjectSchema } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { isRefusal } from "#kernel/contract/refusal";
import { formDescriptors } from "#kernel/derived/form-descriptors";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { PURPOSES } from "#kernel/system/act";
import { html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import type { FieldDescriptor, FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formPage } from "#ui/form/render-form";
import { formFields, holds, problems, refusalPage, workbench } from "../frame.ts";
import { PURPOSE_WORDS } from "../ledger-words.ts";
import { MARKED_FILE } from "../photographs.ts";
import { SYSTEMS_PATH, SYSTEMS_TITLE, systemDoors } from "./systems.ts";

/** An OpenAPI document, and its certificate. */
const MAX_DOCUMENT_BYTES = 1_000_000;
const WORDS_MAX = 200;
const LINES_MAX = 8_000;
const SEND = text("提交审批", "Put it before a second official");

const { proposeSystem, proposeCertificate, proposeRight, proposeProvider } = exchange.operations;
const line = (title: Text, hint?: Text) =>
  field(z.string().trim().min(1).max(WORDS_MAX), { title, ...(hint && { hint }) });
const nameZh = line(text("名称（中文）", "Name (Chinese)"));
const nameEn = line(text("名称（英文）", "Name (English)"));
const { client, reason } = proposeCertificate.input.shape;

/** What is asked on screen: what the operation takes, in fields that a person can fill in. */
const FORMS = {
  system: {
    title: proposeSystem.title,
    lead: text(
      "系统的管理单位在自己的系统里生成密钥和证书；私钥不离开那里。系统的标识由实例、成员类别、成员代码和子系统代码组成。",
      "Whoever runs the system makes key and certificate in it; the key never leaves it. Instance, class, member and subsystem make up its identifier.",
    ),
    schema: z.object({ nameZh, nameEn, ...omit(proposeSystem.input.shape, "name") }),
  },
  certificate: {
    title: proposeCertificate.title,
    lead: text(
      "换证时先登记新证书，审批后再停用旧证书。",
      "To change certificates, register the new one first; stop the old one when it is approved.",
    ),
    schema: proposeCertificate.input,
  },
  right: {
    title: proposeRight.title,
    lead: text(
      "由保管该数据的机关审批。每项权限有目的、法律依据和有效期。",
      "The authority that keeps the data decides. Each right has a purpose, a legal basis and an end.",
    ),
    schema: z.object({
      ...omit(proposeRight.input.shape, "endpoints", "legalBasis", "until", "purpose", "reason"),
      endpoints: field(z.string().trim().min(1).max(LINES_MAX), {
        title: text("操作（每行一项）", "Operations, one a line"),
        hint: text(
          "本平台的服务写操作名，如 findPersonForCase；外部服务写方法和路径，如 GET /orders/{id}",
          "Of our services the operation, such as findPersonForCase; of foreign ones method and path, such as GET /orders/{id}",
        ),
        kind: "textarea",
      }),
      purpose: field(z.enum(PURPOSES), {
        title: text("目的", "Purpose"),
        kind: "select",
        options: Object.fromEntries(PURPOSES.map((one) => [one, PURPOSE_WORDS[one] ?? text(one, one)])),
      }),
      lawZh: line(text("法律法规（中文）", "Law (Chinese)")),
      lawEn: line(text("法律法规（英文）", "Law (English)")),
      article: line(text("条款", "Article"), text("如“第三十五条”", "As the law counts: 第三十五条")),
      untilDay: field(z.iso.date(), { title: text("最后一日", "Last day"), kind: "date" }),
      reason,
    }),
  },
  provider: {
    title: proposeProvider.title,
    lead: text(
      "请求和应答都按此文档核对。文档不得引用其他文件；服务器证书以登记的为准，不看由谁签发。",
      "Requests and answers are held against this document, which may refer to no other file. The server must show the very certificate that is registered, whoever issued it.",
    ),
    schema: z.object({
      client,
      serviceCode: proposeProvider.input.shape.serviceCode,
      nameZh,
      nameEn,
      baseUrl: proposeProvider.input.shape.baseUrl,
      certificate: proposeProvider.input.shape.certificate,
      reason,
    }),
    files: [
      {
        name: "document",
        title: text("OpenAPI 3.0/3.1 文档（JSON 或 YAML）", "OpenAPI 3.0 or 3.1 document (JSON or YAML)"),
        kind: "file",
        required: true,
      },
    ] as const,
  },
} as const satisfies Record<
  string,
  { title: Text; lead: Text; schema: ObjectSchema; files?: readonly FieldDescriptor[] }
>;
type Kind = keyof typeof FORMS;

function omit<T extends object, K extends keyof T>(shape: T, ...names: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(shape).filter(([name]) => !names.includes(name as K))) as Omit<T, K>;
}

/** Forms by which a system, its certificates, its rights and its services are put before a second official. */
export function systemProposalPages(site: Site): readonly Page[] {
  return (Object.keys(FORMS) as Kind[]).map((kind) =>
    definePage({
      path: `${SYSTEMS_PATH}/new/${kind}`,
      audience: "official",
      ...(kind === "provider" && { maxUploadBytes: MAX_DOCUMENT_BYTES }),
      get: (request) => ask(site, request, kind),
      post: (request) => send(site, request, kind),
    }),
  );
}

function fieldsOf(kind: Kind): readonly FieldDescriptor[] {
  const form = FORMS[kind];
  return [...formDescriptors(form.schema), ...("files" in form ? form.files : [])];
}

interface Shown {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly problem?: Text;
}

async function ask(site: Site, request: PageRequest, kind: Kind, shown: Shown = {}): Promise<PageResponse> {
  if (!holds(request, REGISTER_SYSTEMS)) return { kind: "not-found" };
  const { language } = request;
  const { title, lead } = FORMS[kind];
  return workbench(site, request, {
    title: title[language],
    hasErrors: shown.errors !== undefined || shown.problem !== undefined,
    breadcrumbs: [{ href: SYSTEMS_PATH, text: SYSTEMS_TITLE[language] }, { text: title[language] }],
    main: html`${shown.problem ? problems(request, [{ text: shown.problem }]) : NOTHING}${formPage({
      language,
      title: title[language],
      lead: lead[language],
      fields: fieldsOf(kind),
      action: `${SYSTEMS_PATH}/new/${kind}`,
      token: formFields(request),
      submit: SEND,
      values: shown.values ?? {},
      errors: shown.errors,
    })}`,
  });
}

const NO_DOCUMENT = text("请选择 OpenAPI 文档", "Choose the OpenAPI document");

async function send(site: Site, request: PageRequest, kind: Kind): Promise<PageResponse> {
  if (!holds(request, REGISTER_SYSTEMS)) return { kind: "not-found" };
  const { values, errors, input } = parseForm(fieldsOf(kind), request.fields);
  const file = request.files.find((one) => one.field === "document" && (one.bytes.length > 0 || one.isMarked));
  const missing: FormErrors =
    kind !== "provider" || (file && !file.isMarked)
      ? {}
      : { document: file ? fill(MARKED_FILE, { name: file.name }) : NO_DOCUMENT };
  const wrong = { ...errors, ...missing };
  if (Object.keys(wrong).length > 0) return ask(site, request, kind, { values, errors: wrong });
  const done = await propose(request, kind, input as Input, file ? new TextDecoder().decode(file.bytes) : "");
  if (!isRefusal(done)) return { kind: "redirect", to: `${SYSTEMS_PATH}/${done.id}?done=1` };
  if (done.needs) return refusalPage(site, request, done, SYSTEMS_PATH);
  const named = done.issues.map((issue) => [
    FIELDS[issue.path.split(".", 1)[0] ?? ""] ?? issue.path.split(".")[0] ?? "",
    issue.text,
  ]);
  return done.issues.length > 0
    ? ask(site, request, kind, { values, errors: Object.fromEntries(named) })
    : ask(site, request, kind, { values, problem: done.text });
}

type Input = Readonly<Record<string, string>>;
/** Where a member of an operation's input stands on screen. */
const FIELDS: Readonly<Record<string, string>> = { name: "nameZh", legalBasis: "lawZh", until: "untilDay" };

/** What was read is checked by the operation's own schema. */
function propose(request: PageRequest, kind: Kind, input: Input, document: string) {
  const doors = systemDoors(request);
  const {
    nameZh: zh = "",
    nameEn: en = "",
    lawZh = "",
    lawEn = "",
    article = "",
    untilDay = "",
    endpoints = "",
    ...rest
  } = input;
  const given = rest as never;
  const named = { ...(rest as object), name: { zh, en } } as never;
  switch (kind) {
    case "system":
      return doors.proposeSystem(named);
    case "certificate":
      return doors.proposeCertificate(given);
    case "provider":
      return doors.proposeProvider({ ...(named as object), document } as never);
    case "right":
      return doors.proposeRight({
        ...(rest as object),
        endpoints: endpoints
          .split("\n")
          .map((one) => one.trim())
          .filter((one) => one !== ""),
        legalBasis: [{ law: { zh: lawZh, en: lawEn }, article }],
        // The whole of the last day, where the government is.
        until: endOfDay(untilDay),
      } as never);
  }
}

function endOfDay(day: string): string {
  return Temporal.PlainDate.from(day)
    .add({ days: 1 })
    .toZonedDateTime("Asia/Shanghai")
    .toInstant()
    .toString({ smallestUnit: "millisecond" });
}
