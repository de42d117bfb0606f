import { CARRY, type network, RELEASE } from "#infrastructure/network";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { checkUpload } from "#kernel/files/upload";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { isUuid } from "#lib/crypto/uuid";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Text, text } from "#lib/language/text";
import { fileUpload } from "#ui/components/file-upload/file-upload";
import { insetText } from "#ui/components/inset-text/inset-text";
import { pageHeading } from "#ui/components/page-heading/page-heading";
import { summaryList } from "#ui/components/summary-list/summary-list";
import { tag } from "#ui/components/tag/tag";
import type { FieldDescriptor } from "#ui/form/descriptor";
import { parseForm } from "#ui/form/parse-form";
import { formPage } from "#ui/form/render-form";
import { formatInstant, formatSize } from "#ui/format";
import { actionForm, askedOf, FERRY, ferryDoors, isFerryPost, type ShownForm } from "../ferry-forms.ts";
import { OUTCOMES, PACKAGE_STATES, tagOf } from "../ferry-words.ts";
import { doneBanner, formFields, holds, postOf, problems, refusalPage, workbench } from "../frame.ts";
import { officialNames } from "../names.ts";
import { MARKED_FILE } from "../photographs.ts";
import { recordTable } from "../table.ts";
import { FERRY_TITLE, fingerprint } from "./ferry.ts";

const MAX_DOCUMENT_BYTES = 32 * 1024 * 1024;
const PICTURED_TYPES = ["application/pdf", "image/png", "image/jpeg"];
/** What a browser says of files that are text. */
const TEXT_TYPE = /^(?:text\/(?:plain|csv|xml)|application\/(?:json|xml))$/;

const NEW_PACKAGE = text("新建摆渡包", "Begin a package");
const CONTENT = text("内容", "Content");
const TITLE = text("名称", "Title");
const CLASSIFICATION = text("密级标识", "Classification");
const SIZE = text("大小", "Size");
const STATE = text("状态", "State");
const NODE = text("送往", "To");
const FROM = text("来自", "From");
const BASIS = text("依据", "Legal basis");
const NUMBER = text("序号", "Number");
const DIGEST = text("清单指纹", "Fingerprint of the list");
const PROPOSED = text("提出人", "Proposed by");
const RELEASED = text("放行人", "Released by");
const REMARK = text("意见", "Remark");
const AT = text("收到时间", "Arrived at");
const OPEN = text("打开", "Open");
const PACKAGE = text("摆渡包", "Package");
const FILE = text("文件", "File");
const FILE_HINT = text(
  "PDF、文本、CSV、JSON、XML 或图片，不超过 32 MB",
  "PDF, text, CSV, JSON, XML or a picture, 32 MB at most",
);
const NO_FILE = text("请选择文件。", "Choose a file.");
const BAD_FILE = text("这个文件不能添加，请换一个。", "This file cannot be added; please choose another.");
const ADD = text("添加文件", "Add a document");
const DROP = text("移除", "Take out");
const PROPOSE = text("提请放行", "Propose for release");
const PROPOSE_LEAD = text(
  "提请后内容不能再改。您的个人签名将随包送达。",
  "It cannot be changed any more after this. Your personal signature travels with it.",
);
const DECIDE = text("放行", "Release");
const DECIDE_LEAD = text(
  "请逐项打开审查：没有国家秘密，密级标识属实，用途和依据成立。您的个人签名将随包送达。",
  "Open and review each item: no state secret, the classification is true, purpose and basis hold. Your personal signature travels with it.",
);
const OWN = text("这是您提出的，须由另一名工作人员放行。", "You proposed this: another official releases it.");
const EXPORT = text("写到介质：在本节点的机器上执行", "To put it on media, call on this node's machine");
const GIVE_UP = text("放弃这个包", "Give this package up");
const GIVE_UP_LEAD = text(
  "介质损坏的，重新写一份即可。内容本身不被接收的，放弃后它的序号给后面的包；后面已放行的包须重新放行。",
  "Where media were damaged, write them again. Where the content is not taken, give it up: its number goes to those behind it, which are released anew.",
);
const RECEIPT = text("回执", "Receipt");
const ASK_RECEIPT = text("放行回执", "Release the receipt");
const ASK_LEAD = text(
  "回执只说明这个包的结果。内网的回执须由两名工作人员先后放行。",
  "A receipt says what became of this package and nothing else. Out of the intranet two officials release it, one after the other.",
);
const ASKED_BY = text("已由一名工作人员提请，待另一名放行", "One official asked for it; another releases it");

