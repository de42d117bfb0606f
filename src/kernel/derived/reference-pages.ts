import type { Text } from "#lib/language/text";
import { type Action, actionsOfHouse, type Grant } from "../access/action.ts";
import { kernelPolicyTexts } from "../access/base-policies.ts";
import type { AssuranceNeed } from "../contract/assurance.ts";
import { type Citation, citationText } from "../contract/citation.ts";
import type { Contract, Operation, Procedure, Register, Service } from "../contract/contract.ts";
import { DOOR_REFUSALS } from "../contract/door-refusals.ts";
import { DOOR_STATUS } from "../http/refusal-status.ts";
import { type JsonSchema, jsonSchemaOf } from "./json-schema.ts";

/** Markdown files by their path below `docs/reference`. */
export type ReferencePages = Readonly<Record<string, string>>;

const WARNING = "<!-- Generated from the contracts. Do not edit; run `npx zhengtong contracts`. -->";

/**
 * Writes the reference: a page for each room, and one each for refusals, faults and access.
 * @param options.faults every declared fault by its code
 */
export function referencePages(options: {
  readonly contracts: readonly Contract[];
  readonly faults: Readonly<Record<string, Text>>;
}): ReferencePages {
  const contracts = [...options.contracts].sort((one, other) => (one.id < other.id ? -1 : 1));
  return {
    "README.md": indexPage(contracts),
    ...Object.fromEntries(contracts.map((contract) => [`rooms/${contract.id}.md`, roomPage(contract)])),
    "refusals.md": refusalsPage(contracts),
    "faults.md": faultsPage(options.faults),
    "access.md": accessPage(contracts),
    "legal-basis.md": legalBasisPage(contracts),
  };
}

function page(title: string, ...parts: readonly string[]): string {
  return `${[`# ${title}`, WARNING, ...parts.filter((part) => part !== "")].join("\n\n")}\n`;
}

function both({ zh, en }: Text): string {
  return `${zh} ${en}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function cell(value: string): string {
  return value.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function indexPage(contracts: readonly Contract[]): string {
  const rows = contracts.map((contract) => [
    `[${contract.id}](rooms/${contract.id}.md)`,
    contract.version,
    both(contract.title),
    both(contract.steward),
  ]);
  return page(
    "参考 Reference",
    "What each room promises, in the words of its contract.",
    table(["room", "version", "title", "steward 数源部门"], rows),
    "See also [refusals](refusals.md), [faults](faults.md), [who may do what](access.md) and [the legal basis](legal-basis.md).",
  );
}

function roomPage(contract: Contract): string {
  const sections = [
    section("登记簿 Registers", contract.registers, registerPart),
    section("操作 Operations", contract.operations, (name, operation) => operationPart(contract, name, operation)),
    section("事项 Services", contract.services, servicePart),
    section("程序 Procedures", contract.procedures, procedurePart),
    section("事件 Events", contract.events, (name, { title, payload, key }) =>
      part(
        name,
        title,
        fieldTable(jsonSchemaOf(payload, "output")),
        ...(key === undefined ? [] : [`Those with the same \`${key}\` arrive one after the other.`]),
      ),
    ),
  ];
  return page(
    both(contract.title),
    `\`${contract.id}\` ${contract.version} · 数源部门 steward: ${both(contract.steward)}`,
    ...sections,
  );
}

function section<T>(
  title: string,
  parts: Readonly<Record<string, T>>,
  write: (name: string, value: T) => string,
): string {
  const written = Object.entries(parts).map(([name, value]) => write(name, value));
  return written.length === 0 ? "" : [`## ${title}`, ...written].join("\n\n");
}

function part(name: string, title: Text, ...lines: readonly string[]): string {
  return [`### ${name}: ${both(title)}`, ...lines.filter((line) => line !== "")].join("\n\n");
}

function basis(citations: readonly Citation[]): string {
  return citations.length === 0 ? "" : `依据 Legal basis: ${citations.map((one) => citationText(one).zh).join("；")}`;
}

