import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readPolicies } from "#kernel/access/policy-sources";
import { isRefusal } from "#kernel/contract/refusal";
import { addCaseMaterial } from "#kernel/services/case-materials";
import { caseForOfficial } from "#kernel/services/case-views";
import { counterDrafts } from "#kernel/services/counter";
import { startDraft } from "#kernel/services/drafts";
import { noteListView } from "#kernel/services/list-views";
import { casesForSupervision } from "#kernel/services/oversight";
import { previewDecision } from "#kernel/services/preview";
import { nextTaskOf, queueOf, tasksOf } from "#kernel/services/task-lists";
import type { Act } from "#kernel/system/act";
import { readEntry, readHistory, searchRegister } from "#kernel/system/inspect-register";
import type { Kernel } from "#kernel/system/kernel";
import { perform } from "#kernel/system/perform";
import { type LicensingCounty, licensingCounty } from "../federation/licensing-county.ts";
import { licensingSteps } from "../federation/licensing-steps.ts";

let county: LicensingCounty;
let kernel: Kernel;
before(async () => {
  county = await licensingCounty();
  kernel = county.node.site.kernel;
});
after(() => county.close());
const { done, submitted } = licensingSteps(() => county);

async function looks(operation: string): Promise<number> {
  const { records } = await kernel.ledger.bySubject({ kind: "person", id: county.owner }, { limit: 200 });
  return records.filter(({ leaf }) => leaf.room === "services" && leaf.operation === operation).length;
}

test("a list that names applicants is one entry a day for each official, and a name that came since is one more", async () => {
  const act = await county.officialAct("inspector1", { purpose: "case" });
  const shop = { kind: "organization", id: county.shop, personId: county.owner } as const;
  const others = [kernel.newId(), kernel.newId()].map((id) => ({ kind: "person", id, personId: id }) as const);
  const look = (applicants: readonly (typeof shop | (typeof others)[number])[]) =>
    noteListView(kernel, act, { list: "my-tasks", applicants });
  await look([shop, ...others]);
  await Promise.all([look([shop, ...others]), look([shop])]);
  assert.equal(await looks("my-tasks"), 1);
  const [record] = (await kernel.ledger.bySubject({ kind: "person", id: county.owner }, { limit: 200 })).records.filter(
    ({ leaf }) => leaf.operation === "my-tasks",
  );
  assert.equal(record?.leaf.subjects?.count, 4, "one entry over the root of all of them");
  assert.deepEqual(
    record?.subjects.map(({ id }) => id),
    [county.owner],
    "of the others nothing is told",
  );
  const later = kernel.newId();
  await look([shop, { kind: "person", id: later, personId: later } as never]);
  assert.equal(await looks("my-tasks"), 1);
  assert.equal((await kernel.ledger.bySubject({ kind: "person", id: later }, { limit: 10 })).records.length, 1);
  await noteListView(kernel, await county.officialAct("inspector2"), { list: "my-tasks", applicants: [shop] });
  assert.equal(await looks("my-tasks"), 2);
});

test("the drafts at a counter are on the record of those whom they name", async () => {
  const act = await county.officialAct("counter", { purpose: "case" });
  const applicant = { kind: "organization", id: county.shop, personId: county.owner } as const;
  const draft = await startDraft(kernel, act, { room: "quality", service: "foodBusinessLicence" }, applicant);
  assert.ok(!isRefusal(draft));
  assert.equal((await counterDrafts(kernel, act)).length, 1);
  await counterDrafts(kernel, act);
  assert.equal(await looks("counter-drafts"), 1);
});

test("a document is handed in by who may answer, while the case waits, and not a moment later", async () => {
  const caseId = await submitted();
  const bytes = Buffer.from("%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n% m\n");
  const file = { field: "rules", name: "制度.pdf", mediaType: "application/pdf", bytes };
  const { scanner } = county.node.site;
  const upload = { caseId, name: "rules", file, scanner };
  const early = await addCaseMaterial(kernel, county.ownerAct(), upload);
  assert.ok(isRefusal(early) && early.code === "not-waiting");
  await done("accept", caseId, "acceptance", { outcome: "supplement", missing: "制度：请提交", supplementDays: 5 });
  const alone = await addCaseMaterial(kernel, county.ownerAct({ onBehalfOf: undefined }), upload);
  assert.ok(isRefusal(alone) && alone.code === "not-an-applicant");
  const slow = {
    scan: async (content: Uint8Array) => {
      await county.fireTimer(caseId, "supplementLapse");
      return scanner.scan(content);
    },
  };
  const late = await addCaseMaterial(kernel, county.ownerAct(), { ...upload, scanner: slow });
  assert.ok(isRefusal(late) && late.code === "case-closed", JSON.stringify(late));
});

