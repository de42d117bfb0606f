import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { html, NOTHING } from "#lib/html/html";
import { fill, text } from "#lib/language/text";
import { certificates } from "#services/certificates";
import { button } from "#ui/components/button/button";
import { emptyState } from "#ui/components/empty-state/empty-state";
import { type Fact, facts } from "#ui/components/facts/facts";
import { tag } from "#ui/components/tag/tag";
import { formatDate } from "#ui/format";
import { portalResponse } from "../frame.ts";
import { optionText } from "../option-text.ts";
import { refused } from "../problem.ts";
import { sealFile } from "../seal-file.ts";

const MY = text("我的", "My affairs");
const TITLE = text("我的证照", "My licences");
const LEAD = text(
  "正本和副本是盖有电子印章的 PDF，可以打印；电子证照（SD-JWT VC）可以存入数字钱包。任何人都可以核验它们。",
  "Original and duplicate are sealed PDFs that you can print; the credential (SD-JWT VC) fits a digital wallet. Anyone can verify them.",
);
const NONE = text("没有证照", "You have no licences");
const NONE_TEXT = text(
  "这里显示您现在代表的单位（或您本人）持有的证照。要看其他单位的，请先更换代表对象。",
  "This shows the licences of whom you act for now. To see those of another organization, change on whose behalf you act.",
);
const CHANGE = text("更换代表对象", "Change on whose behalf");
const ORIGINAL = text("下载正本（PDF）", "Original (PDF)");
const DUPLICATE = text("下载副本（PDF）", "Duplicate (PDF)");
const CREDENTIAL = text("下载电子证照（SD-JWT VC）", "Credential (SD-JWT VC)");
const VERIFY = text("核验", "Verify");
const VALID = text("{from} 至 {until}", "{from} to {until}");
const LABELS = {
  number: text("许可证编号", "Licence number"),
  holder: text("经营者名称", "Name of the business"),
  premises: text("经营场所", "Premises"),
  type: text("主体业态", "Kind of business"),
  scope: text("经营项目", "Licensed items"),
  valid: text("有效期", "Valid"),
  issuer: text("发证机关", "Issued by"),
} as const;
const SEALS = text("分离式印章（国密、抗量子）：", "Detached seals (national and post-quantum suites): ");
const SEAL_OF = { original: text("正本", "original"), duplicate: text("副本", "duplicate") } as const;
const WHATS = ["original", "duplicate", "credential"] as const;

/** The licences of whom one acts for, with their files. */
export function licencePages(site: Site): readonly Page[] {
  return [
    definePage({ path: "/my/licences", audience: "person", get: (request) => list(site, request) }),
    definePage({ path: "/my/licences/:number/:what", audience: "person", get: (request) => download(site, request) }),
    definePage({ path: "/my/licences/:number/:what/seal", audience: "person", get: (request) => seal(site, request) }),
  ];
}

async function list(site: Site, request: PageRequest): Promise<PageResponse> {
  const { language } = request;
  const own = await request.front(certificates, { purpose: "own-affairs" }).certificatesOf({});
  if (isRefusal(own)) return refused(site, request, own);
  const separator = language === "zh" ? "、" : ", ";
  const schema = certificates.registers.licenceCertificate.schema.shape;
  const shown = own.items.map((one) => {
    const date = (iso: string) => formatDate(Temporal.PlainDate.from(iso), language, { year: true });
    const valid = fill(VALID, { from: date(one.validFrom), until: date(one.validUntil) })[language];
    const rows: readonly (readonly [keyof typeof LABELS, string])[] = [
      ["number", one.number],
      ["holder", one.holderName],
      ["premises", one.premises],
      ["type", one.businessType],
      ["scope", one.scope.join(separator)],
      ["valid", valid],
      ["issuer", one.authorityName[language]],
    ];
    const file = (what: string) => `/my/licences/${one.number}/${what}`;
    const status = tag({
      text: optionText(schema.status, one.status, language),
      classes: one.status === "valid" ? undefined : "zt-tag--bad",
    });
    return html`<section class="zt-section"><h2>${optionText(schema.kind, one.kind, language)} ${status}</h2>${facts({
      language,
      facts: rows.map(([label, value]): Fact => ({ label: LABELS[label][language], value })),
    })}<div class="zt-actions">${button({ text: ORIGINAL[language], href: file("original") })}${button({ text: DUPLICATE[language], href: file("duplicate"), classes: "govuk-button--secondary" })}${button(
      { text: CREDENTIAL[language], href: file("credential"), classes: "govuk-button--secondary" },
    )}<a class="govuk-link" href="/verify/${one.number}">${VERIFY[language]}<span class="govuk-visually-hidden"> ${one.number}</span></a></div><p>${SEALS[language]}${(["original", "duplicate"] as const).map((copy, at) => html`${at > 0 ? separator : NOTHING}<a class="govuk-link" href="${file(copy)}/seal">${SEAL_OF[copy][language]}<span class="govuk-visually-hidden"> ${one.number}</span></a>`)}</p></section>`;
  });
  return portalResponse(site, request, {
    title: TITLE[language],
    breadcrumbs: [{ text: MY[language], href: "/my" }, { text: TITLE[language] }],
    main: html`<div class="zt-heading"><h1>${TITLE[language]}</h1><p class="zt-heading__lead">${LEAD[language]}</p></div>${
      shown.length > 0
        ? shown
        : emptyState({
            title: NONE[language],
            text: NONE_TEXT[language],
            action: { href: "/my/identity?back=/my/licences", text: CHANGE[language] },
          })
    }`,
  });
}

async function download(site: Site, request: PageRequest): Promise<PageResponse> {
  const what = WHATS.find((one) => one === request.params["what"]);
  const licenceNumber = request.params["number"] ?? "";
  if (!what) return { kind: "not-found" };
  const found = await request.front(certificates, { purpose: "own-affairs" }).download({ licenceNumber, what });
  if (isRefusal(found)) return found.code === "invalid-input" ? { kind: "not-found" } : refused(site, request, found);
  if (found.what === "credential") {
    const bytes = new TextEncoder().encode(found.token);
    return { kind: "file", bytes, mediaType: "application/dc+sd-jwt", name: found.fileName };
  }
  const bytes = await site.kernel.files.read(found.digest);
  return { kind: "file", bytes, mediaType: "application/pdf", name: found.fileName, inline: true };
}

async function seal(site: Site, request: PageRequest): Promise<PageResponse> {
  const what = WHATS.find((one) => one === request.params["what"]);
  const licenceNumber = request.params["number"] ?? "";
  if (!what || what === "credential") return { kind: "not-found" };
  const found = await request.front(certificates, { purpose: "own-affairs" }).download({ licenceNumber, what });
  if (isRefusal(found)) return found.code === "invalid-input" ? { kind: "not-found" } : refused(site, request, found);
  if (found.what === "credential") return { kind: "not-found" };
  return sealFile(site, found.digest, found.fileName);
}