type PackageView = Output<(typeof network)["operations"]["findPackage"]["output"]>;
type ArrivalView = Output<(typeof network)["operations"]["findArrival"]["output"]>;

export function ferryPackagePages(site: Site): readonly Page[] {
  return [
    definePage({
      path: `${FERRY}/packages/new`,
      audience: "official",
      get: (request) => askPackage(site, request, {}),
      post: (request) => sendPackage(site, request),
    }),
    definePage({
      path: `${FERRY}/packages/:id`,
      audience: "official",
      maxUploadBytes: MAX_DOCUMENT_BYTES,
      get: (request) => showPackage(site, request, {}),
      post: (request) => changePackage(site, request),
    }),
    definePage({
      path: `${FERRY}/packages/:id/:place`,
      audience: "official",
      get: (request) => itemFile(site, request, "packages"),
    }),
    definePage({
      path: `${FERRY}/arrivals/:id`,
      audience: "official",
      get: (request) => showArrival(site, request, {}),
      post: (request) => releaseReceipt(site, request),
    }),
    definePage({
      path: `${FERRY}/arrivals/:id/:place`,
      audience: "official",
      get: (request) => itemFile(site, request, "arrivals"),
    }),
  ];
}

/** Packages go to nodes that were confirmed. */
async function packageFields(request: PageRequest): Promise<readonly FieldDescriptor[]> {
  const listed = await ferryDoors(request).listPartners({});
  const nodes = isRefusal(listed) ? [] : listed.items.filter(({ state }) => state === "confirmed");
  return askedOf("beginPackage").map((field) =>
    field.name === "partner"
      ? {
          ...field,
          kind: "select",
          options: nodes.map(({ id, name, node }) => ({
            value: id,
            title: text(`${name}（${node}）`, `${name} (${node})`),
          })),
        }
      : field,
  );
}

async function askPackage(site: Site, request: PageRequest, shown: ShownForm): Promise<PageResponse> {
  if (!holds(request, CARRY)) return { kind: "not-found" };
  const { language } = request;
  return workbench(site, request, {
    title: NEW_PACKAGE[language],
    hasErrors: shown.errors !== undefined || shown.problem !== undefined,
    breadcrumbs: [{ href: FERRY, text: FERRY_TITLE[language] }, { text: NEW_PACKAGE[language] }],
    main: html`${shown.problem ? problems(request, [{ text: shown.problem }]) : NOTHING}${formPage({
      ...{ language, title: NEW_PACKAGE[language], fields: await packageFields(request) },
      ...{ action: `${FERRY}/packages/new`, token: formFields(request) },
      ...{ values: shown.values ?? {}, errors: shown.errors },
    })}`,
  });
}

async function sendPackage(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, CARRY)) return { kind: "not-found" };
  const { values, errors, input } = parseForm(await packageFields(request), request.fields);
  if (Object.keys(errors).length > 0) return askPackage(site, request, { values, errors });
  // What was read is checked by the operation's own schema.
  const done = await ferryDoors(request).beginPackage(input as never);
  if (!isRefusal(done)) return { kind: "redirect", to: `${FERRY}/packages/${done.id}?done=1` };
  return askPackage(site, request, { values, problem: done.text });
}

