import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { text } from "#lib/language/text";
import { dcatCatalogue, type PublicEntry } from "./dcat.ts";

const VECTORS = process.env["ZHENGTONG_VECTORS"] ?? join(import.meta.dirname, "../../../../../shared/vectors");
const SHAPES = join(VECTORS, "dcat-ap/shacl/shapes.ttl");

const entry: PublicEntry = {
  ...{ number: 7, code: "101001/000007", authority: "0192f1c4-5d4e-7c3a-9f00-2b6a1f0c9d11", updateCycle: "daily" },
  title: { zh: "人口基础信息", en: "Persons" },
  abstract: { zh: "户籍人口", en: "Residents" },
  attributes: [{ title: { zh: "姓名", en: "Name" }, sharing: "unconditional" }],
  ...{ sharing: "conditional", releasedOn: "2026-11-18" },
};
const made = JSON.parse(
  JSON.stringify(
    dcatCatalogue({
      ...{ publicUrl: "https://county.example", title: text("目录", "Catalogue"), description: text("说明", "About") },
      publisher: text("清源县", "Qingyuan"),
      entries: [
        { entry, publisher: text("清源县公安局", "Public security") },
        { entry: { ...entry, number: 8, sharing: "none", updateCycle: "irregular" }, publisher: text("甲", "A") },
      ],
    }),
  ),
);

/** Every node that has a type, however deep. */
function nodes(value: unknown): readonly Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(nodes);
  if (typeof value !== "object" || value === null) return [];
  const own = value as Record<string, unknown>;
  const inner = Object.values(own).flatMap(nodes);
  return typeof own["@type"] === "string" && own["@value"] === undefined ? [own, ...inner] : inner;
}

test("what DCAT-AP requires of a class, each of its nodes has", {
  skip: existsSync(SHAPES) ? false : "the shapes of DCAT-AP are not there (ZHENGTONG_VECTORS)",
}, () => {
  const required = new Map<string, readonly string[]>();
  for (const shape of readFileSync(SHAPES, "utf8").split(/\n(?=:\w+_Shape)/)) {
    const [, target] = /sh:targetClass (\w+:\w+)/.exec(shape) ?? [];
    if (target === undefined) continue;
    const parts = shape.split(/\], \[|sh:property \[/).filter((part) => /sh:minCount 1/.test(part));
    required.set(
      target,
      parts.flatMap((part) => /sh:path (\w+:\w+)/.exec(part)?.[1] ?? []),
    );
  }
  assert.deepEqual(required.get("dcat:Dataset"), ["dct:description", "dct:title"], "the shapes are read");
  let checked = 0;
  for (const node of nodes(made["@graph"])) {
    for (const property of required.get(String(node["@type"])) ?? []) {
      const value = node[property];
      assert.ok(Array.isArray(value) ? value.length > 0 : value !== undefined, `${node["@type"]} has ${property}`);
      checked += 1;
    }
  }
  assert.ok(checked >= 3 + 2 * 2 + 2, String(checked));
});

test("prefixes are declared, names are in both languages, and what is named is there", () => {
  const prefixes = new Set(Object.keys(made["@context"]));
  for (const node of nodes(made["@graph"])) {
    for (const name of [...Object.keys(node), String(node["@type"])].filter((one) => !one.startsWith("@"))) {
      assert.ok(prefixes.has(name.split(":")[0] ?? ""), name);
    }
  }
  const ids = new Set(made["@graph"].map((node: Record<string, string>) => node["@id"]));
  const [catalog, dataset, closed] = made["@graph"];
  for (const { "@id": id } of catalog["dcat:dataset"]) assert.ok(ids.has(id));
  assert.ok(ids.has(dataset["dct:publisher"]["@id"]));
  assert.deepEqual(
    dataset["dct:title"].map((one: Record<string, string>) => one["@language"]),
    ["zh", "en"],
  );
  assert.match(dataset["dct:accessRights"]["@id"], /\/RESTRICTED$/);
  assert.match(closed["dct:accessRights"]["@id"], /\/NON_PUBLIC$/);
  assert.match(closed["dct:accrualPeriodicity"]["@id"], /\/IRREG$/);
});
