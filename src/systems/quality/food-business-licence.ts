import { isRefusal } from "#kernel/contract/refusal";
import type { Fact } from "#kernel/system/context";
import { text } from "#lib/language/text";
import { maskName } from "#lib/names/name";
import { implementService } from "./implement.ts";
import { type FoodBusinessForm, renewalWindow } from "./licence.ts";
import { grantOutlook } from "./operations/grant-licence.ts";

const KINDS: Readonly<Record<string, string>> = { "individual-business": "个体工商户", enterprise: "企业" };
const STATUSES: Readonly<Record<string, string>> = { active: "存续" };
const RIGHTS: Readonly<Record<string, string>> = {
  "legal-representative": "法定代表人",
  operator: "经营者",
  agent: "被授权人",
};

export const foodBusinessLicence = implementService("foodBusinessLicence", {
  async facts(ctx, applicant) {
    const { legalEntities, population } = ctx.rooms;
    const needed = { service: "quality.foodBusinessLicence", isLicence: true };
    const asked = { person: applicant.personId, organization: applicant.id, needed };
    const power = await legalEntities.representation(asked);
    if (isRefusal(power)) return power;
    const organization = await legalEntities.findOrganizationForCase({ id: applicant.id });
    if (isRefusal(organization)) return organization;
    const representative = await population.findPersonForCase({ id: organization.representative });
    if (isRefusal(representative)) return representative;
    const known: Readonly<Record<string, string>> = {
      applicantName: organization.name,
      applicantCode: organization.creditCode,
      applicantKind: KINDS[organization.kind] ?? "其他组织",
      registeredAddress: organization.address,
      applicantStatus: STATUSES[organization.status] ?? organization.status,
      right: RIGHTS[power.right] ?? power.right,
      representativeName: representative.name,
      representativeDocument: masked(representative.documentNumber),
      division: organization.division,
    };
    return Object.entries(known).map(([id, value]): Fact => ({ id, value, asOf: ctx.now }));
  },

  async screen(ctx, { applicant, form }) {
    if (form.onlyPrepackaged === "yes" && form.kind === "new") {
      return {
        kind: "not-needed",
        reason: text(
          "只销售预包装食品的，办理备案即可。",
          "Selling only prepackaged food needs a filing, not a licence.",
        ),
        next: text(
          "请向所在地市场监督管理部门办理仅销售预包装食品备案（食品安全法第三十五条）。",
          "File with the market regulator where you trade (Food Safety Law, art. 35).",
        ),
      };
    }
    if (form.withinDivision === "no") {
      return {
        kind: "not-our-remit",
        reason: text(
          "经营场所不在本县，不属于本机关职权范围。",
          "The premises are outside this county and not in our remit.",
        ),
        next: text(
          "请向经营场所所在地县级市场监督管理部门申请。",
          "Apply to the county market regulator where the premises are.",
        ),
      };
    }
    const bars = await ctx.registers.bar.find({ applicantId: applicant.id }, { limit: 10 });
    const bar = bars.items.find((entry) => entry.value.until > ctx.today);
    if (bar) {
      return {
        kind: "barred",
        until: bar.value.until,
        reason:
          bar.value.ground === "fraud"
            ? text("曾以欺骗、贿赂等不正当手段取得许可（行政许可法第七十九条）", "a licence was got by fraud (art. 79)")
            : text(
                "曾隐瞒情况或提供虚假材料申请许可（行政许可法第七十八条）",
                "false materials were handed in (art. 78)",
              ),
      };
    }
    if (form.kind === "new") return { kind: "fits" };
    const number = form.licenceNumber?.toUpperCase() ?? "";
    const licence = (await ctx.registers.foodLicence.find({ number }, { limit: 1 })).items[0]?.value;
    const wrong = (zh: string, en: string) =>
      ({ kind: "wrong", issues: [{ path: "licenceNumber", text: text(zh, en) }] }) as const;
    if (licence?.holderId !== applicant.id) {
      return wrong(
        "没有查到您名下的这个许可证，请核对编号。",
        "No such licence of yours was found; please check the number.",
      );
    }
    if (licence.status !== "valid" || licence.validUntil < ctx.today) {
      return wrong("该许可证已终止，请选择新办。", "This licence has ended; please choose a new one.");
    }
    const holds = holdsOf(licence.number, form.kind);
    if (form.kind !== "renewal") return { kind: "fits", holds };
    switch (renewalWindow(licence.validUntil, ctx.today)) {
      case "early":
        return wrong(
          "有效期届满九十个工作日前不能申请延续，请届时再办。",
          "A renewal opens 90 working days before the licence ends; please come back then.",
        );
      case "late":
        return wrong(
          "距有效期届满不足十五个工作日，不能再申请延续，请选择新办。",
          "Less than 15 working days are left, too late for a renewal; please choose a new licence.",
        );
      case "open":
        return { kind: "fits", holds, variables: { renewalUntil: licence.validUntil } };
    }
  },

  outlook: grantOutlook,

  slots: { grant: "grantLicence", publish: "publishDecision" },
});

/**
 * One open case a licence and kind. A change and a renewal are about the same contents, and the later of the two would undo the
 * earlier, so they wait for each other; a replacement touches nothing.
 */
function holdsOf(number: string, kind: FoodBusinessForm["kind"]) {
  return kind === "reissue"
    ? [{ key: `licence/${number}/reissue`, title: text("该许可证的补办", "the replacement of this licence") }]
    : [
        {
          key: `licence/${number}/contents`,
          title: text("该许可证的变更或者延续", "a change or the renewal of this licence"),
        },
      ];
}

/** The first three and the last two of a document's number. */
function masked(documentNumber: string): string {
  if (documentNumber.length < 8) return maskName(documentNumber);
  return `${documentNumber.slice(0, 3)}${"*".repeat(documentNumber.length - 5)}${documentNumber.slice(-2)}`;
}
