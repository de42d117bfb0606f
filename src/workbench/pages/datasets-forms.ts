import { datasets, PUBLISH, RECEIVE } from "#infrastructure/datasets";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html, NOTHING } from "#lib/html/html";
import { type Text, text } from "#lib/language/text";
import { errorSummary } from "#ui/components/error-summary/error-summary";
import type { FieldDescriptor, FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formPage } from "#ui/form/render-form";
import { formFields, holds, workbench } from "../frame.ts";
import { DATASETS_PATH, DATASETS_TITLE } from "./datasets.ts";

/** The agreements: what is published, what is given to whom, of what a copy is kept. */

const CODE_LENGTH_MAX = 63;
const NAME_LENGTH_MAX = 200;
const ATTRIBUTES_LENGTH_MAX = 4_000;

const NODE: FieldDescriptor = {
  ...{ name: "node", kind: "text", required: true, maxLength: CODE_LENGTH_MAX },
  title: text("节点代码", "Code of the node"),
};
const REGISTER: FieldDescriptor = {
  ...{ name: "register", kind: "text", required: true, maxLength: NAME_LENGTH_MAX },
  title: text("登记簿", "Register"),
  hint: text("例如 population.person", "Such as population.person"),
};
const SHARED: readonly FieldDescriptor[] = [
  {
    ...{ name: "division", kind: "text", required: false, maxLength: 12 },
    title: text("区划代码开头", "Divisions that begin with"),
    hint: text("留空为全部；例如 9901 为一市", "Empty: all; such as 9901, a city"),
  },
  {
    ...{ name: "attributes", kind: "textarea", required: true, maxLength: ATTRIBUTES_LENGTH_MAX },
    title: text("属性", "Attributes"),
    hint: text("双方须一致；以空格或逗号分开", "The same on both sides; with spaces or commas between"),
  },
  {
    ...{ name: "lawZh", kind: "text", required: true, maxLength: NAME_LENGTH_MAX },
    title: text("法律依据", "Legal basis (Chinese)"),
  },
  {
    ...{ name: "lawEn", kind: "text", required: true, maxLength: NAME_LENGTH_MAX },
    title: text("法律依据（英文）", "Legal basis (English)"),
  },
  {
    ...{ name: "article", kind: "text", required: true, maxLength: NAME_LENGTH_MAX },
    title: text("条款", "Article"),
  },
];

interface AgreementForm {
  readonly action: "publish" | "offer" | "subscribe" | "subscribe-by-grant";
  readonly duty: string;
  readonly title: Text;
  readonly lead: Text;
  fields(site: Site): readonly FieldDescriptor[];
}

const FORMS: readonly AgreementForm[] = [
  {
    ...{ action: "publish", duty: PUBLISH, title: text("发布数据集", "Publish a data set") },
    lead: text(
      "发布后开始记录变更；没有约定，任何节点都不能取得。",
      "From then on its changes are noted. Without an agreement no node gets any of it.",
    ),
    fields: (site) => [
      { ...REGISTER, kind: "select", hint: undefined, options: registersOf(site) },
      {
        ...{ name: "divisionAttribute", kind: "text", required: false, maxLength: NAME_LENGTH_MAX },
        title: text("存放区划代码的属性", "Attribute that holds the division's code"),
        hint: text("需要按区划提供或回流时填写", "Where it is to be given by division"),
      },
    ],
  },
  {
    ...{ action: "offer", duty: PUBLISH, title: text("依法向上级或下级提供数据集", "Give a data set by law") },
    lead: text(
      "仅用于法律规定的逐级汇聚和回流：注明依据，双方填写一致才能传送，到期或终止后立即停止。其他情形由需求部门在数据目录中申请，凭授权取用。",
      "For aggregation and return between levels where a law says so: cite it. Nothing is given unless both sides entered the same, and it stops at once when it ends. Everything else is asked for in the catalogue, and had by a grant.",
    ),
    fields: (site) => [
      { ...REGISTER, kind: "select", hint: undefined, options: registersOf(site) },
      NODE,
      ...SHARED,
      { name: "endsOn", kind: "date", required: true, title: text("终止日期", "Ends on") },
    ],
  },
  {
    ...{ action: "subscribe-by-grant", duty: RECEIVE, title: text("凭授权建立副本", "Have a copy kept by a grant") },
    lead: text(
      "信息项、用途、期限和用量按来源方目录中的授权执行；授权暂停、终止、到期或用完，立即停止，双方都能看到原因。",
      "Attributes, purposes, term and volume are those of the grant in the source's catalogue. Where it is suspended, ended, expired or used up, it stops at once, and both sides see why.",
    ),
    fields: () => [
      REGISTER,
      NODE,
      {
        ...{ name: "grant", kind: "number", required: true, maxLength: 9 },
        title: text("来源方的授权编号", "Number of the grant at the source"),
      },
    ],
  },
  {
    ...{ action: "subscribe", duty: RECEIVE, title: text("依法汇聚或回流", "Have a copy kept by law") },
    lead: text(
      "副本以来源方为准，仅用于所填依据；终止时清除。",
      "The copy says what its source says, is for this basis alone, and is erased when it ends.",
    ),
    fields: () => [REGISTER, NODE, ...SHARED],
  },
];