function registerPart(name: string, register: Register): string {
  const { subject, retention } = register;
  const kept = retention === "permanent" ? "永久 permanently" : `${retention.years} 年 years`;
  return part(
    name,
    register.title,
    `主体 subject: ${subject.kind}${subject.by === undefined ? "" : ` by \`${subject.by}\``} · 保存 kept: ${kept}`,
    basis(register.legalBasis),
    fieldTable(jsonSchemaOf(register.schema, "output")),
  );
}

function operationPart(contract: Contract, name: string, operation: Operation): string {
  const duty = operation.duty === undefined ? "" : ` · 职责 duty: \`${operation.duty}\``;
  const url = `/api/${contract.id}/v${contract.version.split(".")[0]}/${name}`;
  const refusals = Object.entries(operation.refusals).map(([code, words]) => [`\`${code}\``, words.zh, words.en]);
  return part(
    name,
    operation.title,
    `${operation.kind} · \`${url}\` · 可调用者 audience: ${operation.audience.join(", ")}${duty}${assuranceText(operation.assurance)}`,
    basis(operation.legalBasis),
    titled("输入 Input", fieldTable(jsonSchemaOf(operation.input, "input"))),
    titled("输出 Output", fieldTable(jsonSchemaOf(operation.output, "output"))),
    titled("不予办理 Refusals", table(["code", "zh", "en"], refusals)),
  );
}

function assuranceText(need: AssuranceNeed | undefined): string {
  if (need === undefined) return "";
  const { level, withinMinutes } = need;
  const fresh = withinMinutes === undefined ? "" : `（${withinMinutes} 分钟内 within ${withinMinutes} min）`;
  return ` · 认证等级 assurance: ${level}${fresh}${need.once ? "，一次一签 one proof, one signature" : ""}`;
}

function titled(title: string, body: string): string {
  return body === "" ? "" : `**${title}**\n\n${body}`;
}

function servicePart(name: string, service: Service): string {
  const { limits, fee } = service;
  const materials = Object.entries(service.materials).map(([id, material]) => [
    `\`${id}\``,
    both(material.title),
    material.required ? "必须 required" : "可选 optional",
    material.mediaTypes.join(", "),
  ]);
  const facts = Object.entries(service.facts).map(([id, fact]) => [`\`${id}\``, both(fact.title), both(fact.source)]);
  return part(
    name,
    service.title,
    both(service.summary),
    `申请人 applicants: ${service.applicants.join(", ")}${service.forOthers ? ` · 可代办 for others: ${service.forOthers.join(", ")}` : ""} · 承诺 promised ${limits.promisedDays} · 法定 statutory ${limits.statutoryDays} · 法律 law ${limits.lawDays} 个工作日 working days · 收费 fee: ${both(fee)} · 结果 result: ${both(service.result)}${assuranceText(service.assurance)}`,
    basis(service.legalBasis),
    titled("申请表 Form", fieldTable(jsonSchemaOf(service.form))),
    titled("政府已有信息 Facts that government has", table(["fact", "title", "source"], facts)),
    titled("材料 Materials", table(["material", "title", "", "media types"], materials)),
  );
}

const SENDERS = {
  applicant: "申请人 applicant",
  parties: "申请人、利害关系人 applicant, interested parties",
} as const;

function procedurePart(name: string, procedure: Procedure): string {
  const tasks = Object.entries(procedure.tasks).map(([id, task]) => [
    `\`${id}\``,
    both(task.title),
    `\`${task.duty}\`${assuranceText(task.assurance)}`,
  ]);
  const messages = Object.entries(procedure.messages).map(([id, message]) => [
    `\`${id}\``,
    both(message.title),
    message.from === "applicant" ? SENDERS[message.parties ? "parties" : "applicant"] : `\`${message.from.duty}\``,
    message.ends ?? "",
  ]);
  const notices = Object.entries(procedure.notices).map(([id, notice]) => [
    `\`${id}\``,
    both(notice.title),
    notice.legalBasis.map((one) => citationText(one).zh).join("；"),
  ]);
  const slots = Object.entries(procedure.slots).map(([id, slot]) => [`\`${id}\``, both(slot)]);
  return part(
    name,
    procedure.title,
    basis(procedure.legalBasis),
    titled("环节 Tasks", table(["task", "title", "duty"], tasks)),
    titled("办理中的申请 Messages", table(["message", "title", "from", "ends the case as"], messages)),
    titled("文书 Notices", table(["notice", "title", "legal basis"], notices)),
    titled("由事项绑定 Slots", table(["slot", "title"], slots)),
  );
}

