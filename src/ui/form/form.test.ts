import assert from "node:assert/strict";
import { test } from "node:test";
import { html } from "#lib/html/html";
import { LANGUAGES, text } from "#lib/language/text";
import type { FieldDescriptor } from "#ui/form/descriptor";
import { parseForm, schemaErrors } from "#ui/form/parse-form";
import { formPage, formValues, renderForm } from "#ui/form/render-form";

const FIELDS: readonly FieldDescriptor[] = [
  { name: "shop", title: text("店铺名称", "Name of the shop"), kind: "text", required: true, maxLength: 10 },
  { name: "area", title: text("面积", "Area"), kind: "number", required: false },
  { name: "fee", title: text("租金", "Rent"), kind: "money", required: false },
  { name: "from", title: text("起租日", "Start of the lease"), kind: "date", required: true },
  { name: "mobile", title: text("手机", "Mobile"), kind: "mobile", required: true },
  { name: "owner", title: text("证件号码", "Identity number"), kind: "identity-number", required: false },
  { name: "tasting", title: text("是否试吃", "Tasting"), kind: "boolean", required: true },
  {
    name: "kinds",
    title: text("类别", "Kinds"),
    kind: "checkboxes",
    required: true,
    options: [
      { value: "hot", title: text("热食", "Hot") },
      { value: "cold", title: text("冷食", "Cold") },
    ],
  },
  { name: "note", title: text("说明", "Note"), kind: "textarea", required: false },
  { name: "code", title: text("代码", "Code"), kind: "text", required: true, readonly: true },
];

const GOOD = {
  shop: "  翠竹小吃店 ",
  area: "46.5",
  fee: "¥12,800.50",
  "from-year": "2026",
  "from-month": "2",
  "from-day": "28",
  mobile: "+86 199-0000 1234",
  owner: "99010119900101123x",
  tasting: "no",
  kinds: ["hot", "cold", "hot"],
  note: "一\r\n二",
  code: "forged",
};

test("a form that is filled in well becomes what the schema expects", () => {
  const { input, errors } = parseForm(FIELDS, GOOD);
  assert.deepEqual(errors, {});
  assert.deepEqual(input, {
    shop: "翠竹小吃店",
    area: 46.5,
    fee: "12800.50",
    from: "2026-02-28",
    mobile: "19900001234",
    owner: "99010119900101123X",
    tasting: false,
    kinds: ["hot", "cold"],
    note: "一\n二",
  });
});

test("what a field may not be changed to is not read from the body", () => {
  assert.equal("code" in parseForm(FIELDS, GOOD).input, false);
});

test("bad input of every kind is named, and what was typed is kept", () => {
  const bad = {
    shop: "一二三四五六七八九十一",
    area: "about 40",
    fee: "12.345",
    "from-year": "2026",
    "from-month": "2",
    "from-day": "30",
    mobile: "123",
    owner: "1",
    tasting: "perhaps",
    kinds: "raw",
  };
  const { errors, values } = parseForm(FIELDS, bad);
  assert.deepEqual(Object.keys(errors), ["shop", "area", "fee", "from", "mobile", "owner", "tasting", "kinds"]);
  assert.equal(errors["shop"]?.zh, "店铺名称最多 10 个字，现在是 11 个");
  assert.equal(errors["from"]?.en, "Start of the lease must be a real day");
  const page = String(renderForm(FIELDS, { language: "zh", values, errors }));
  for (const typed of ["一二三四五六七八九十一", "about 40", "12.345", 'value="30"'])
    assert.ok(page.includes(typed), typed);
});

test("what is missing is asked for; part of a date says which part", () => {
  const { errors } = parseForm(FIELDS, { "from-year": "2026" });
  assert.deepEqual(Object.keys(errors), ["shop", "from", "mobile", "tasting", "kinds"]);
  assert.equal(errors["from"]?.zh, "起租日缺少月、日");
  assert.equal(errors["kinds"]?.zh, "请选择类别");
});

test("a body of any shape is survived", () => {
  for (const value of [1, null, {}, [1], [["a"]], Symbol.iterator, "x".repeat(100_000)]) {
    const body = Object.fromEntries(FIELDS.map((field) => [field.name, value]));
    const { values } = parseForm(FIELDS, body);
    assert.ok(JSON.stringify(values).length < 200_000);
  }
});

test("rare characters count as one each", () => {
  assert.deepEqual(parseForm([FIELDS[0] as FieldDescriptor], { shop: "𠮷".repeat(10) }).errors, {});
});

test("errors are linked to their fields in both languages, with a prefix too", () => {
  const { errors } = parseForm(FIELDS, {}, "shop");
  for (const language of LANGUAGES) {
    const page = String(
      formPage({
        language,
        title: "x",
        fields: FIELDS,
        action: "/apply",
        token: html`<input type="hidden" name="t">`,
        errors,
        prefix: "shop",
      }),
    );
    for (const [, id] of page.matchAll(/<a href="#([^"]+)"/g)) assert.ok(page.includes(`id="${id}"`), String(id));
    assert.equal(page.match(/<li><a href="#/g)?.length, 5);
    assert.equal(page.match(/<h1/g)?.length, 1);
  }
});

test("a page that asks one thing has its question as heading", () => {
  const page = String(
    formPage({ language: "en", title: "x", fields: [FIELDS[6] as FieldDescriptor], action: "/", token: html`` }),
  );
  assert.match(page, /<h1 class="govuk-fieldset__heading">Tasting<\/h1>/);
});

test("a record's values fill its form", () => {
  const values = formValues(FIELDS, { shop: "甲", tasting: true, from: "2026-02-03", kinds: ["cold"], area: 4 });
  const page = String(renderForm(FIELDS, { language: "zh", values }));
  assert.match(page, /value="yes" checked/);
  assert.match(page, /value="cold" checked/);
  assert.match(page, /name="from-month" type="text" value="2"/);
});

test("a schema's issues reach their fields, a rule's own words first", () => {
  const errors = schemaErrors(FIELDS, [
    { code: "custom", path: ["owner"], message: "x", params: { text: text("校验码不对", "The check digit is wrong") } },
    { code: "too_big", path: ["area"], message: "x" },
    { code: "custom", path: [], message: "x" },
  ]);
  assert.equal(errors["owner"]?.zh, "校验码不对");
  assert.equal(errors["area"]?.en, "Area is too large or too long");
  assert.equal(errors[""]?.zh, "请检查表单");
});