export function datasetsFormPages(site: Site): readonly Page[] {
  return FORMS.map((form) =>
    definePage({
      path: `${DATASETS_PATH}/${form.action}`,
      audience: "official",
      get: async (request) => show(site, request, form, {}),
      post: (request) => send(site, request, form),
    }),
  );
}

function registersOf(site: Site): FieldDescriptor["options"] {
  return [...site.kernel.registers.values()].map(({ id, declaration }) => ({
    value: id,
    title: text(`${declaration.title.zh}（${id}）`, `${declaration.title.en} (${id})`),
  }));
}

interface Shown {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly refusal?: Refusal;
}

function show(site: Site, request: PageRequest, form: AgreementForm, shown: Shown): PageResponse {
  if (!holds(request, form.duty)) return { kind: "not-found" };
  const { language } = request;
  const title = form.title[language];
  const { refusal } = shown;
  return workbench(site, request, {
    title,
    hasErrors: shown.errors !== undefined || refusal !== undefined,
    breadcrumbs: [{ href: DATASETS_PATH, text: DATASETS_TITLE[language] }, { text: title }],
    main: html`${refusal === undefined ? NOTHING : errorSummary({ title: refusal.text[language], errorList: [] })}${formPage(
      {
        ...{ language, title, lead: form.lead[language], fields: form.fields(site) },
        action: `${DATASETS_PATH}/${form.action}`,
        token: formFields(request),
        values: shown.values ?? {},
        errors: shown.errors,
      },
    )}`,
  });
}

async function send(site: Site, request: PageRequest, form: AgreementForm): Promise<PageResponse> {
  if (!holds(request, form.duty)) return { kind: "not-found" };
  const { values, errors, input } = parseForm(form.fields(site), request.fields);
  if (Object.keys(errors).length > 0) return show(site, request, form, { values, errors });
  const outcome = await perform(request, form.action, input as Readonly<Record<string, string | undefined>>);
  if (!isRefusal(outcome)) return { kind: "redirect", to: `${DATASETS_PATH}?done=1` };
  const issues = Object.fromEntries(outcome.issues.map((issue) => [fieldNamed(issue.path), issue.text]));
  return show(site, request, form, {
    ...{ values, refusal: outcome },
    ...(outcome.issues.length > 0 && { errors: issues }),
  });
}

/** Of `basis.0.law.zh` the field that was asked for it. */
function fieldNamed(path: string): string {
  if (!path.startsWith("basis")) return path.split(".")[0] ?? "";
  if (path.endsWith(".zh")) return "lawZh";
  return path.endsWith(".en") ? "lawEn" : "article";
}

function perform(
  request: PageRequest,
  action: AgreementForm["action"],
  input: Readonly<Record<string, string | undefined>>,
): Promise<object | Refusal> {
  const doors = request.front(datasets, { purpose: "administration" });
  const { register = "", node = "", division = "", divisionAttribute, endsOn = "" } = input;
  const { attributes = "", lawZh = "", lawEn = "", article = "" } = input;
  if (action === "subscribe-by-grant") return doors.subscribeByGrant({ register, node, grant: Number(input["grant"]) });
  if (action === "publish") return doors.publish({ register, ...(divisionAttribute && { divisionAttribute }) });
  const agreed = {
    ...{ register, node, division },
    attributes: attributes.split(/[\s,，、;；]+/).filter((name) => name !== ""),
    basis: [{ law: { zh: lawZh, en: lawEn }, article }],
  };
  return action === "offer" ? doors.offer({ ...agreed, endsOn }) : doors.subscribe(agreed);
}
