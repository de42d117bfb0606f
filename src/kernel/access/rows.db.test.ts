import assert from "node:assert/strict";
import { after, test } from "node:test";
import { policyToJson } from "@cedar-policy/cedar-wasm/nodejs";
import fc from "fast-check";
import type { CedarRequest } from "#lib/cedar/expression";
import { authorize, compilePolicy } from "#lib/cedar/policy";
import { indexPolicies } from "#lib/cedar/policy-index";
import type { RowColumns } from "#lib/cedar/row-sql";
import { authorizeRows } from "#lib/cedar/rows";
import { CedarRecord, CedarSet, Entity, UNKNOWN } from "#lib/cedar/value";
import { testDatabase } from "../database/testing.ts";

/** What a database says of rows that are not read yet is what evaluating each of them says. Policies are generated without regard to types. */

const { database, close } = await testDatabase();
after(close);

interface Row {
  readonly id: string;
  readonly authority: string | null;
  readonly applicant: string;
  readonly level: number | null;
  readonly open: boolean | null;
}

const words = fc.constantFrom("", "a", "ab", "a%b", "a_", "甲乙", "\\", "a*b");
const row: fc.Arbitrary<Row> = fc.record({
  id: fc.constantFrom("r1", "r2", "r3"),
  authority: fc.option(words),
  applicant: fc.constantFrom("person", "organization"),
  level: fc.option(fc.integer({ min: -2, max: 2 })),
  open: fc.option(fc.boolean()),
});

const HOLDERS = ["resource", "context.entry"] as const;
const attribute = fc
  .tuple(fc.constantFrom(...HOLDERS), fc.constantFrom("authority", "applicant", "level", "open", "absent"))
  .map(([holder, name]) => (name === "absent" && holder === "resource" ? "context.caseId" : `${holder}.${name}`));
const presence = fc.oneof(
  fc
    .tuple(fc.constantFrom(...HOLDERS), fc.constantFrom("authority", "level", "absent"))
    .map(([holder, name]) => `(${holder} has ${name})`),
  fc.constantFrom(
    "(context has entry)",
    "(context has entry.authority)",
    "(context has entry.absent)",
    "(context has caseId)",
  ),
);
const literal = fc.oneof(
  words.map((word) => JSON.stringify(word)),
  fc.integer({ min: -2, max: 2 }).map((n) => (n < 0 ? `(${n})` : String(n))),
  fc.constantFrom("true", "false", '"a\\0"', '"r1"', 'Case::"r1"', '["a", "ab", 1]', "[]"),
);
const known = fc.constantFrom("context.s", "context.n", "context.b", "context.names", "context.missing", "principal");
const operand = fc.oneof(attribute, attribute, literal, known);
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: "small", maxDepth: 5, withCrossShrink: true },
    fc
      .tuple(operand, fc.constantFrom("==", "!=", "<", "<=", ">", ">="), operand)
      .map(([one, operator, other]) => `(${one} ${operator} ${other})`),
    fc
      .tuple(attribute, fc.constantFrom("a*", "*b", "*", "", "a%*", "a_", "*\\**", "甲*"))
      .map(([one, pattern]) => `(${one} like "${pattern}")`),
    fc.tuple(fc.oneof(literal, known), attribute).map(([set, member]) => `(${set}).contains(${member})`),
    presence,
    attribute,
    known,
    fc.constantFrom("true", "false"),
    fc.constantFrom(
      '(resource == Case::"r1")',
      '(resource in Service::"s")',
      '(resource in [Case::"r2", Service::"t"])',
      "(resource is Case)",
    ),
    tie("condition").map((part) => `!(${part})`),
    fc
      .tuple(tie("condition"), fc.constantFrom("&&", "||"), tie("condition"))
      .map(([one, operator, other]) => `((${one}) ${operator} (${other}))`),
    fc
      .tuple(tie("condition"), tie("condition"), tie("condition"))
      .map(([first, yes, no]) => `(if ${first} then ${yes} else ${no})`),
  ),
}));
/** As administrators write them: what is not there is asked for first. */
const guarded = fc
  .tuple(fc.constantFrom(...HOLDERS), fc.constantFrom("authority", "level", "open"), condition)
  .map(
    ([holder, name, rest]) =>
      `${holder === "resource" ? "" : "context has entry && "}${holder} has ${name} && (${rest})`,
  );
