import {
  beginDraft,
  type Fields,
  fillDraft,
  openTask,
  STEPS,
  signedIn,
  submitApplication,
} from "../../test/adversarial/licence-walk.ts";
import { RawClient } from "../../test/adversarial/raw-client.ts";

const DELIVERY_TIMEOUT_MS = 120_000;
/** How soon someone looks again whether something has come: a person who reloads a page all the time. */
const LOOK_AGAIN_MS = 500;
const OFFICIALS = [...new Set(STEPS.map(({ by }) => by))];

/** The people of one lane: an applicant and the officials, each signed in. */
export interface Lane {
  readonly owner: RawClient;
  readonly officials: ReadonlyMap<string, RawClient>;
}

export async function openLanes(address: string, count: number): Promise<readonly Lane[]> {
  const proven = new Map<string, RawClient>();
  for (const name of ["owner", ...OFFICIALS]) proven.set(name, await browser(address, name));
  const client = (name: string) => connected(address, proven.get(name));
  return Array.from({ length: count }, () => ({
    owner: client("owner"),
    officials: new Map(OFFICIALS.map((name) => [name, client(name)])),
  }));
}

/**
 * Has everyone prove again who they are, one for all of a person's connections: a proof counts for half an hour. Not while cases run,
 * since each proof changes the session's token.
 */
export async function proveAgain(lanes: readonly Lane[]): Promise<void> {
  for (const name of ["owner", ...OFFICIALS]) {
    const clients = lanes.flatMap(({ owner, officials }) => (name === "owner" ? owner : (officials.get(name) ?? [])));
    const [first, ...others] = clients;
    await first?.prove("/sign-in/step-up?level=2&within=1");
    for (const [cookie, value] of first?.cookies ?? []) for (const other of others) other.cookies.set(cookie, value);
  }
}

/** A connection of its own in someone's session: who signs was proved before anything is measured, and once each. */
function connected(address: string, person: RawClient | undefined): RawClient {
  const client = new RawClient(address);
  client.compressed = true;
  for (const [name, value] of person?.cookies ?? []) client.cookies.set(name, value);
  return client;
}

async function browser(address: string, signInName: string): Promise<RawClient> {
  const client = await signedIn(address, signInName);
  await client.prove();
  return client;
}

/** A draft that is ready to be submitted: what an applicant fills in is not part of the measured case. */
async function readyDraft({ owner }: Lane): Promise<string> {
  const draft = await beginDraft(owner);
  await fillDraft(owner, draft);
  return draft;
}

export type Step = "submit" | (typeof STEPS)[number]["by"] | "seal and deliver";

/** From submission to the sealed licence and its three delivered notices, as everyone sees it over HTTP. Milliseconds of each part. */
async function runCase(lane: Lane, draft: string): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    times.set(name, (times.get(name) ?? 0) + performance.now() - began);
    return result;
  };
  const caseId = await inTurn(() => timed("submit", () => submitApplication(lane.owner, draft)));
  for (const [index, { by, fields }] of STEPS.entries()) {
    const official = lane.officials.get(by);
    if (!official) throw new Error(`${by} is not signed in`);
    await timed(`${index + 1} ${by}`, () => doOpenTask(official, caseId, fields));
  }
  await timed("seal and deliver", () => delivered(lane.owner, caseId));
  return times;
}

let last: Promise<unknown> = Promise.resolve();

/** All lanes are one applicant: each signature takes a proof of its own, and a person signs one after the other. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work);
  last = mine.catch(() => undefined);
  return mine;
}

/** Opens the case, then its task, sends the form and sees what comes after it, as a browser does. */
async function doOpenTask(official: RawClient, caseId: string, fields: Fields): Promise<void> {
  let href = await openTask(official, caseId);
  // The job that opens the next task may still be under way.
  for (; href === undefined; href = await openTask(official, caseId)) await pause();
  const page = await official.open(href);
  const next = await official.fill(page, new RegExp(`${href}$`), fields);
  // What is offered next may be done by a colleague just then (409).
  if (![200, 409].includes(next.status) || !next.path.includes("done="))
    throw new Error(`not done: ${next.status} ${next.path}`);
}

async function delivered(owner: RawClient, caseId: string): Promise<void> {
  const deadline = performance.now() + DELIVERY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const page = await owner.open(`/cases/${caseId}`);
    const notices = new Set(page.text.match(/\/notices\/[0-9a-f-]{36}/g));
    if (notices.size >= 3 && page.text.includes("/my/licences")) return;
    await pause();
  }
  throw new Error(`the notices of ${caseId} were not delivered`);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}

/** Drafts of so many cases, ready to be submitted, by lane. */
export function readyDrafts(lanes: readonly Lane[], count: number): Promise<readonly (readonly string[])[]> {
  const perLane = Math.ceil(count / lanes.length);
  return Promise.all(
    lanes.map(async (lane) => {
      const drafts: string[] = [];
      for (let at = 0; at < perLane; at += 1) drafts.push(await readyDraft(lane));
      return drafts;
    }),
  );
}

/** Runs the cases of all lanes side by side. */
export async function runCases(
  lanes: readonly Lane[],
  drafts: readonly (readonly string[])[],
): Promise<{ readonly elapsedMs: number; readonly times: readonly ReadonlyMap<string, number>[] }> {
  const times: ReadonlyMap<string, number>[] = [];
  const began = performance.now();
  await Promise.all(
    lanes.map(async (lane, at) => {
      for (const draft of drafts[at] ?? []) times.push(await runCase(lane, draft));
    }),
  );
  return { elapsedMs: performance.now() - began, times };
}