async function showPackage(site: Site, request: PageRequest, shown: ShownForm): Promise<PageResponse> {
  const id = request.params["id"] ?? "";
  if (!isFerryPost(request) || !isUuid(id)) return { kind: "not-found" };
  const found = await ferryDoors(request).findPackage({ id });
  if (isRefusal(found))
    return found.code === "not-found" ? { kind: "not-found" } : refusalPage(site, request, found, FERRY);
  const { language } = request;
  const people = [found.proposedBy, found.releasedBy].filter((one) => one !== undefined);
  const names = await officialNames(request, people);
  const person = (official: string | undefined) => official && (names.get(official) || official);
  const state = found.outcome ?? found.state;
  const isOpen = found.state === "draft" && holds(request, CARRY);
  return workbench(site, request, {
    title: found.purpose,
    hasErrors: shown.errors !== undefined || shown.problem !== undefined,
    breadcrumbs: [{ href: FERRY, text: FERRY_TITLE[language] }, { text: found.purpose }],
    main: html`${doneBanner(request)}${shown.problem ? problems(request, [{ text: shown.problem }]) : NOTHING}${pageHeading({ title: found.purpose, caption: PACKAGE[language] })}${facts(
      request,
      [
        [
          STATE,
          tag({ text: (found.outcome ? OUTCOMES : PACKAGE_STATES)[state]?.[language] ?? state, classes: tagOf(state) }),
        ],
        [NODE, found.node],
        [BASIS, found.legalBasis],
        [NUMBER, found.sequence === undefined ? undefined : String(found.sequence)],
        [DIGEST, found.digest && fingerprint(found.digest)],
        [PROPOSED, person(found.proposedBy)],
        [RELEASED, person(found.releasedBy)],
        [REMARK, found.decisionReason],
      ],
    )}${items(request, found.items, (item) => html`${openLink(request, "packages", found.id, item)}${isOpen ? html` · ${dropForm(request, found.id, item.place)}` : NOTHING}`)}${packageForms(request, found, shown)}`,
  });
}

function packageForms(request: PageRequest, found: PackageView, shown: ShownForm): Html {
  const { language } = request;
  const common = { path: `${FERRY}/packages/${found.id}`, shown };
  if (found.state === "draft" && holds(request, CARRY)) {
    const upload = fileUpload({
      ...{ id: "file", name: "file", label: { text: FILE[language] }, hint: FILE_HINT[language] },
      errorMessage: shown.does === "add" ? shown.errors?.["file"]?.[language] : undefined,
    });
    return html`${actionForm(request, {
      ...{ ...common, does: "add", title: ADD, submit: ADD, uploads: true },
      ...{ fields: DOCUMENT_FIELDS, after: upload },
    })}${
      found.items.length === 0
        ? NOTHING
        : actionForm(request, {
            ...{ ...common, does: "propose", title: PROPOSE, submit: PROPOSE, fields: [] },
            lead: html`<p>${PROPOSE_LEAD[language]}</p>`,
          })
    }`;
  }
  if (found.state === "proposed" && holds(request, RELEASE)) {
    if (found.proposedBy === postOf(request).officialId) return insetText({ text: OWN[language] });
    return actionForm(request, {
      ...{ ...common, does: "decide", title: DECIDE, fields: askedOf("decidePackage", ["id"]) },
      lead: html`<p>${DECIDE_LEAD[language]}</p>`,
    });
  }
  const isRefusedThere = found.state === "answered" && found.outcome !== "accepted";
  if (found.state === "released" || found.state === "exported" || isRefusedThere) {
    const toWrite = insetText({
      text: html`${EXPORT[language]}<br><code class="zt-mono zt-break">npx zhengtong ferry export ${found.id} --to /media/disc</code>`,
    });
    if (!isRefusedThere || !holds(request, RELEASE)) return toWrite;
    return html`${toWrite}${actionForm(request, {
      ...{ ...common, does: "give-up", title: GIVE_UP, submit: GIVE_UP, fields: [] },
      lead: html`<p>${GIVE_UP_LEAD[language]}</p>`,
    })}`;
  }
  return NOTHING;
}

const DOCUMENT_FIELDS = askedOf("addDocument", ["package", "name", "mediaType", "content"]);