/** The attributes of an object; other types get one line. */
function fieldTable(schema: JsonSchema): string {
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    `\`${name}\``,
    property["x-title"] ? both(property["x-title"]) : "",
    typeText(property),
    [
      ...(required.has(name) ? [] : ["可选 optional"]),
      ...(property["x-sensitive"] ? ["敏感 sensitive"] : []),
      ...(property["x-lookup"] ? [`查找 lookup: ${property["x-lookup"]}`] : []),
    ].join("; "),
  ]);
  if (rows.length > 0) return table(["attribute", "title", "type", ""], rows);
  return schema.type === "object" || schema.type === undefined ? "" : typeText(schema);
}

function typeText(schema: JsonSchema): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(typeText).join(" or ");
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.const !== undefined) return `\`${schema.const}\``;
  const most = schema.maxLength ?? schema.maxItems;
  const size = most === undefined ? "" : ` ≤ ${most}`;
  if (schema.type === "array") return `list${size} of ${schema.items ? typeText(schema.items) : "values"}`;
  return `${schema.format ?? schema.type ?? "value"}${size}`;
}

function refusalsPage(contracts: readonly Contract[]): string {
  const door = Object.entries(DOOR_REFUSALS).map(([code, words]) => [
    `\`${code}\``,
    String(DOOR_STATUS[code as keyof typeof DOOR_STATUS]),
    words.zh,
    words.en,
  ]);
  const own = contracts.flatMap((contract) =>
    Object.entries(contract.operations).flatMap(([name, operation]) =>
      Object.entries(operation.refusals).map(([code, words]) => [
        `\`${code}\``,
        `[${contract.id}](rooms/${contract.id}.md).${name}`,
        words.zh,
        words.en,
      ]),
    ),
  );
  return page(
    "不予办理 Refusals",
    "An expected “no”. It is a value, has words for the reader in both languages, and changes nothing.",
    "## 任何操作 Any operation",
    table(["code", "status", "zh", "en"], door),
    own.length === 0 ? "" : "## 各系统 By room",
    table(["code", "operation", "zh", "en"], own),
  );
}

/** Every article that some promise rests on, and where: what to read again when a law changes. */
function legalBasisPage(contracts: readonly Contract[]): string {
  const cited = contracts.flatMap(citationsOf);
  const laws = Map.groupBy(cited, ({ citation }) => citation.law.zh);
  const sections = [...laws]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([law, places]) => {
      const articles = Map.groupBy(places, ({ citation }) => citation.article);
      const rows = [...articles]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([article, where]) => [article, where.map(({ place }) => `\`${place}\``).join(", ")]);
      return `## 《${law}》 ${places[0]?.citation.law.en ?? ""}\n\n${table(["article", "cited by"], rows)}`;
    });
  return page("法律依据 Legal basis", "What to read again when a law changes.", ...sections);
}

function citationsOf(contract: Contract): readonly { readonly citation: Citation; readonly place: string }[] {
  const { id, registers, operations, services, procedures } = contract;
  const parts = Object.entries({ registers, operations, services, procedures });
  return parts.flatMap(([, named]) =>
    Object.entries(named as Readonly<Record<string, { readonly legalBasis: readonly Citation[] }>>).flatMap(
      ([name, { legalBasis }]) => legalBasis.map((citation) => ({ citation, place: `${id}.${name}` })),
    ),
  );
}

function faultsPage(faults: Readonly<Record<string, Text>>): string {
  const rows = Object.entries(faults)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, words]) => [`\`${code}\``, words.zh, words.en]);
  return page(
    "故障 Faults",
    "What should not have happened. A fault is logged and counted under its code, which never reaches a person's screen.",
    table(["code", "zh", "en"], rows),
  );
}

function accessPage(contracts: readonly Contract[]): string {
  const rows = actionsOfHouse(contracts).map((action) => [`\`${action.id}\``, both(action.title), grantsText(action)]);
  const forbids = Object.entries(kernelPolicyTexts()).map(([id, words]) => [`\`${id}\``, words.zh, words.en]);
  return page(
    "谁可以做什么 Who may do what",
    "Denied unless granted here. What the contracts grant, before the rules below and the node's further policies take away.",
    table(["action", "title", "granted to"], rows),
    "## 内核规则 What the kernel always forbids",
    table(["policy", "zh", "en"], forbids),
  );
}

function grantsText(action: Action): string {
  return action.grants.map(grantText).join("; ");
}

function grantText({ audience, duty, purposes }: Grant): string {
  const who = duty === undefined ? audience : `${audience} \`${duty}\``;
  return purposes === undefined ? who : `${who} (${purposes.join(", ")})`;
}
