import assert from "node:assert/strict";
import { after, test } from "node:test";
import { readPolicies } from "#kernel/access/policy-sources";
import { classOfOperation, classOfRegister } from "#kernel/contract/classification";
import { isRefusal } from "#kernel/contract/refusal";
import type { Principal } from "#kernel/system/act";
import { legalEntities } from "#resources/legal-entities";
import { population } from "#resources/population";
import { answered, refused } from "./answers.ts";
import { countyNode } from "./county-node.ts";

const node = await countyNode();
after(node.close);
const { kernel } = node;
const contracts = [...kernel.systems.values()].map(({ contract }) => contract);

const post = {
  id: "00000000-0000-4000-8000-0000000000e1",
  title: { zh: "岗", en: "Post" },
  authority: "00000000-0000-4000-8000-0000000000ab",
  authorityName: { zh: "公安局", en: "Public security" },
  duties: ["register.keep", "population.read"],
  division: "990101",
};
const OFFICIAL = "00000000-0000-4000-8000-0000000000c1";
const official = (assurance: 1 | 2): Principal => {
  return { kind: "official", id: OFFICIAL, post, assurance };
};
const keeper = (assurance: 1 | 2 = 1) => node.as(population, official(assurance), { purpose: "register-keeping" });

async function under(source: string, work: () => Promise<void>): Promise<void> {
  const policies = await readPolicies(contracts, { "test.rule": source });
  await kernel.access.replace(kernel.database, "test", [{ from: "2000-01-01T00:00:00Z", policies }]);
  try {
    await work();
  } finally {
    await kernel.access.replace(kernel.database, "test", []);
  }
}

test("A list that a room makes itself leaves out the rows that a policy keeps from the reader, before they are read", async () => {
  const holder = node.county.cast.signIns.find(({ signInName }) => signInName === "owner")?.holder ?? "";
  const person = node.as(population, { kind: "person", id: holder, assurance: 1 }, { purpose: "own-affairs" });
  answered(await person.reportWrong({ attribute: "name", claimed: "林晓筑", explanation: "户口本上的字" }));
  answered(await person.reportWrong({ attribute: "address", claimed: "翠竹路28号", explanation: "搬家" }));
  const attributes = async () => {
    const { items } = answered(await keeper().listCorrectionRequests({}));
    return items.map(({ attribute }) => attribute).toSorted();
  };
  assert.deepEqual(await attributes(), ["address", "name"]);
  await under(
    `@zh("姓名更正由县局办理。") @en("Corrections of names are dealt with elsewhere.")
     forbid(principal is Official, action == Action::"population.listCorrectionRequests", resource)
       when { context has entry && context.entry has attribute && context.entry.attribute == "name" };`,
    async () => {
      assert.deepEqual(await attributes(), ["address"]);
      const { records } = await kernel.ledger.byActor({
        kind: "official",
        id: official(1).kind === "official" ? "00000000-0000-4000-8000-0000000000c1" : "",
      });
      assert.equal(records[0]?.leaf.operation, "listCorrectionRequests");
    },
  );
  assert.deepEqual(await attributes(), ["address", "name"]);
  await assert.rejects(
    readPolicies(contracts, {
      "test.misspelt": `@zh("…") @en("…") forbid(principal, action == Action::"population.listCorrectionRequests", resource)
        when { context has entry && context.entry has claimed && context.entry.claimed == "x" };`,
    }),
    { code: "ERR_ACCESS_POLICIES" },
    "what is sealed is no attribute for policies",
  );
});

test("Policies see how sensitive what an action shows is, as the contract has it", async () => {
  assert.equal(classOfRegister(population.registers.person), "sensitive");
  assert.equal(classOfRegister(legalEntities.registers.organization), "internal");
  assert.equal(classOfOperation(legalEntities, legalEntities.operations.findByCode), "public");
  assert.equal(classOfOperation(population, population.operations.nameOf), "personal");
  assert.equal(classOfOperation(population, population.operations.findByDocument), "sensitive");
  const document = {
    documentKind: "resident-identity",
    documentNumber: node.county.persons[0]?.value.documentNumber ?? "",
  } as const;
  assert.ok(!isRefusal(await keeper().findByDocument(document)));
  await under(
    `@zh("敏感个人信息须二级认证。") @en("Sensitive information takes a second factor.")
     forbid(principal is Official, action, resource)
       when { context.classification == Classification::"sensitive" && context.assurance < 2 };`,
    async () => {
      const needed = refused(await keeper().findByDocument(document), "assurance-needed");
      assert.deepEqual(needed.needs, { level: 2 });
      assert.ok(!isRefusal(await keeper(2).findByDocument(document)));
    },
  );
});