function dropForm(request: PageRequest, id: string, place: number): Html {
  return html`<form class="zt-inline" action="${FERRY}/packages/${id}" method="post">${formFields(request)}<input type="hidden" name="do" value="drop"><input type="hidden" name="place" value="${String(place)}"><button class="zt-link-button" type="submit">${DROP[request.language]}</button></form>`;
}

async function changePackage(site: Site, request: PageRequest): Promise<PageResponse> {
  const id = request.params["id"] ?? "";
  if (!isFerryPost(request) || !isUuid(id)) return { kind: "not-found" };
  const does = fieldOf(request.fields, "do");
  const decided = askedOf("decidePackage", ["id"]);
  const fields = { add: DOCUMENT_FIELDS, drop: [], propose: [], decide: decided, "give-up": [] }[does];
  if (!fields) return { kind: "not-found" };
  const { values, errors, input } = parseForm(fields, request.fields);
  const document = does === "add" ? await uploaded(site, request) : undefined;
  const wrong = { ...errors, ...(document && "problem" in document && { file: document.problem }) };
  if (Object.keys(wrong).length > 0) return showPackage(site, request, { does, values, errors: wrong });
  const doors = ferryDoors(request);
  // What was read is checked by the operation's own schema.
  const given = { id, package: id, ...input, ...document } as never;
  const place = Number(fieldOf(request.fields, "place"));
  const done = await {
    add: () => doors.addDocument(given),
    drop: () => doors.dropItem({ package: id, place }),
    propose: () => doors.proposePackage({ id }),
    decide: () => doors.decidePackage(given),
    "give-up": () => doors.giveUpPackage({ id }),
  }[does as "add"]();
  if (isRefusal(done)) {
    if (done.needs) return refusalPage(site, request, done, FERRY);
    return showPackage(site, request, { does, values, problem: done.text });
  }
  return { kind: "redirect", to: `${FERRY}/packages/${id}?done=1` };
}

async function uploaded(site: Site, request: PageRequest) {
  const file = request.files.find(({ field }) => field === "file");
  if (file?.isMarked) return { problem: fill(MARKED_FILE, { name: file.name }) };
  if (file === undefined || file.bytes.length === 0) return { problem: NO_FILE };
  const isText = TEXT_TYPE.test(file.mediaType) && !file.bytes.includes(0);
  const checked = isText
    ? { mediaType: file.mediaType }
    : checkUpload(file, { mediaTypes: PICTURED_TYPES, maxBytes: MAX_DOCUMENT_BYTES });
  const mediaType = file.bytes.length <= MAX_DOCUMENT_BYTES ? checked.mediaType : undefined;
  const scanned = await site.scanner.scan(file.bytes);
  if (mediaType === undefined || !scanned.clean) return { problem: BAD_FILE };
  return { name: file.name, mediaType, content: toBase64(file.bytes) };
}

async function showArrival(site: Site, request: PageRequest, shown: ShownForm): Promise<PageResponse> {
  const id = request.params["id"] ?? "";
  if (!isFerryPost(request) || !isUuid(id)) return { kind: "not-found" };
  const found = await ferryDoors(request).findArrival({ id });
  if (isRefusal(found))
    return found.code === "not-found" ? { kind: "not-found" } : refusalPage(site, request, found, FERRY);
  const { language } = request;
  const title = `${found.from} #${found.sequence}`;
  return workbench(site, request, {
    title,
    hasErrors: shown.problem !== undefined,
    breadcrumbs: [{ href: FERRY, text: FERRY_TITLE[language] }, { text: title }],
    main: html`${doneBanner(request)}${shown.problem ? problems(request, [{ text: shown.problem }]) : NOTHING}${pageHeading({ title })}${facts(
      request,
      [
        [STATE, tag({ text: OUTCOMES[found.outcome]?.[language] ?? found.outcome, classes: tagOf(found.outcome) })],
        [FROM, found.from],
        [AT, formatInstant(Temporal.Instant.from(found.arrivedAt), language, { year: true })],
        [DIGEST, found.digest && fingerprint(found.digest)],
      ],
    )}${items(request, found.items, (item) =>
      item.kind === "document" ? openLink(request, "arrivals", found.id, item) : (item.outcome ?? NOTHING),
    )}${receiptSection(request, found, shown)}`,
  });
}