const policy = fc
  .tuple(
    fc.constantFrom("permit", "forbid"),
    fc.constantFrom(
      "resource",
      "resource is Case",
      'resource == Case::"r2"',
      'resource in Service::"s"',
      "resource is Service",
    ),
    fc.array(fc.tuple(fc.constantFrom("when", "unless"), fc.oneof(condition, guarded)), { maxLength: 2 }),
  )
  .map(([effect, resource, clauses]) => {
    return `${effect}(principal, action, ${resource}) ${clauses.map(([kind, body]) => `${kind} { ${body} }`).join(" ")};`;
  });

const names = ["authority", "applicant", "level", "open"] as const;
const TYPES = { authority: "text", applicant: "text", level: "long", open: "boolean" } as const;
const ofRows = Object.fromEntries(
  names.map((name) => [name, { write: () => `v.${name}`, type: TYPES[name], nullable: name !== "applicant" }]),
);

function requestOf(one: Row | undefined, entry: boolean): CedarRequest {
  const resource = new Entity("Case", one?.id ?? "");
  const attributes = new CedarRecord(
    names.map((name) => [name, one === undefined ? UNKNOWN : (one[name] ?? undefined)]),
  );
  return {
    principal: new Entity("Official", "o"),
    action: new Entity("Action", "read"),
    resource,
    context: new CedarRecord([
      ["s", "ab"],
      ["n", 1],
      ["b", true],
      ["names", new CedarSet(["a", "person"])],
      ["caseId", one === undefined ? UNKNOWN : one.id],
      ["entry", entry ? attributes : undefined],
    ]),
    entity: ({ key }) =>
      key === resource.key ? { attributes, ancestors: new Set([new Entity("Service", "s").key]) } : undefined,
  };
}

test("a list shows exactly the rows that each by itself would be allowed", async () => {
  let [answered, filtered] = [0, 0];
  const property = fc.asyncProperty(
    fc.array(policy, { minLength: 1, maxLength: 4 }),
    fc.array(row, { minLength: 8, maxLength: 16 }),
    fc.boolean(),
    async (sources, rows, entry) => {
      const policies = sources.map((source, at) => {
        const answer = policyToJson(source);
        assert.ok(answer.type === "success", source);
        return compilePolicy(`p${at}`, answer.json);
      });
      // One permit for all, so that forbids have something to take away.
      const all = policyToJson("permit(principal, action, resource);");
      assert.ok(all.type === "success");
      const index = indexPolicies([...policies, ...(rows.length % 2 === 0 ? [compilePolicy("all", all.json)] : [])]);
      const caseId = { write: () => "v.id", type: "text", nullable: false } as const;
      const columns: RowColumns = {
        resource: ofRows,
        context: { caseId },
        id: "v.id",
        ...(entry && { entry: ofRows }),
      };
      const values: unknown[] = [JSON.stringify(rows.map((one, n) => ({ ...one, n })))];
      const answer = authorizeRows(index, requestOf(undefined, entry), columns);
      const expected = rows.flatMap((one, n) => {
        const { allowed, failed } = authorize(index, requestOf(one, entry));
        return allowed && failed.length === 0 ? [n] : [];
      });
      if (policies.some(({ rows: term, inScope }) => term === "refused" && inScope(requestOf(undefined, entry)))) {
        assert.equal(answer.allowed, false);
        return;
      }
      answered += 1;
      if (!answer.allowed) {
        assert.deepEqual(expected, []);
        return;
      }
      if (answer.where !== undefined) filtered += 1;
      const where = answer.where?.((value) => `$${values.push(value)}`) ?? "true";
      const found = await database.query<{ n: number }>(
        `SELECT v.n FROM jsonb_to_recordset($1::jsonb) AS v(n int, id text, authority text, applicant text, level bigint, open boolean)
          WHERE ${where} ORDER BY v.n`,
        values,
      );
      assert.deepEqual(
        found.map(({ n }) => n),
        expected,
        where,
      );
    },
  );
  await fc.assert(property, { numRuns: 600 });
  assert.ok(answered > 150 && filtered > 40, `${answered} answered, ${filtered} by a condition`);
});
