import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { quality } from "#systems/quality";
import { differencesOf, differing } from "./differences.ts";

const title = (zh: string) => text(zh, zh);
const source = title("登记簿");
const service = {
  form: z.object({
    premises: field(z.string(), { title: title("经营场所") }),
    phone: field(z.string().optional(), { title: title("电话") }),
    kind: field(z.enum(["firm", "shop"]), {
      title: title("类型"),
      options: { firm: text("企业", "Firm"), shop: text("个体工商户", "Individual business") },
    }),
    area: field(z.number(), { title: title("面积") }),
  }),
  facts: {
    address: { title: title("登记住所"), source, alsoAsked: "premises" },
    phone: { title: title("登记电话"), source },
    kind: { title: title("登记类型"), source },
    name: { title: title("名称"), source },
  },
};
const asOf = "2026-11-18T02:00:00Z";
const facts = (known: Readonly<Record<string, string>>) =>
  Object.entries(known).map(([id, value]) => ({ id, value, asOf }));

test("every answer that a register states too is compared, whatever its field is called", () => {
  const application = {
    form: { premises: "翠竹路27号", phone: "0571-1", kind: "firm", area: 45 },
    facts: facts({ address: "翠竹路29号", phone: "0571-2", kind: "个体工商户", name: "店", area: "46" }),
  };
  assert.deepEqual(
    differing({ application, service }).map(({ field: name, registered }) => [name, registered]),
    [
      ["premises", "翠竹路29号"],
      ["phone", "0571-2"],
      ["kind", "个体工商户"],
      ["area", "46"],
    ],
  );
  const [first, , third] = differencesOf({ application, service }, "zh");
  assert.deepEqual(first, { label: "经营场所（登记住所）", stated: "翠竹路27号", registered: "翠竹路29号" });
  assert.equal(third?.stated, "企业");
});

test("what is the same but for its writing, or was not answered, does not differ", () => {
  const application = {
    form: { premises: "翠竹路２７号， 1幢", kind: "shop", area: 45 },
    facts: facts({ address: "翠竹路27号,1幢", phone: "0571-2", kind: "个体工商户", area: "45", name: "" }),
  };
  assert.deepEqual(differing({ application, service }), []);
});

test("the food business licence compares its premises with the registered address, and speaks to nobody in particular", () => {
  const licence = quality.services.foodBusinessLicence;
  const application = { form: { premises: "甲" }, facts: facts({ registeredAddress: "乙" }) };
  assert.equal(differing({ application, service: licence }).length, 1);
  for (const fact of Object.values(licence.facts)) assert.doesNotMatch(fact.title.zh + fact.title.en, /您|your/i);
});
