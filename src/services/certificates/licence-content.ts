/** What a licence says: the same on paper, in the credential and in the register. */
import type { z } from "zod";
import type { Text } from "#lib/language/text";
import { disclosable } from "#lib/sd-jwt/issue";
import type { certificates } from "./contract.ts";
import type { LicenceCertificate } from "./implement.ts";
import type { FoodLicenceData } from "./templates/licence-kinds.ts";

export type IssueLicence = z.output<(typeof certificates)["operations"]["issueLicence"]["input"]>;

/** The part of a register entry that is printed. */
export type LicenceContent = Omit<
  LicenceCertificate,
  "status" | "endedOn" | "room" | "originalDigest" | "duplicateDigest" | "credential"
>;

/** 主体业态 in the words of the licence. */
const BUSINESS_TYPES: Readonly<Record<string, string>> = {
  sales: "食品销售经营者",
  catering: "餐饮服务经营者",
  canteen: "集中用餐单位食堂",
};

/** The duplicate has room for so many lines; older ones stay in the register. */
const PRINTED_CHANGES = 6;
const MAX_CHANGE_CHARACTERS = 120;

/** What is to be printed, with the record of what changed against the licence as it was. */
export function licenceContent(
  asked: IssueLicence,
  about: { readonly authorityName: Text; readonly earlier: LicenceCertificate | undefined },
): LicenceContent {
  const { holder, data } = asked;
  const content = {
    number: asked.licenceNumber,
    kind: asked.kind,
    holderKind: holder.kind,
    holderId: holder.id,
    holderName: holder.name,
    holderCode: holder.code,
    headTitle: data.headTitle ?? headTitleOf(holder.code),
    head: data.representative,
    registeredAddress: data.registeredAddress || data.premises,
    premises: data.premises,
    businessType: BUSINESS_TYPES[data.businessType] ?? data.businessType,
    scope: data.scope,
    authority: asked.authority,
    authorityName: { zh: about.authorityName.zh, en: about.authorityName.en },
    issuedOn: asked.issuedOn,
    validFrom: asked.validFrom,
    validUntil: asked.validUntil,
    caseId: asked.caseId,
  };
  return { ...content, changes: changesOf(content, about.earlier) };
}

/** GB 32100, second digit group: 92 is an individual business, 91 and the rest have a legal representative. */
function headTitleOf(code: string): "法定代表人" | "负责人" | "经营者" {
  if (code.startsWith("92")) return "经营者";
  return /^(?:91|93|1|5)/.test(code) ? "法定代表人" : "负责人";
}

function changesOf(
  content: Omit<LicenceContent, "changes">,
  earlier: LicenceCertificate | undefined,
): LicenceContent["changes"] {
  if (!earlier) return [];
  // Made again within one case: the record already says so.
  if (earlier.caseId === content.caseId) return earlier.changes;
  const texts = [
    ...changed("经营者名称", earlier.holderName, content.holderName),
    ...changed(content.headTitle, earlier.head, content.head),
    ...changed("住所", earlier.registeredAddress, content.registeredAddress),
    ...changed("经营场所", earlier.premises, content.premises),
    ...changed("主体业态", earlier.businessType, content.businessType),
    ...changed("经营项目", earlier.scope.join("；"), content.scope.join("；")),
    ...(earlier.validUntil === content.validUntil ? [] : [`延续，有效期至${content.validUntil}`]),
  ];
  const lines = texts.length === 0 ? ["补发"] : texts;
  return [...earlier.changes, ...lines.map((text) => ({ on: content.issuedOn, text }))];
}

function changed(what: string, before: string, after: string): string[] {
  if (before === after) return [];
  const whole = `${what}变更为“${after}”`;
  return [whole.length <= MAX_CHANGE_CHARACTERS ? whole : `${what}变更，以本证所载为准`];
}

/** The data of one printed copy. */
export function printedCopy(
  content: LicenceContent,
  copy: "original" | "duplicate",
  settings: { readonly publicUrl: string; readonly demonstration: boolean },
): FoodLicenceData {
  return {
    copy,
    licenceNumber: content.number,
    operator: {
      name: content.holderName,
      code: content.holderCode || "—",
      headTitle: content.headTitle as FoodLicenceData["operator"]["headTitle"],
      head: content.head || "—",
      address: content.registeredAddress,
    },
    premises: content.premises,
    businessType: content.businessType,
    scope: content.scope,
    validUntil: content.validUntil,
    authority: { name: content.authorityName.zh },
    issuedOn: content.issuedOn,
    changes: copy === "duplicate" ? content.changes.slice(-PRINTED_CHANGES) : [],
    verification: {
      link: verificationLink(settings.publicUrl, content.number),
      address: `${settings.publicUrl.replace(/^https?:\/\//, "").replace(/\/+$/, "")}/verify`,
    },
    demonstration: settings.demonstration,
  };
}

/** The type of the credential. */
export const CREDENTIAL_TYPE = "urn:zhengtong:credential:food-business-licence:1";

/** The claims of the credential. What names the holder is shown or withheld by the holder. */
export function credentialClaims(
  content: LicenceContent,
  about: { readonly publicUrl: string; readonly issuedAtSeconds: number; readonly legalBasis: readonly string[] },
): Readonly<Record<string, unknown>> {
  return {
    iss: about.publicUrl.replace(/\/+$/, ""),
    iat: about.issuedAtSeconds,
    vct: CREDENTIAL_TYPE,
    jti: `urn:uuid:${content.caseId}`,
    licence_number: content.number,
    issuing_authority: content.authorityName.zh,
    legal_basis: about.legalBasis,
    issuance_date: content.issuedOn,
    valid_from: content.validFrom,
    expiry_date: content.validUntil,
    status: { lookup: { uri: verificationLink(about.publicUrl, content.number) } },
    business_type: content.businessType,
    scope: content.scope,
    premises: disclosable(content.premises),
    holder_name: disclosable(content.holderName),
    holder_code: disclosable(content.holderCode),
    representative: disclosable(content.head),
    registered_address: disclosable(content.registeredAddress),
  };
}

function verificationLink(publicUrl: string, number: string): string {
  return `${publicUrl.replace(/\/+$/, "")}/verify/${encodeURIComponent(number)}`;
}
