import { Buffer } from "node:buffer";
import type { Output } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import { definePage, fieldOf, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { sha256Hex } from "#lib/crypto/digest";
import { type Html, html, NOTHING } from "#lib/html/html";
import { fill, type Language, type Text, text } from "#lib/language/text";
import { certificates, MAX_VERIFIED_FILE_BYTES } from "#services/certificates";
import { button } from "#ui/components/button/button";
import { type Fact, facts } from "#ui/components/facts/facts";
import { fileUpload } from "#ui/components/file-upload/file-upload";
import { input } from "#ui/components/input/input";
import { textarea } from "#ui/components/textarea/textarea";
import { type VerdictOptions, verdict } from "#ui/components/verdict/verdict";
import { formatDate, formatInstant } from "#ui/format";
import { formFields, portalResponse } from "../frame.ts";
import { type Problem, problemSummary, refused } from "../problem.ts";
import { sealFile } from "../seal-file.ts";
import { BY_SIGNATURE, statementFields, statementVerdict } from "./verify-statement.ts";

const TITLE = text("核验证照", "Verify a licence");
const LEAD = text(
  "任何人都可以核验，不用登录。我们不记录您是谁，也不留存您上传的文件。",
  "Anyone can verify, without signing in. We do not note who you are and keep nothing that you upload.",
);
const BY_NUMBER = text("按编号核验", "By number");
const NUMBER = text("许可证编号", "Licence number");
const NUMBER_HINT = text("例如 JY29901010000015，印在证照上", "Such as JY29901010000015, printed on the licence");
const BY_FILE = text("按文件核验", "By file");
const FILE = text("证照或文书的 PDF", "PDF of a licence or notice");
const FILE_HINT = text("不超过 10 MB", "At most 10 MB");
const SEAL_FILE = text("分离式印章（可选）", "Its detached seal (optional)");
const SEAL_FILE_HINT = text("与文书一同下载的 .seal.json 文件", "The .seal.json file that was downloaded with it");
const GET_SEAL = text("下载分离式印章", "Download its detached seal");
const SUITES = {
  international: text("国际算法", "international"),
  national: text("国密 SM2", "national, SM2"),
  hybrid: text("抗量子混合 Ed25519 + ML-DSA-65", "post-quantum hybrid, Ed25519 + ML-DSA-65"),
} as const;
const BY_TOKEN = text("按电子证照核验", "By credential");
const TOKEN = text("电子证照（SD-JWT VC）的内容", "The text of the credential (SD-JWT VC)");
const VERIFY = text("核验", "Verify");
const NOTHING_GIVEN = text("请填写编号、选择文件或粘贴电子证照", "Enter a number, choose a file or paste a credential");
const TOO_BIG = text("文件超过 10 MB", "The file is larger than 10 MB");
const NO_STATEMENT = text("请选择签名文件（statement.jws）", "Choose the file of the signature (statement.jws)");
/** What is longer is none, and cut off is none either. */
const STATEMENT_MAX_BYTES = 100_000;
const AGAIN = text("再核验一个", "Verify another");
const OFFLINE = text(
  "也可以下载核验工具，断网核验，不需要信任本平台。",
  "You can also download the verifier and check with the network off, without trusting this site.",
);
const IN_REGISTER = text("编号在登记簿中", "The number is in the register");
const WHOLE = text("文件完整，盖章或签名后没有改动", "The file is whole and was not changed since it was sealed");
const ISSUER = text("由本平台的发证机关盖章或签名", "Sealed or signed by an authority of this platform");
const STILL_VALID = text("印章证书有效", "The seal's certificate is valid");
const CURRENT = text("是现行的版本", "It is the current version");
const LABELS = {
  number: NUMBER,
  holder: text("经营者名称", "Name of the business"),
  code: text("统一社会信用代码", "Credit code"),
  premises: text("经营场所", "Premises"),
  type: text("主体业态", "Kind of business"),
  scope: text("经营项目", "Licensed items"),
  valid: text("有效期", "Valid"),
  issuer: text("发证机关", "Issued by"),
  sealed: text("盖章或签名", "Sealed or signed"),
  beside: text("分离式印章", "Detached seal"),
  stamped: text("时间戳证明的时间", "Proved by a time stamp"),
  listed: text("节点目录所载的机关", "Authority, as the directory lists it"),
} as const;
const VALID = text("{from} 至 {until}", "{from} to {until}");
const LISTED = text("{name}（{division}）", "{name} ({division})");
const SEALED = text("{by}，{at}", "{by}, {at}");

type NumberAnswer = Output<(typeof certificates)["operations"]["verifyNumber"]["output"]>;
type DocumentAnswer = Output<(typeof certificates)["operations"]["verifyDocument"]["output"]>;
type Licence = NonNullable<NumberAnswer["licence"]>;

/** Is this genuine? By number or QR code, by the PDF, by the credential. */
export function verifyPages(site: Site): readonly Page[] {
  return [
    definePage({
      path: "/verify",
      audience: "public",
      maxUploadBytes: MAX_VERIFIED_FILE_BYTES + 1024 * 1024,
      keepsNoUploads: true,
      get: async (request) => forms(site, request, []),
      post: (request) => verifySent(site, request),
    }),
    definePage({
      // Whoever has a document can name its digest, and nobody else.
      path: "/verify/seals/:digest",
      audience: "public",
      get: async (request) => {
        const digest = request.params["digest"] ?? "";
        return /^[0-9a-f]{64}$/.test(digest) ? sealFile(site, digest, digest.slice(0, 16)) : { kind: "not-found" };
      },
    }),
    definePage({ path: "/verify/:number", audience: "public", get: (request) => verifyNumber(site, request) }),
  ];
}

async function verifySent(site: Site, request: PageRequest): Promise<PageResponse> {
  const number = fieldOf(request.fields, "number").normalize("NFKC").replace(/\s/g, "").toUpperCase();
  // The number is public and printed on the wall: an address with it can be passed on.
  if (number !== "") return { kind: "redirect", to: `/verify/${encodeURIComponent(number)}` };
  const token = fieldOf(request.fields, "token").trim();
  const statement = request.files.find(({ field, bytes }) => field === "statement" && bytes.length > 0);
  if (statement) return verifyStatement(site, request, statement.bytes);
  if (fieldOf(request.fields, "of") === "statement")
    return forms(site, request, [{ text: NO_STATEMENT, href: "#statement" }]);
  const file = request.files.find(({ field }) => field === "file");
  const seal = request.files.find(({ field, bytes }) => field === "seal" && bytes.length > 0);
  if (!file && token === "") return forms(site, request, [{ text: NOTHING_GIVEN, href: "#number" }]);
  if (file && file.bytes.length > MAX_VERIFIED_FILE_BYTES)
    return forms(site, request, [{ text: TOO_BIG, href: "#file" }]);
  const asked =
    file && file.bytes.length > 0
      ? {
          pdf: Buffer.from(file.bytes).toString("base64"),
          ...(seal && { seal: Buffer.from(seal.bytes).toString("base64") }),
        }
      : { token: token || "-" };
  const answer = await request.front(certificates, { purpose: "verification" }).verifyDocument(asked);
  if (isRefusal(answer)) return refused(site, request, answer, "/verify");
  const digest = answer.beside?.kept && file ? sha256Hex(file.bytes) : undefined;
  return result(site, request, documentVerdict(answer, request.language, digest));
}

async function verifyStatement(site: Site, request: PageRequest, statement: Uint8Array): Promise<PageResponse> {
  const content = request.files.find(({ field, bytes }) => field === "content" && bytes.length > 0)?.bytes;
  if (content && content.length > MAX_VERIFIED_FILE_BYTES)
    return forms(site, request, [{ text: TOO_BIG, href: "#content" }]);
  const answer = await request.front(certificates, { purpose: "verification" }).verifyDocument({
    statement: Buffer.from(statement.subarray(0, STATEMENT_MAX_BYTES)).toString("latin1"),
    ...(content && { content: Buffer.from(content).toString("base64") }),
  });
  if (isRefusal(answer)) return refused(site, request, answer, "/verify");
  return result(site, request, statementVerdict(answer, request.language));
}

async function verifyNumber(site: Site, request: PageRequest): Promise<PageResponse> {
  const number = request.params["number"] ?? "";
  const answer = await request.front(certificates, { purpose: "verification" }).verifyNumber({ number });
  if (isRefusal(answer)) {
    // Too long or empty for a licence number.
    if (answer.code === "invalid-input") return forms(site, request, [{ text: answer.text, href: "#number" }]);
    return refused(site, request, answer, "/verify");
  }
  const { language } = request;
  const known = answer.standing !== "unknown";
  return result(site, request, {
    language,
    kind: answer.standing === "valid" ? "genuine" : known ? "doubtful" : "false",
    title: answer.says[language],
    checks: [{ passed: known, text: `${IN_REGISTER[language]} ${number}` }],
    ...(answer.licence && { content: licenceFacts(answer.licence, language) }),
  });
}

function documentVerdict(answer: DocumentAnswer, language: Language, digest?: string): VerdictOptions {
  const { verdict: found, licence, seal, beside } = answer;
  const whole = !["changed", "not-sealed", "unreadable"].includes(found);
  const ours = found === "genuine" || found === "unconfirmed" || found === "expired-seal";
  const good =
    found === "genuine" &&
    beside?.genuine !== false &&
    (licence === undefined || (licence.current && licence.standing === "valid"));
  const sealed =
    answer.sealedBy &&
    fill(SEALED, {
      by: answer.sealedBy,
      at: answer.sealedAt ? formatInstant(Temporal.Instant.from(answer.sealedAt), language, { year: true }) : "",
    })[language];
  const stamped = answer.stampedAt && formatInstant(Temporal.Instant.from(answer.stampedAt), language, { year: true });
  const made = [
    ...(sealed ? [{ label: LABELS.sealed[language], value: sealed }] : []),
    ...(stamped ? [{ label: LABELS.stamped[language], value: stamped }] : []),
    ...(answer.listed
      ? [
          {
            label: LABELS.listed[language],
            value: fill(LISTED, { name: answer.listed.name[language], division: answer.listed.division })[language],
          },
        ]
      : []),
    ...(beside?.genuine
      ? [{ label: LABELS.beside[language], value: besideValue(beside.suites, { language, digest }) }]
      : []),
  ];
  return {
    language,
    kind: good ? "genuine" : ours ? "doubtful" : "false",
    title: `${answer.says[language]}${licence && !(licence.current && licence.standing === "valid") ? ` ${licence.says[language]}` : ""}`,
    checks: [
      { passed: whole, text: WHOLE[language] },
      { passed: ours, text: ISSUER[language] },
      ...(seal ? [{ passed: seal.status === "valid", text: STILL_VALID[language] }] : []),
      ...(beside ? [{ passed: beside.genuine, text: beside.says[language] }] : []),
      ...(licence
        ? [
            { passed: licence.current, text: CURRENT[language] },
            { passed: licence.standing === "valid", text: licence.says[language] },
          ]
        : []),
    ],
    content: html`${made.length > 0 ? facts({ language, facts: made }) : NOTHING}${licence ? licenceFacts(licence.facts, language) : NOTHING}`,
  };
}

function besideValue(
  suites: NonNullable<DocumentAnswer["beside"]>["suites"],
  { language, digest }: { readonly language: Language; readonly digest: string | undefined },
): Html {
  const named = suites.map((suite) => SUITES[suite][language]).join(language === "zh" ? "；" : "; ");
  const link =
    digest === undefined
      ? NOTHING
      : html`<br><a class="govuk-link" href="/verify/seals/${digest}">${GET_SEAL[language]}</a>`;
  return html`${named}${link}`;
}

function licenceFacts(licence: Licence, language: Language): Html {
  const date = (iso: string) => formatDate(Temporal.PlainDate.from(iso), language, { year: true });
  const rows: readonly (readonly [keyof typeof LABELS, string])[] = [
    ["number", licence.number],
    ["holder", licence.holderName],
    ["code", licence.holderCode],
    ["premises", licence.premises],
    ["type", licence.businessType],
    ["scope", licence.scope.join(language === "zh" ? "、" : ", ")],
    ["valid", fill(VALID, { from: date(licence.validFrom), until: date(licence.validUntil) })[language]],
    ["issuer", licence.authorityName[language]],
  ];
  return facts({ language, facts: rows.map(([label, value]): Fact => ({ label: LABELS[label][language], value })) });
}

function result(site: Site, request: PageRequest, shown: VerdictOptions): PageResponse {
  const { language } = request;
  return portalResponse(site, request, {
    title: TITLE[language],
    backHref: "/verify",
    main: html`<h1>${TITLE[language]}</h1><div class="zt-section">${verdict(shown)}</div><div class="zt-actions">${button({ text: AGAIN[language], href: "/verify", classes: "govuk-button--secondary" })}</div>`,
  });
}

function forms(site: Site, request: PageRequest, problems: readonly Problem[]): PageResponse {
  const { language } = request;
  const errorAt = (id: string): string | undefined => problems.find((one) => one.href === `#${id}`)?.text[language];
  const send = () => button({ text: VERIFY[language], preventDoubleClick: true });
  const form = (title: Text, field: Html, multipart: boolean) =>
    multipart
      ? html`<section><h2>${title[language]}</h2><form action="/verify" method="post" enctype="multipart/form-data" novalidate>${formFields(request)}${field}${send()}</form></section>`
      : html`<section><h2>${title[language]}</h2><form action="/verify" method="post" novalidate>${formFields(request)}${field}${send()}</form></section>`;
  const number = input({
    language,
    id: "number",
    name: "number",
    label: { text: NUMBER[language] },
    hint: NUMBER_HINT[language],
    errorMessage: errorAt("number"),
    value: request.params["number"] ?? "",
    classes: "govuk-input--width-20",
    spellcheck: false,
    autocapitalize: "characters",
  });
  const file = fileUpload({
    language,
    id: "file",
    name: "file",
    label: { text: FILE[language] },
    hint: FILE_HINT[language],
    errorMessage: errorAt("file"),
    attributes: { accept: "application/pdf" },
  });
  const seal = fileUpload({
    language,
    id: "seal",
    name: "seal",
    label: { text: SEAL_FILE[language] },
    hint: SEAL_FILE_HINT[language],
    attributes: { accept: ".json" },
  });
  const token = textarea({
    language,
    id: "token",
    name: "token",
    label: { text: TOKEN[language] },
    rows: 4,
    spellcheck: false,
  });
  return portalResponse(site, request, {
    title: TITLE[language],
    hasErrors: problems.length > 0,
    indexed: problems.length === 0,
    main: html`${problemSummary(language, problems)}<div class="zt-heading"><h1>${TITLE[language]}</h1><p class="zt-heading__lead">${LEAD[language]}</p></div><div class="zt-stack">${form(BY_NUMBER, number, false)}${form(BY_FILE, html`${file}${seal}`, true)}${form(BY_TOKEN, token, false)}${form(BY_SIGNATURE, statementFields(language, errorAt), true)}<p><a class="govuk-link" href="/verifier">${OFFLINE[language]}</a></p></div>`,
  });
}
