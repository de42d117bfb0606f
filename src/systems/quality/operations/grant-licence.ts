import { citationText } from "#kernel/contract/citation";
import type { CaseOfRoom } from "#kernel/system/context";
import { FOOD_LICENCE_SEQUENCE_MAX, foodLicenceNumber } from "#lib/identifiers/food-licence-number";
import { quality } from "#systems/quality";
import { implement, type OutlookContext } from "../implement.ts";
import { type FoodBusinessForm, type FoodLicence, grantedScope, isSilent, lastDayOf } from "../licence.ts";
import { tellChange } from "../tell-change.ts";

/**
 * Writes the licence that a case was decided to grant, and has its certificate made. Run again for the same case, it gives the
 * same licence and asks for the certificate once more.
 */
export const grantLicence = implement("grantLicence", async (ctx, { caseId }) => {
  const decided = await ctx.cases.read(caseId);
  if (!decided) return ctx.refuse("case-unknown");
  const { foodLicence } = ctx.registers;
  const form = decided.form as FoodBusinessForm;
  const numbered = async (number: unknown) =>
    typeof number === "string"
      ? (await foodLicence.find({ number: number.toUpperCase() }, { limit: 1 })).items[0]
      : undefined;
  // The case knows the number that it was given, also when a later case has changed that licence since.
  const earlier =
    (await foodLicence.find({ caseId }, { limit: 1 })).items[0] ?? (await numbered(decided.variables["licenceNumber"]));
  const original = earlier ?? (form.kind === "new" ? undefined : await numbered(form.licenceNumber));
  const held = original && (await foodLicence.lock(original.key));
  // It may have been ended while the case was handled; what has ended does not come back by a change (行政许可法 §69, §70).
  if ((held || form.kind !== "new") && !isOf(held?.value, decided)) return ctx.refuse("licence-ended");
  const scope = scopeOf(decided);
  if (!scope) return ctx.refuse("scope-unclear");
  const basis = licenceOf(decided, { today: ctx.today, scope });
  let licence: FoodLicence;
  if (earlier && held) licence = held.value;
  else if (!held) {
    const division = divisionOf(decided);
    const sequence = await ctx.nextNumber(`food-licence/${form.businessType}/${division}`);
    if (sequence > FOOD_LICENCE_SEQUENCE_MAX) return ctx.refuse("numbers-used-up");
    licence = { ...basis, number: foodLicenceNumber({ type: form.businessType, division, sequence }) };
    await foodLicence.put(licence);
    await tellChange(ctx, licence, "granted");
  } else {
    licence = isSilent(decided) ? renewedInSilence(held.value, basis) : carriedOver(held.value, basis, form.kind);
    await foodLicence.put(licence, { key: held.key });
    await tellChange(ctx, licence, TOLD[form.kind]);
  }
  await ctx.rooms.certificates.issueLicence({
    kind: "food-licence",
    caseId,
    licenceNumber: licence.number,
    holder: { kind: licence.holderKind, id: licence.holderId, name: licence.holderName, code: licence.holderCode },
    authority: licence.authority,
    issuedOn: licence.issuedOn,
    validFrom: licence.validFrom,
    validUntil: licence.validUntil,
    data: {
      representative: licence.representativeName,
      registeredAddress: licence.registeredAddress,
      premises: licence.premises,
      businessType: licence.businessType,
      scope: licence.scope,
      legalBasis: quality.services.foodBusinessLicence.legalBasis.map((citation) => citationText(citation).zh),
    },
  });
  return {
    licenceNumber: licence.number,
    businessType: licence.businessType,
    scope: licence.scope,
    validFrom: licence.validFrom,
    validUntil: licence.validUntil,
  };
});

/** What is told of what was applied for. */
const TOLD = { new: "granted", change: "changed", renewal: "renewed", reissue: "reissued" } as const;

function isOf(licence: FoodLicence | undefined, { applicant }: CaseOfRoom): boolean {
  return licence?.status === "valid" && licence.holderId === applicant.id;
}

/** What a grant would give today, for the preview of a decision: nothing is written, and a new number not drawn. */
export async function grantOutlook(
  ctx: OutlookContext,
  decided: CaseOfRoom,
): Promise<Readonly<Record<string, unknown>>> {
  const form = decided.form as FoodBusinessForm;
  // What the licence cannot be granted for, the preview shows as nothing.
  const basis = licenceOf(decided, { today: ctx.today, scope: scopeOf(decided) ?? [] });
  const number = form.licenceNumber?.toUpperCase();
  const original =
    form.kind === "new" || number === undefined
      ? undefined
      : (await ctx.registers.foodLicence.find({ number }, { limit: 1 })).items[0]?.value;
  const licence = original ? carriedOver(original, basis, form.kind) : basis;
  return {
    ...(licence.number !== "" && { licenceNumber: licence.number }),
    businessType: licence.businessType,
    scope: licence.scope,
    validFrom: licence.validFrom,
    validUntil: licence.validUntil,
  };
}

/** A change keeps number and term, a renewal keeps the number and begins a new term, a replacement keeps all but its date. */
function carriedOver(original: FoodLicence, basis: FoodLicence, kind: FoodBusinessForm["kind"]): FoodLicence {
  const { number } = original;
  if (kind === "reissue") return { ...original, issuedOn: basis.issuedOn, caseId: basis.caseId };
  // The new term runs from the decision to renew, not from the end of the old one.
  if (kind === "renewal") return { ...basis, number };
  return { ...basis, number, validFrom: original.validFrom, validUntil: original.validUntil };
}

/** 行政许可法 §50: nobody decided before the term was over. The licence goes on as it was, from the day after. */
function renewedInSilence(original: FoodLicence, basis: FoodLicence): FoodLicence {
  const validFrom = Temporal.PlainDate.from(original.validUntil).add({ days: 1 }).toString();
  const { issuedOn, caseId } = basis;
  return { ...original, issuedOn, caseId, validFrom, validUntil: lastDayOf(validFrom) };
}

/** What the decision grants of what was applied for. */
function scopeOf(decided: CaseOfRoom): readonly string[] | undefined {
  const decision = decided.records["decision"] ?? {};
  const refused = decision["outcome"] === "partial" ? decision["refusedItems"] : undefined;
  return grantedScope((decided.form as FoodBusinessForm).items, refused);
}

function licenceOf(
  decided: CaseOfRoom,
  { today, scope }: { readonly today: string; readonly scope: readonly string[] },
): FoodLicence {
  const form = decided.form as FoodBusinessForm;
  const fact = (id: string) => decided.facts.find((known) => known.id === id)?.value ?? "";
  return {
    number: "",
    holderKind: decided.applicant.kind,
    holderId: decided.applicant.id,
    holderName: fact("applicantName"),
    holderCode: fact("applicantCode"),
    representativeName: fact("representativeName"),
    registeredAddress: fact("registeredAddress"),
    premises: form.premises,
    businessType: form.businessType,
    scope: [...scope],
    status: "valid",
    issuedOn: today,
    validFrom: today,
    validUntil: lastDayOf(today),
    authority: decided.authority,
    caseId: decided.caseId,
  };
}

/** The six digits of the county in which the business is registered. */
function divisionOf(decided: CaseOfRoom): string {
  const code = decided.facts.find((known) => known.id === "division")?.value ?? "";
  return code.slice(0, 6).padEnd(6, "0");
}