test("the preview of a grant says how long the licence will be valid", async () => {
  const caseId = await submitted();
  await done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
  await done("inspector1", caseId, "examination", { outcome: "propose-grant" });
  const view = await kernel.procedures.view(kernel.database, caseId);
  const taskId = view?.openTasks[0]?.taskId ?? 0;
  let drawn: { variables: Record<string, unknown> } | undefined;
  const documents = {
    render: async ({ data }: { data: unknown }) => {
      drawn = data as never;
      return { pdf: new Uint8Array() };
    },
  };
  const act = await county.officialAct("decider", { caseId });
  const call = { caseId, taskId, form: { outcome: "grant" } };
  const preview = await previewDecision(kernel, act, call, { ...county.node.site, documents } as never);
  assert.ok(!isRefusal(preview));
  assert.match(String(drawn?.variables["validFrom"]), /^\d{4}-\d\d-\d\d$/);
  assert.match(String(drawn?.variables["validUntil"]), /^\d{4}-\d\d-\d\d$/);
});

/** The same node where these policies are in force as well. */
async function under(...sources: readonly string[]): Promise<Kernel> {
  const contracts = [...kernel.systems.values()].map(({ contract }) => contract);
  const written = sources.map((source, at) => [`p${at}`, `@zh("禁") @en("No") ${source}`] as const);
  const access = kernel.access.with(await readPolicies(contracts, Object.fromEntries(written)));
  return { ...kernel, access: access as Kernel["access"] };
}

test("what a policy keeps from an official is in none of his lists, and does not open", async () => {
  const caseId = await submitted();
  const act = await county.officialAct("accept", { purpose: "case" });
  assert.ok(act.principal.kind === "official");
  const { id: officialId, post } = act.principal;
  const supervising = await county.officialAct("auditor", { purpose: "supervision" });
  const listed = async (in_: Kernel) => {
    const [tasks, queue] = [await tasksOf(in_, act, { officialId, post }), await queueOf(in_, act, { post })];
    const cases = await casesForSupervision(in_, supervising, {});
    assert.ok(!isRefusal(cases));
    const has = (items: readonly { readonly caseId: string }[]) => items.some((item) => item.caseId === caseId);
    const opens = await caseForOfficial(in_, { ...act, caseId }, caseId);
    return [has(tasks), has(queue), has(cases.items.map(({ application }) => application)), !isRefusal(opens)];
  };
  const everywhere = [true, true, true, true];
  assert.deepEqual(await listed(kernel), everywhere);
  const forbids = (what: string, when: string) => `forbid(principal is Official, ${what}, resource) when { ${when} };`;
  const onCases = 'action in [Action::"task", Action::"case-read"]';
  const by = (applicant: string) => forbids(onCases, `resource has applicant && resource.applicant == "${applicant}"`);
  assert.deepEqual(await listed(await under(by("person"))), everywhere);
  assert.deepEqual(await listed(await under(by("organization"))), [false, false, false, false]);
  const item = forbids(onCases, 'resource in Service::"quality.foodBusinessLicence" && context has division');
  assert.deepEqual(await listed(await under(item)), [false, false, false, false]);
  const atCounter = forbids('action in Action::"task"', "resource has counter && !resource.counter");
  assert.deepEqual(await listed(await under(atCounter)), [false, true, true, true]);
  const authority = kernel.authorityOf("quality");
  const supervision = forbids(
    'action in Action::"case-read"',
    `context has purpose && context.purpose == Purpose::"supervision" && resource has authority && ["${authority}"].contains(resource.authority)`,
  );
  assert.deepEqual(await listed(await under(supervision)), [true, true, false, true]);
  const kept = await under(by("organization"));
  assert.equal(await nextTaskOf(kept, act, { officialId, post, element: "acceptance" }), undefined);
  assert.ok(await nextTaskOf(kernel, act, { officialId, post, element: "acceptance" }));
});

test("what a policy keeps of a register is in no search, by no key and in no history, and that it was asked for is on the record", async () => {
  const act = await county.officialAct("accept", { purpose: "register-keeping" });
  const place = { room: "legal-entities", register: "organization" };
  const [all] = [await searchRegister(kernel, act, { ...place, name: "清源" })];
  assert.ok(!isRefusal(all) && all.items.length > 1);
  const kinds = new Set(all.items.map(({ value }) => String(value["kind"])));
  const [kind = ""] = kinds;
  const stricter = await under(
    `forbid(principal is Official, action in Action::"register-read", resource)
       when { context has entry && context.entry has kind && context.entry.kind == "${kind}" };`,
  );
  const some = await searchRegister(stricter, act, { ...place, name: "清源" });
  assert.ok(!isRefusal(some));
  assert.ok(some.items.every(({ value }) => value["kind"] !== kind));
  // The page is full all the same, and in the same order.
  const left = all.items.filter(({ value }) => value["kind"] !== kind).map(({ key }) => key);
  assert.deepEqual(
    some.items.slice(0, left.length).map(({ key }) => key),
    left,
  );
  assert.equal(some.items.length, all.items.length);
  for (const { key, value } of [...all.items.slice(0, 6), ...some.items.slice(-2)]) {
    const wanted = { ...place, key };
    const [entry, history] = [await readEntry(stricter, act, wanted), await readHistory(stricter, act, wanted)];
    assert.ok(!isRefusal(entry) && !isRefusal(history));
    assert.deepEqual([entry !== undefined, history.length > 0], value["kind"] === kind ? [false, false] : [true, true]);
  }
  const { records } = await kernel.ledger.byActor({ kind: "official", id: idOf(act) }, { limit: 50 });
  assert.ok(records.some(({ leaf, content }) => leaf.type === "refused" && content?.policies?.includes("p0")));
  await assert.rejects(
    under(
      'forbid(principal is Official, action in Action::"register-read", resource) when { context has entry && context.entry has kind && [context.entry.kind].containsAny(["a"]) };',
    ),
    /p0: “containsAny” of an attribute of a case or entry cannot be asked in a list/,
  );
});

