import { csrfOf, type RawAnswer, RawClient } from "./raw-client.ts";

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

/** Signs in, if a page is asked for that needs it. */
export async function signedIn(address: string, signInName: string): Promise<RawClient> {
  const client = new RawClient(address);
  await client.signIn(signInName);
  return client;
}

/** Begins a draft for the organization that the person may act for. Gives the draft's id. */
export async function beginDraft(client: RawClient): Promise<string> {
  const page = await client.open(`${ITEM}/start`);
  const identity = [...page.text.matchAll(/<(?:input|button)\b[^>]*>/g)]
    .map(([input]) => input)
    .filter((input) => input.includes('name="identity"'))
    .map((input) => /value="([^"]*)"/.exec(input)?.[1] ?? "")
    .find((value) => /[0-9a-f]{8}-/.test(value));
  const begun = await client.fill(page, /\/start$/, { identity: identity ?? "" });
  return idIn(begun, /\/drafts\/([0-9a-f-]{36})/);
}

/** Fills in the screens of a draft, and uploads the floor plan. */
export async function fillDraft(client: RawClient, draft: string, fields: Fields = SHOP_FIELDS): Promise<void> {
  let page = await client.open(`/drafts/${draft}/form/1`);
  for (let screen = 1; screen <= MAX_SCREENS && page.path.includes("/form/"); screen += 1) {
    const here = Object.entries(fields).filter(([name]) => page.text.includes(`name="${name}"`));
    page = await client.fill(page, /\/form\/\d+$/, Object.fromEntries(here));
  }
  const uploaded = await uploadTo(client, draft, {
    name: "布局图.pdf",
    mediaType: "application/pdf",
    bytes: FLOOR_PLAN,
  });
  for (const { status, path } of [page, uploaded]) if (status >= 400) throw new Error(`${status} at ${path}`);
}

export async function uploadTo(
  client: RawClient,
  draft: string,
  file: { readonly name: string; readonly mediaType: string; readonly bytes: Uint8Array; readonly material?: string },
): Promise<RawAnswer> {
  const path = `/drafts/${draft}/materials`;
  const csrf = csrfOf(await client.open(path));
  const field = (name: string, value: string) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
  const head = `Content-Disposition: form-data; name="file"; filename="${file.name}"\r\nContent-Type: ${file.mediaType}\r\n\r\n`;
  return client.upload(path, [
    field("csrf", csrf),
    field("key", crypto.randomUUID()),
    field("material", file.material ?? "floorPlan"),
    Buffer.concat([Buffer.from(head), file.bytes]),
  ]);
}

/** Signs and submits. Gives the case. */
export async function submitApplication(client: RawClient, draft: string): Promise<string> {
  const page = await client.open(`/drafts/${draft}/review`);
  return idIn(await client.fill(page, /\/review$/, { declaration: "true" }), /\/cases\/([0-9a-f-]{36})/);
}

/** A whole application; the client is signed in. */
export async function apply(client: RawClient, fields: Fields = SHOP_FIELDS): Promise<string> {
  const draft = await beginDraft(client);
  await fillDraft(client, draft, fields);
  return submitApplication(client, draft);
}

/** The address of the task of a case that an official may do now; undefined when there is none. */
export async function openTask(client: RawClient, caseId: string): Promise<string | undefined> {
  const page = await client.open(`/workbench/cases/${caseId}`);
  if (page.status !== 200 || !page.path.startsWith("/workbench/")) throw new Error(`${page.status} at ${page.path}`);
  return new RegExp(`/workbench/cases/${caseId}/tasks/\\d+`).exec(page.text)?.[0];
}

/** Does the one open task of a case that this official is offered. */
export async function doTask(client: RawClient, caseId: string, fields: Fields): Promise<void> {
  const href = await openTask(client, caseId);
  if (!href) throw new Error(`no task of ${caseId} is offered`);
  const page = await client.open(href);
  const done = await client.fillOnly(page, new RegExp(`${href}$`), fields);
  if (done.status !== 303) throw new Error(`not done: ${done.status} ${done.path}`);
}

function idIn(answer: RawAnswer, pattern: RegExp): string {
  const found = pattern.exec(answer.path)?.[1];
  if (!found) throw new Error(`${answer.status} at ${answer.path}`);
  return found;
}

/** The steps of officials from acceptance to the decision, each with who does it. */
export const STEPS: readonly { readonly by: string; readonly fields: Fields }[] = Object.freeze([
  { by: "accept", fields: { outcome: "accept", siteCheckNeeded: "yes" } },
  { by: "inspector1", fields: SITE_CHECK_FIELDS },
  { by: "inspector2", fields: { outcome: "agree" } },
  { by: "inspector1", fields: { outcome: "propose-grant" } },
  { by: "decider", fields: { outcome: "grant" } },
]);
