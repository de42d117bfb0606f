import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directory } from "#infrastructure/directory";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { testDatabase } from "#kernel/database/testing";
import { frontOf } from "#kernel/http/pages";
import type { CaseView } from "#kernel/procedures/changes";
import { knownService, type ServiceRef } from "#kernel/services/application";
import { caseJobs } from "#kernel/services/case-jobs";
import { FIRE_TIMER } from "#kernel/services/case-step";
import { addMaterial, readDraft, saveDraft, startDraft } from "#kernel/services/drafts";
import { APPLICATION_WORDS, digestToSign, submitDraft } from "#kernel/services/submission";
import { completeTask } from "#kernel/services/tasks";
import type { Act, Principal } from "#kernel/system/act";
import type { System } from "#kernel/system/system";
import { generateCounty } from "../../src/node/demonstration/generate.ts";
import { nodeActOf } from "../../src/node/node-act.ts";
import { type ServingNode, startNode } from "../../src/node/serve.ts";

/** A whole demonstration node on a database of its own, and the people of its licensing cases. */
export interface LicensingCounty {
  readonly node: ServingNode;
  readonly dataFolder: string;
  readonly owner: string;
  readonly shop: string;
  setNow(at: string | undefined): void;
  ownerAct(about?: Partial<Act>): Act;
  official(signInName: string): Promise<Extract<Principal, { kind: "official" }>>;
  officialAct(signInName: string, about?: Partial<Act>): Promise<Act>;
  /** A complete draft of the shop's, ready to be submitted. */
  draft(form?: Readonly<Record<string, unknown>>): Promise<string>;
  submit(draftId: string): Promise<{ readonly caseId: string; readonly number: string } | Refusal>;
  /** Completes the one open task of an element as someone. */
  doTask(
    signInName: string,
    about: {
      readonly caseId: string;
      readonly element: string;
      readonly form: Readonly<Record<string, unknown>>;
      /** As somebody has it before them whose colleague may be faster. */
      readonly taskId?: number | undefined;
    },
  ): Promise<{ readonly caseId: string; readonly outcome: string } | Refusal>;
  /** Waits until the case satisfies a condition; jobs run in the background. */
  until(caseId: string, reached: (view: CaseView) => boolean): Promise<CaseView>;
  /** Fires the timer of an element, as if its time had come. */
  fireTimer(caseId: string, element: string): Promise<void>;
  close(): Promise<void>;
}

export const SHOP_FORM = Object.freeze({
  kind: "new",
  onlyPrepackaged: "no",
  withinDivision: "yes",
  premises: "清源县湖滨街道翠竹路27号",
  businessType: "catering",
  items: ["hot-food", "self-made-drinks"],
  area: 45,
  safetyManager: "林晓竹",
  mobile: "13900000000",
});

export const SITE_CHECK = Object.freeze({
  premises: "yes",
  hygiene: "yes",
  equipment: "yes",
  staff: "yes",
  rules: "yes",
  observations: "场所与平面图一致，设备齐全。",
  present: "林晓竹",
  outcome: "pass",
});

export const FLOOR_PLAN = Buffer.from(
  "%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n",
);
const WAIT_MS = 30_000;
const POLL_MS = 50;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

export interface CountyOptions {
  readonly rooms?: readonly System[];
  /** Another item than the food business licence: its drafts begin empty, and the market regulator keeps its room. */
  readonly item?: ServiceRef;
}