function receiptSection(request: PageRequest, found: ArrivalView, shown: ShownForm): Html {
  const { language } = request;
  if (found.receipt !== undefined) {
    return html`<section class="zt-sheet"><h2>${RECEIPT[language]}</h2><pre class="zt-pre" tabindex="0">${found.receipt}</pre></section>`;
  }
  if (!holds(request, RELEASE)) return NOTHING;
  if (found.receiptAskedBy === postOf(request).officialId) return insetText({ text: ASKED_BY[language] });
  return actionForm(request, {
    ...{
      path: `${FERRY}/arrivals/${found.id}`,
      does: "receipt",
      title: ASK_RECEIPT,
      submit: ASK_RECEIPT,
      fields: [],
      shown,
    },
    lead: html`<p>${ASK_LEAD[language]}</p>`,
  });
}

async function releaseReceipt(site: Site, request: PageRequest): Promise<PageResponse> {
  const id = request.params["id"] ?? "";
  if (!isFerryPost(request) || !isUuid(id)) return { kind: "not-found" };
  const done = await ferryDoors(request).releaseReceipt({ id });
  if (!isRefusal(done)) return { kind: "redirect", to: `${FERRY}/arrivals/${id}?done=1` };
  if (done.needs) return refusalPage(site, request, done, FERRY);
  return showArrival(site, request, { does: "receipt", problem: done.text });
}

async function itemFile(site: Site, request: PageRequest, of: "packages" | "arrivals"): Promise<PageResponse> {
  const { id = "", place: written = "" } = request.params;
  if (!isFerryPost(request) || !isUuid(id) || !/^\d{1,3}$/.test(written)) return { kind: "not-found" };
  const doors = ferryDoors(request);
  const place = Number(written);
  const found =
    of === "packages"
      ? await doors.readItem({ package: id, place })
      : await doors.readArrivedDocument({ arrival: id, place });
  if (isRefusal(found))
    return found.code === "not-found" ? { kind: "not-found" } : refusalPage(site, request, found, FERRY);
  const bytes = fromBase64(found.content) ?? new Uint8Array(0);
  return { kind: "file", bytes, mediaType: found.mediaType, name: found.title };
}

/** A link to what stands in an item. */
function openLink(request: PageRequest, of: "packages" | "arrivals", id: string, { place, title }: Listed): Html {
  const { language } = request;
  return html`<a class="govuk-link" href="${FERRY}/${of}/${id}/${String(place)}" download>${OPEN[language]}<span class="govuk-visually-hidden"> ${title}</span></a>`;
}

type Listed = ArrivalView["items"][number];

function items(request: PageRequest, list: readonly Listed[], act: (item: Listed) => Html | string): Html {
  const { language } = request;
  if (list.length === 0) return NOTHING;
  const classes = askedOf("addDocument").find(({ name }) => name === "classification")?.options ?? [];
  const nameOf = (value: string) => classes.find((one) => one.value === value)?.title[language] ?? value;
  return html`<h2 class="govuk-heading-m">${CONTENT[language]}</h2>${recordTable({
    caption: CONTENT[language],
    head: [TITLE, CLASSIFICATION, SIZE, text("", "")].map((one) => one[language]),
    rows: list.map((item) => [
      item.target ? `${item.title}（${item.target.room}.${item.target.operation}）` : item.title,
      nameOf(item.classification),
      formatSize(item.bytes),
      act(item),
    ]),
  })}`;
}

function facts(request: PageRequest, rows: readonly (readonly [Text, Html | string | undefined])[]): Html {
  const { language } = request;
  return summaryList({
    rows: rows.flatMap(([key, value]) =>
      value === undefined ? [] : [{ key: { text: key[language] }, value: { text: value } }],
    ),
  });
}
