import { z } from "zod";
import type { Contract, ObjectSchema, Operation } from "#kernel/contract/contract";
import { fieldMeta } from "#kernel/contract/field";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { Purpose } from "#kernel/system/act";
import { type Html, html, NOTHING } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { errorSummary } from "#ui/components/error-summary/error-summary";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { topics } from "#ui/components/topics/topics";
import type { FormErrors, FormValues } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formPage } from "#ui/form/render-form";
import { answerWords } from "../answer-words.ts";
import { derivedForm } from "../derived-form.ts";
import { formFields, postOf, workbench } from "../frame.ts";
import { valueTable } from "../value-table.ts";

const TITLE = text("岗位职责", "What this post does");
const NONE = text("此岗位没有其他职责", "This post has no further duties");
const ANSWER = text("结果", "Result");
const DONE = text("已办理并记录。", "Done and on the record.");
const SUBMIT_COMMAND = text("确认办理", "Do it");
const SUBMIT_QUERY = text("查询", "Look it up");

/** What duties serve which purpose; everything else is the keeping of a register. */
function purposeOf(contract: Contract): Purpose {
  return contract.id === "directory" ||
    contract.id === "security" ||
    contract.id === "identity" ||
    contract.id === "trust"
    ? "administration"
    : "register-keeping";
}

/**
 * Pages that are derived from the contracts: for each operation that officials may call, its form and its answer. A room
 * that wants a better page declares one of its own.
 */
export function operationPages(site: Site): readonly Page[] {
  return [
    definePage({ path: "/workbench/operations", audience: "official", get: (request) => list(site, request) }),
    definePage({
      path: "/workbench/operations/:room/:operation",
      audience: "official",
      get: (request) => show(site, request, {}),
      post: (request) => perform(site, request),
    }),
  ];
}

interface Found {
  readonly contract: Contract;
  readonly name: string;
  readonly operation: Operation;
  readonly schema: ObjectSchema;
}

/** Operations for officials whose duty this post holds and whose input is a form. */
function operationsOf(site: Site, request: PageRequest): readonly Found[] {
  const { post } = postOf(request);
  return [...site.kernel.systems.values()].flatMap(({ contract }) =>
    Object.entries(contract.operations).flatMap(([name, operation]): Found[] => {
      const { input: schema, duty } = operation;
      const mine = operation.audience.includes("official") && duty !== undefined && post.duties.includes(duty);
      // What concerns one's own session has pages of its own.
      const form = schema instanceof z.ZodObject && !("session" in schema.shape);
      return mine && form ? [{ contract, name, operation, schema }] : [];
    }),
  );
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const byRoom = Map.groupBy(operationsOf(site, request), ({ contract }) => contract);
  const sections = [...byRoom].map(
    ([contract, operations]) =>
      html`<h2>${contract.title[language]}</h2>${topics(
        operations.map(({ name, operation }) => ({
          href: `/workbench/operations/${contract.id}/${name}`,
          title: operation.title[language],
        })),
      )}`,
  );
  return workbench(site, request, {
    title: TITLE[language],
    main: html`${pageHeading({ title: TITLE[language] })}${
      sections.length === 0 ? emptyState({ title: NONE[language] }) : sections
    }`,
  });
}

function find(site: Site, request: PageRequest): Found | undefined {
  const { room, operation } = request.params;
  return operationsOf(site, request).find(({ contract, name }) => contract.id === room && name === operation);
}

interface Shown {
  readonly values?: FormValues;
  readonly errors?: FormErrors;
  readonly refusal?: Refusal;
  readonly answer?: { readonly value: unknown };
}

async function show(site: Site, request: PageRequest, shown: Shown): Promise<PageResponse> {
  const found = find(site, request);
  if (!found) return { kind: "not-found" };
  const { language } = request;
  const { contract, name, operation, schema } = found;
  const { fields } = await derivedForm(site, request, schema);
  const refused = shown.refusal && !shown.errors ? shown.refusal.text[language] : undefined;
  return workbench(site, request, {
    title: operation.title[language],
    hasErrors: shown.errors !== undefined || refused !== undefined,
    breadcrumbs: [{ href: "/workbench/operations", text: TITLE[language] }, { text: operation.title[language] }],
    main: html`${refused === undefined ? NOTHING : errorSummary({ title: refused, errorList: [] })}${
      shown.answer ? answerOf(found, shown.answer.value, language) : NOTHING
    }${formPage({
      language,
      title: operation.title[language],
      caption: contract.title[language],
      fields,
      action: `/workbench/operations/${contract.id}/${name}`,
      token: formFields(request),
      submit: operation.kind === "command" ? SUBMIT_COMMAND : SUBMIT_QUERY,
      values: shown.values ?? request.query,
      errors: shown.errors,
    })}`,
  });
}

function answerOf({ contract, operation }: Found, value: unknown, language: Language): Html {
  const said = operation.kind === "command" ? html`<p>${DONE[language]}</p>` : NOTHING;
  return html`<section class="zt-sheet zt-answer"><h2>${ANSWER[language]}</h2>${said}${valueTable(value, { language, words: answerWords(contract, operation) })}</section>`;
}

function givesSecrets({ output }: Operation): boolean {
  if (!(output instanceof z.ZodObject)) return false;
  return Object.values(output.shape).some((schema) => fieldMeta(schema)?.sensitive === true);
}

async function perform(site: Site, request: PageRequest): Promise<PageResponse> {
  const found = find(site, request);
  if (!found) return { kind: "not-found" };
  const { contract, name, operation, schema } = found;
  const form = await derivedForm(site, request, schema);
  const parsed = parseForm(form.fields, request.fields);
  if (Object.keys(parsed.errors).length > 0)
    return show(site, request, { values: parsed.values, errors: parsed.errors });
  const doors = request.front(contract, {
    purpose: purposeOf(contract),
    // An answer with secrets is given once, and kept nowhere.
    ...(givesSecrets(operation) && { key: null }),
  }) as Readonly<Record<string, (input: unknown) => Promise<unknown>>>;
  const outcome = await doors[name]?.(form.input(parsed.input));
  if (!isRefusal(outcome)) return show(site, request, { answer: { value: outcome } });
  const errors = Object.fromEntries(outcome.issues.map((issue) => [issue.path.split(".")[0] ?? "", issue.text]));
  return show(site, request, {
    values: parsed.values,
    refusal: outcome,
    ...(outcome.issues.length > 0 && { errors }),
  });
}
