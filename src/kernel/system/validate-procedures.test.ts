import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { text } from "#lib/language/text";
import { kiosk } from "../access/sample-contract.ts";
import { type Contract, defineContract, procedure } from "../contract/contract.ts";
import { compileProcedure } from "../procedures/compile.ts";
import { diagram, extend, flow, messageEvent, node, service, task } from "../procedures/testing.ts";
import type { System } from "./system.ts";
import { problemLines } from "./validate.ts";
import { validateProcedures } from "./validate-procedures.ts";

const title = text("题", "Title");
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "zhengtong-diagrams-"));
});
after(() => rm(folder, { recursive: true }));

async function faults(...contracts: readonly Contract[]): Promise<string> {
  const systems = contracts.map(
    (contract) => ({ contract, uses: {}, operations: {}, services: {} }) as unknown as System,
  );
  return problemLines(await validateProcedures(systems, compileProcedure));
}

/** A room that exports one procedure, drawn so, which declares the task `handle` and the variable `outcome`. */
async function drawn(id: string, source: string): Promise<Contract> {
  const path = join(folder, `${id}.bpmn`);
  await writeFile(path, source);
  const licensing = procedure({
    title,
    diagram: pathToFileURL(path),
    variables: z.object({ outcome: z.string().max(20) }),
    tasks: { handle: { title, duty: "room.handle", form: z.object({}) } },
    messages: {},
    slots: {},
    notices: {},
    legalBasis: [],
  });
  return defineContract({ id, version: "1.0", title, steward: title, procedures: { licensing } });
}

test("a diagram that fits its declaration has no problem, nor has one that awaits the answer of another room", async () => {
  const sound = diagram(
    node("startEvent", "s"),
    task("handle"),
    node("intermediateCatchEvent", "answered", messageEvent("told")),
    node("endEvent", "e"),
    flow("s", "handle"),
    flow("handle", "answered"),
    flow("answered", "e"),
  ).replaceAll('name="told"', 'name="register.issueLicence"');
  assert.equal(await faults(kiosk, await drawn("sound", sound)), "");
});

test("what runs but was not meant is reported with its place, for all diagrams together", async () => {
  const loose = diagram(
    node("startEvent", "s"),
    node("exclusiveGateway", "g"),
    task("handle"),
    task("other"),
    service("grant"),
    node("endEvent", "e"),
    flow("s", "g"),
    flow("g", "handle", "amount > 3"),
    flow("g", "other", 'outcome = "b"'),
    flow("handle", "e"),
    flow("other", "e"),
    flow("grant", "e"),
  );
  const broken = diagram(node("startEvent", "s"), node("scriptTask", "script"), flow("s", "script"));
  const lines = await faults(await drawn("loose", loose), await drawn("broken", broken));
  for (const expected of [
    /^loose\.procedures\.licensing\.g: .*\(no-default\)$/m,
    /^loose\.procedures\.licensing\.g-handle: .*amount.*\(unknown-variable\)$/m,
    /^loose\.procedures\.licensing\.other: .*\(undeclared\)$/m,
    /^loose\.procedures\.licensing\.grant: .*\(unreachable\)$/m,
    /^loose\.procedures\.licensing\.grant: .*\(undeclared\)$/m,
    /^broken\.procedures\.licensing: .*script/m,
  ]) {
    assert.match(lines, expected);
  }
});

test("a diagram that several items share is examined once", async () => {
  const unclear = diagram(
    extend('<zt:clock id="c" unit="day" amount="1" article="x" starts="handle"/>'),
    node("startEvent", "s"),
    task("handle"),
    node("endEvent", "e"),
    flow("s", "handle"),
    flow("handle", "e"),
  );
  const contract = await drawn("shared", unclear);
  const lines = (await faults(contract, contract)).split("\n");
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", /\(clock-never-stops\)$/);
});