test("every list of a table puts the condition of policies into its own statement", async () => {
  const { database } = kernel;
  await database.query(`INSERT INTO events.room (id, code, title, retention_days, opened_at)
    VALUES ('00000000-0000-4000-8000-00000000ee01', 'CN/GOV/990101/test', 'test', 1, now())
    ON CONFLICT DO NOTHING`);
  const lists = [...kernel.systems.values()].flatMap(({ contract }) =>
    Object.entries(contract.operations).flatMap(([operation, { lists: rows, duty = "" }]) =>
      typeof rows === "object" ? [{ room: contract.id, operation, names: Object.entries(rows.rows), duty }] : [],
    ),
  );
  assert.ok(lists.length >= 10);
  const accepting = await county.official("accept");
  for (const { room, operation, names, duty } of lists) {
    const principal = { ...accepting, post: { ...accepting.post, duties: [duty] }, assurance: 3 } as const;
    const asked = names
      .map(
        ([name, type]) =>
          `(context.entry has ${name} && context.entry.${name} == ${type === "boolean" ? "true" : '"x"'})`,
      )
      .join(" || ");
    const stricter = await under(
      `forbid(principal is Official, action == Action::"${room}.${operation}", resource) when { context has entry && (${asked}) };`,
    );
    const act = await county.officialAct("accept", { principal, purpose: "administration" });
    const input = operation === "listTypes" ? { room: "CN/GOV/990101/test" } : {};
    const answer = await perform(stricter, act, { room, operation, input });
    assert.ok(!isRefusal(answer), `${room}.${operation}: ${JSON.stringify(answer)}`);
    const all = await perform(kernel, act, { room, operation, input });
    assert.ok(!isRefusal(all));
    assert.deepEqual(answer, all, `${room}.${operation}: no row is of that kind`);
  }
  const rooms = await under(
    'forbid(principal is Official, action == Action::"events.listRooms", resource) when { context has entry && context.entry has room && context.entry.room like "CN/GOV/990101/t*" };',
  );
  const keeper = { ...accepting, post: { ...accepting.post, duties: ["events.manage"] } };
  const act = await county.officialAct("accept", { principal: keeper, purpose: "administration" });
  const listed = async (in_: Kernel) => {
    const answer = await perform(in_, act, { room: "events", operation: "listRooms", input: {} });
    return (answer as { items: readonly { room: string }[] }).items.map(({ room }) => room);
  };
  assert.ok((await listed(kernel)).includes("CN/GOV/990101/test"));
  assert.ok(!(await listed(rooms)).includes("CN/GOV/990101/test"));
});

test("a list that does not ask which rows may be read is not given out where policies keep some back", async () => {
  const system = kernel.systems.get("events");
  assert.ok(system);
  const forgetful = { ...system.operations, listRooms: async () => ({ items: [{ room: "a/b/c/d" }] }) };
  const output = { safeParse: (data: unknown) => ({ success: true, data }) };
  const declared = system.contract.operations["listRooms"];
  const operations = { ...system.contract.operations, listRooms: { ...declared, output } };
  const careless = { ...system, operations: forgetful, contract: { ...system.contract, operations } };
  const systems = new Map([...kernel.systems, ["events", careless as never]]);
  const stricter = await under(
    'forbid(principal is Official, action == Action::"events.listRooms", resource) when { context has entry && context.entry has room && context.entry.room == "a/b/c/d" };',
  );
  const accepting = await county.official("accept");
  const principal = { ...accepting, post: { ...accepting.post, duties: ["events.manage"] } };
  const act = await county.officialAct("accept", { principal, purpose: "administration" });
  const call = { room: "events", operation: "listRooms", input: {} };
  await assert.rejects(perform({ ...stricter, systems }, act, call), { code: "ERR_LIST_UNFILTERED" });
  assert.ok(await perform({ ...kernel, systems }, act, call));
});

function idOf({ principal }: Act): string {
  return principal.kind === "official" ? principal.id : "";
}
