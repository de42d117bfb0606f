import assert from "node:assert/strict";
import { isRefusal } from "#kernel/contract/refusal";
import { sendToCase } from "#kernel/services/case-messages";
import { type NoticeItem, noticesOf } from "#kernel/services/notices";
import { fromUtf8 } from "#lib/crypto/bytes";
import type { FoodLicence } from "../../src/systems/quality/licence.ts";
import { type LicensingCounty, SITE_CHECK } from "./licensing-county.ts";

type Form = Readonly<Record<string, unknown>>;

/** The steps of licensing cases in one county, each of which is expected to be taken. */
export function licensingSteps(county: () => LicensingCounty) {
  const kernel = () => county().node.site.kernel;
  const steps = {
    async submitted(form: Form = {}): Promise<string> {
      const outcome = await county().submit(await county().draft(form));
      assert.ok(!isRefusal(outcome), isRefusal(outcome) ? outcome.text.en + JSON.stringify(outcome.issues) : "");
      return outcome.caseId;
    },
    async done(signInName: string, caseId: string, element: string, form: Form): Promise<void> {
      const outcome = await county().doTask(signInName, { caseId, element, form });
      assert.ok(!isRefusal(outcome), isRefusal(outcome) ? `${outcome.text.en} ${JSON.stringify(outcome.issues)}` : "");
    },
    async sent(caseId: string, message: string, form: Form): Promise<void> {
      const outcome = await sendToCase(kernel(), county().ownerAct(), { caseId, message, form });
      assert.ok(!isRefusal(outcome), isRefusal(outcome) ? `${outcome.text.en} ${JSON.stringify(outcome.issues)}` : "");
    },
    /** A case that waits to be examined, its site checked. */
    async checked(form: Form = {}): Promise<string> {
      const caseId = await steps.submitted(form);
      await steps.done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "yes" });
      await steps.done("inspector1", caseId, "siteCheck", SITE_CHECK);
      await steps.done("inspector2", caseId, "siteCheckConfirm", { outcome: "agree" });
      return caseId;
    },
    /** The number of a licence that was granted to the shop. */
    async licensed(form: Form = {}): Promise<string> {
      const caseId = await steps.submitted(form);
      await steps.done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
      await steps.done("inspector1", caseId, "examination", { outcome: "propose-grant" });
      await steps.done("decider", caseId, "decision", { outcome: "grant" });
      const view = await county().until(caseId, (reached) => reached.status !== "running");
      assert.equal(view.outcome, "licensed");
      return String(view.variables["licenceNumber"]);
    },
    /** The notices of a case, when all are delivered. */
    async notices(caseId: string): Promise<readonly NoticeItem[]> {
      for (let tries = 0; tries < 600; tries += 1) {
        const items = await noticesOf(kernel().database, caseId);
        if (items.every(({ status }) => status === "delivered")) return items;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return assert.fail("a notice was not delivered");
    },
    /** What the register says of a licence. */
    async licence(number: string): Promise<{ readonly key: string; readonly value: FoodLicence }> {
      const found = (await register(kernel().database).find({ number } as never, { limit: 1 })).items[0];
      assert.ok(found, `no licence ${number}`);
      return found as never;
    },
    /** What subscribers are told of a licence, in its order: from the outbox, and from the log where it was taken there. */
    async told(number: string): Promise<readonly { readonly what: string; readonly status: string }[]> {
      const { database, vault } = kernel();
      const rows = await database.query<{ id: string; room: string; sealed: Buffer }>(
        `SELECT id, room, sealed FROM (
           SELECT e.id, 'events' AS room, e.payload AS sealed, e.seq AS place, 1 AS part FROM events.event e
           JOIN events.type t ON t.id = e.type AND t.name = 'foodLicenceChanged' WHERE e.key = $1
           UNION ALL SELECT event_id, room, sealed, id, 2 FROM act.event WHERE room = 'quality' AND key = $1) told ORDER BY part, place`,
        [number],
      );
      return rows.map(({ id, room, sealed }) => JSON.parse(fromUtf8(vault.open(`room ${room}`, sealed, id))));
    },
    /** Writes another last day into a licence, so that its end is near. */
    async endsOn(number: string, validUntil: string): Promise<void> {
      const { key, value } = await steps.licence(number);
      await kernel().database.transaction(async (transaction) => {
        await register(transaction).put({ ...value, validUntil } as never, { key });
      });
    },
  };
  const register = (sql: LicensingCounty["node"]["site"]["kernel"]["database"] | object) => {
    const found = kernel().registers.get("quality.foodLicence");
    assert.ok(found);
    return found.handle({
      reader: () => sql as never,
      writer: () => sql as never,
      act: county().ownerAct(),
      authority: "",
      note: () => undefined,
    });
  };
  return steps;
}

/** So many days from today, in China. */
export function daysAhead(days: number): string {
  return Temporal.Now.plainDateISO("Asia/Shanghai").add({ days }).toString();
}
