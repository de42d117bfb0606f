import type { Visitor } from "../../src/node/demo/visitor.ts";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";

/** Walks a food business licence through the pages of a demonstration node, as people at browsers would. */

export type Fields = Readonly<Record<string, string | readonly string[]>>;

export const SHOP_FIELDS: Fields = Object.freeze({
  kind: "new",
  onlyPrepackaged: "no",
  withinDivision: "yes",
  premises: "清源县湖滨街道翠竹路27号",
  businessType: "catering",
  items: ["hot-food", "self-made-drinks"],
  area: "45",
  safetyManager: "林晓竹",
  mobile: "13900000000",
});

export const SITE_CHECK_FIELDS: Fields = Object.freeze({
  premises: "yes",
  hygiene: "yes",
  equipment: "yes",
  staff: "yes",
  rules: "yes",
  observations: "场所与平面图一致，设备齐全。",
  present: "林晓竹",
  outcome: "pass",
});

/** The smallest document that is one. */
export const FLOOR_PLAN = Buffer.from(
  "%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n",
);
export const ITEM = "/services/quality/foodBusinessLicence";
const MAX_SCREENS = 10;

export async function signIn(visitor: Visitor, signInName: string): Promise<void> {
  await visitor.open("/sign-in");
  await visitor.submit(/\/sign-in$/, { signInName, password: DEMONSTRATION_PASSWORD });
  if (/\/sign-in$/.test(new URL(visitor.page?.url ?? "http://x/").pathname)) {
    throw new Error(`${signInName} could not sign in`);
  }
}

/** Begins a draft for the first organization that the person may act for; ends at its first screen. Gives the draft's id. */
export async function beginDraft(visitor: Visitor): Promise<string> {
  await visitor.open(`${ITEM}/start`);
  const organization = /name="identity"[^>]*value="(organization[^"]*|[0-9a-f-]{36})"/.exec(
    visitor.page?.text ?? "",
  )?.[1];
  await visitor.submit(/\/start$/, { identity: organization ?? "" });
  const draft = /\/drafts\/([0-9a-f-]{36})/.exec(visitor.page?.url ?? "")?.[1];
  if (!draft) throw new Error(`no draft was begun: ${visitor.page?.status} ${visitor.page?.url}`);
  return draft;
}

/** Fills in the screens of a draft, and uploads the floor plan. */
export async function fillDraft(visitor: Visitor, draft: string, fields: Fields = SHOP_FIELDS): Promise<void> {
  for (let screen = 1; screen <= MAX_SCREENS; screen += 1) {
    const page = await visitor.open(`/drafts/${draft}/form/${screen}`);
    if (page.status === 404) break;
    const here = Object.entries(fields).filter(([name]) => page.text.includes(`name="${name}"`));
    await visitor.submit(new RegExp(`/form/${screen}$`), Object.fromEntries(here));
  }
  await visitor.open(`/drafts/${draft}/materials`);
  await uploadTo(visitor, "floorPlan", { name: "布局图.pdf", mediaType: "application/pdf", bytes: FLOOR_PLAN });
}

export async function uploadTo(
  visitor: Visitor,
  material: string,
  file: { readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array },
): Promise<void> {
  const form = visitor
    .forms()
    .find((one) => one.multipart && one.values.some(([name, value]) => name === "material" && value === material));
  if (!form) throw new Error(`no upload for ${material} on ${visitor.page?.url}`);
  await visitor.submit(/\/materials$/, { material }, [{ field: "file", ...file }]);
}

/** Signs and submits. Gives the case. */
export async function submitApplication(visitor: Visitor, draft: string): Promise<string> {
  await visitor.open(`/drafts/${draft}/review`);
  await visitor.submit(/\/review$/, { declaration: "true" });
  const found = /\/cases\/([0-9a-f-]{36})/.exec(visitor.page?.url ?? "")?.[1];
  if (!found) throw new Error(`not submitted: ${visitor.page?.status} ${visitor.page?.url}`);
  return found;
}

/** A whole application; the visitor is signed in. */
export async function apply(visitor: Visitor, fields: Fields = SHOP_FIELDS): Promise<string> {
  const draft = await beginDraft(visitor);
  await fillDraft(visitor, draft, fields);
  return submitApplication(visitor, draft);
}

/** Does the one open task of a case that this official is offered. */
export async function doTask(visitor: Visitor, caseId: string, fields: Fields): Promise<void> {
  await visitor.open(`/workbench/cases/${caseId}`);
  await visitor.follow(new RegExp(`/workbench/cases/${caseId}/tasks/\\d+$`));
  await visitor.submit(/\/tasks\/\d+$/, fields);
  if (!/done=\d+/.test(visitor.page?.url ?? "")) {
    throw new Error(`the task was not done: ${visitor.page?.status} ${visitor.page?.url}`);
  }
}

/** The steps of officials from acceptance to the decision, each with who does it. */
export const STEPS: readonly { readonly by: string; readonly fields: Fields }[] = Object.freeze([
  { by: "accept", fields: { outcome: "accept", siteCheckNeeded: "yes" } },
  { by: "inspector1", fields: SITE_CHECK_FIELDS },
  { by: "inspector2", fields: { outcome: "agree" } },
  { by: "inspector1", fields: { outcome: "propose-grant" } },
  { by: "decider", fields: { outcome: "grant" } },
]);
