import assert from "node:assert/strict";
import { after, test } from "node:test";
import { directory } from "#infrastructure/directory";
import { identity } from "#infrastructure/identity";
import { type CommandCall, callFromCommandLine } from "../../src/node/exchange-call.ts";
import { answered } from "./answers.ts";
import { edgeCounty } from "./edge-county.ts";

const county = await edgeCounty();
after(county.close);
const { node, client, keeperRegistrar, keeperDecider, person, doors, approve } = county;
const { kernel } = node;

const basis = [{ law: { zh: "食品安全法", en: "Food Safety Law" }, article: "第三十五条" }];
const CASE = "0192f1c4-5d4e-7c3a-9f00-2b6a1f0c9d11";

function call(given: Partial<CommandCall>) {
  const base = { room: "population", operation: "findPersonForCase", input: { id: person } };
  return callFromCommandLine(kernel, {
    ...{ ...base, caller: { kind: "public" }, purpose: undefined, caseId: undefined, key: undefined, ...given },
  });
}

async function entries(act: string) {
  const { records } = await kernel.ledger.latest({ limit: 50 });
  return records.filter(({ content }) => content?.actId === act).toReversed();
}

test("a registered system calls by its right, and the ledger says so; without one it is told, and nothing is done", async () => {
  const caller = { kind: "system", client } as const;
  const none = await call({ caller });
  assert.ok("problem" in none && /right/.test(none.problem.en));
  const stranger = await call({ caller: { kind: "system", client: "ZT/COM/1/none" } });
  assert.ok("problem" in stranger && /registered/.test(stranger.problem.en));
  const { id } = answered(
    await doors(keeperRegistrar).proposeRight({
      ...{ client, service: "ZT/GOV/990101-ga/population/v1", endpoints: ["findPersonForCase"], purpose: "case" },
      ...{ legalBasis: basis, until: "2027-11-18T00:00:00.000Z", reason: "办理食品经营许可" },
    }),
  );
  await approve(id, keeperDecider);
  await county.lookAgain();
  const otherPurpose = await call({ caller, purpose: "supervision" });
  assert.ok("problem" in otherPurpose);
  const answer = await call({ caller, caseId: CASE });
  assert.ok("act" in answer && answer.refusal === undefined, JSON.stringify(answer));
  assert.equal((answer.value as { name: string }).name, "许昇");
  const [asked, read] = await entries(answer.act);
  assert.deepEqual(
    [asked?.leaf.type, asked?.leaf.operation, asked?.content?.origin?.client, asked?.content?.purpose],
    ["administration", "callFromCommandLine", client, "case"],
  );
  assert.match(JSON.stringify(asked?.content?.detail), /"population\.findPersonForCase"/);
  assert.deepEqual([read?.content?.outcome, read?.content?.origin?.client], ["answered", client]);
  assert.ok(read?.content?.policies?.some((policy) => policy.startsWith(`x-road.${id}`)));
  assert.deepEqual(
    read?.subjects.map((subject) => subject.id),
    [person],
  );
});

test("nobody in particular has what is open to everyone, and is refused the rest by its code", async () => {
  const open = await call({
    ...{
      room: "legal-entities",
      operation: "searchByName",
      input: { name: "无此企业" },
      purpose: "public-information",
    },
  });
  assert.ok("act" in open && open.refusal === undefined, JSON.stringify(open));
  const denied = await call({ purpose: "case", caseId: CASE });
  assert.ok("act" in denied && denied.refusal?.code === "denied");
  const unsaid = await call({ room: "legal-entities", operation: "searchByName", input: { name: "无" } });
  assert.ok("act" in unsaid && unsaid.refusal?.code === "purpose-missing");
  const unknown = await call({ operation: "noSuch" });
  assert.ok("problem" in unknown && /population\.noSuch/.test(unknown.problem.en));
});

test("an account signs in as in a browser, acts by its duties, and has signed out afterwards", async () => {
  const asDirectory = (key: string) =>
    node.as(directory, { kind: "node", room: "directory" }, { purpose: "administration", idempotencyKey: key });
  const { items } = answered(await asDirectory("list").listAuthorities({}));
  const authority = items[0]?.id ?? "";
  const title = { zh: "登记岗", en: "Registrar" };
  const post = answered(await asDirectory("post").createPost({ title, authority, duties: ["exchange.register"] }));
  const official = answered(await asDirectory("official").createOfficial({ name: "周登记", authority }));
  answered(await asDirectory("appoint").appoint({ official: official.id, post: post.id, from: "2026-01-01" }));
  const caller = (password: string) => ({ kind: "account", signInName: "keeper", password, code: undefined }) as const;
  answered(
    await node
      .as(identity, { kind: "node", room: "directory" }, { purpose: "administration", idempotencyKey: "account" })
      .createAccount({
        ...{ signInName: "keeper", password: "lake and bamboo 2026", holderKind: "official" },
        holder: official.id,
      }),
  );
  const wrong = await call({ caller: caller("not this one"), purpose: "administration" });
  assert.ok("problem" in wrong && /password/.test(wrong.problem.en));
  const mine = { room: "exchange", operation: "listRegistrations", input: {}, purpose: "administration" } as const;
  const answer = await call({ ...mine, caller: caller("lake and bamboo 2026") });
  assert.ok("act" in answer && answer.refusal === undefined, JSON.stringify(answer));
  const [asked] = await entries(answer.act);
  assert.deepEqual([asked?.content?.actor.kind, asked?.content?.actor.id], ["official", official.id]);
  const sessions = await kernel.database.query("SELECT 1 FROM identity.session WHERE holder = $1", [official.id]);
  assert.equal(sessions.length, 0);
});