/** Starts it; to be closed. */
export async function licensingCounty(options: CountyOptions = {}): Promise<LicensingCounty> {
  const item = options.item ?? { room: "quality", service: "foodBusinessLicence" };
  const database = await testDatabase();
  const dataFolder = await mkdtemp(join(tmpdir(), "zhengtong-county-"));
  let now: string | undefined;
  const clock = () => now ?? Temporal.Now.instant().toString({ smallestUnit: "millisecond" });
  const node = await startNode(
    {
      host: "127.0.0.1",
      port: await freePort(),
      dataFolder,
      publicUrl: undefined,
      trustProxy: false,
      databaseUrl: database.url,
      logLevel: "warn",
    },
    { report: () => undefined, demonstration: true, now: clock, ...(options.rooms && { rooms: options.rooms }) },
  );
  const { kernel } = node.site;
  const { cast, offices } = generateCounty();
  const regulator = node.site.hosts.get("quality");
  if (options.item && regulator) node.site.hosts.set(item.room, regulator);
  const owner = cast.signIns.find(({ signInName }) => signInName === "owner")?.holder ?? "";
  const shop = cast.shop.key;
  const doors = frontOf(kernel, directory, () => nodeActOf(kernel, directory.id));
  const act = (principal: Principal, about: Partial<Act>): Act => ({
    id: kernel.newId(),
    principal,
    purpose: "case",
    legalBasis: [],
    zone: kernel.zone,
    language: "zh",
    at: kernel.now(),
    ...about,
  });
  // Each act has a proof of its own, also of several at one moment: a proof releases one signature.
  const proven = new Set<number>();
  const provenNow = () => {
    let ms = Date.parse(kernel.now());
    while (proven.has(ms)) ms += 1;
    proven.add(ms);
    return new Date(ms).toISOString();
  };
  const ownerAct = (about: Partial<Act> = {}) =>
    act(
      { kind: "person", id: owner, assurance: 2, provenAt: { 2: provenNow() } },
      {
        purpose: "own-affairs",
        onBehalfOf: { kind: "organization", id: shop, name: cast.shop.value.name, right: "operator" },
        ...about,
      },
    );
  const official: LicensingCounty["official"] = async (signInName) => {
    const id = offices.bySignInName.get(signInName) ?? "";
    const posts = await doors.postsOf({ official: id });
    const [post] = isRefusal(posts) ? [] : posts.items;
    if (!post) throw new Error(`${signInName} holds no post`);
    return { kind: "official", id, post, assurance: 2, provenAt: { 2: provenNow() } };
  };
  const officialAct: LicensingCounty["officialAct"] = async (signInName, about = {}) =>
    act(await official(signInName), about);
  const view = async (caseId: string) => {
    const found = await kernel.procedures.view(kernel.database, caseId);
    if (!found) throw new Error(`no case ${caseId}`);
    return found;
  };
  return {
    node,
    dataFolder,
    owner,
    shop,
    setNow: (at) => {
      now = at;
    },
    ownerAct,
    official,
    officialAct,
    async draft(form = {}) {
      const draft = await startDraft(kernel, ownerAct(), item, { kind: "organization", id: shop, personId: owner });
      if (isRefusal(draft)) throw new Error(draft.text.en);
      await saveDraft(kernel, ownerAct(), draft.id, options.item ? form : { ...SHOP_FORM, ...form });
      const file = { field: "floorPlan", name: "布局图.pdf", mediaType: "application/pdf", bytes: FLOOR_PLAN };
      const held = await addMaterial(kernel, ownerAct(), {
        draftId: draft.id,
        name: "floorPlan",
        file,
        scanner: node.site.scanner,
      });
      if (isRefusal(held)) throw new Error(held.text.en);
      return draft.id;
    },
    submit: async (draftId) => {
      const draft = await readDraft(kernel, kernel.database, ownerAct(), draftId);
      const digest = isRefusal(draft) ? "" : (digestToSign(knownService(kernel, draft).service, draft) ?? "");
      const signing = { signer: node.site.signer, signerName: "林晓竹", words: APPLICATION_WORDS.zh, digest };
      return submitDraft(kernel, ownerAct(), { draftId, signing });
    },
    async doTask(signInName, { caseId, element, form, taskId }) {
      const { openTasks } = taskId === undefined ? await view(caseId) : { openTasks: [{ element, taskId }] };
      const task = openTasks.find((open) => open.element === element);
      if (!task) throw new Error(`${element} is not open in ${caseId}`);
      const signing = { signer: node.site.signer, signerName: signInName };
      return completeTask(kernel, await officialAct(signInName, { caseId }), {
        ...{ caseId, taskId: task.taskId, form, signing },
      });
    },
    async until(caseId, reached) {
      const deadline = performance.now() + WAIT_MS;
      for (;;) {
        const current = await view(caseId);
        if (reached(current)) return current;
        if (performance.now() > deadline) throw new Error(`the case stays at ${current.at.join(", ")}`);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    async fireTimer(caseId, element) {
      const { timers } = await view(caseId);
      const timer = timers.find((set) => set.element === element);
      if (!timer) throw new Error(`no timer waits at ${element}`);
      now = timer.dueAt;
      const fire = caseJobs(kernel, node.site)[FIRE_TIMER];
      await fire?.({ caseId, timerId: timer.timerId } as never, { number: 1, last: false });
      now = undefined;
    },
    async close() {
      await node.stop();
      await database.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
