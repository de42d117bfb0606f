/**
 * Writes vectors/exchange.json: evidence of calls between two nodes, and the same with one thing wrong each. Needs PostgreSQL; new keys each time:
 * `node conformance/generate-exchange.ts`.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ExchangeEvidence, exchangeEvidence, joinedEvidence } from "../src/infrastructure/exchange/evidence.ts";
import { eraseOldRecords } from "../src/infrastructure/exchange/retention.ts";
import { isRefusal } from "../src/kernel/contract/refusal.ts";
import { toBase64 } from "../src/lib/crypto/base64url.ts";
import { births, clerk, people, peopleAndBirths } from "../test/harness/exchange-rooms.ts";

const country = await peopleAndBirths();
const nodes = ["county", "centre"].map((code) => country.node(code));
const [county, centre] = nodes;
if (county === undefined || centre === undefined) throw new RangeError("two nodes");
const mother = await centre.as(people, clerk).addPerson({ name: "样本", number: "SAMPLE" });
if (isRefusal(mother)) throw new Error(mother.code);
const id = county.kernel.newId();
await county.as(births, clerk, { id }).registerBirth({ mother: mother.id, child: "样本二" });
await county.as(people, { ...clerk, post: { ...clerk.post, duties: [] } }, { id }).findPerson({ id: mother.id });
await county.as(people, clerk, { id, idempotencyKey: "sample" }).addPerson({ name: "样本三", number: "SAMPLE-3" });
const [one, other] = await Promise.all(
  nodes.map(async ({ kernel }) => {
    await kernel.ledger.sequenceNow();
    const evidence = await exchangeEvidence(kernel, id);
    if (evidence === undefined) throw new Error("no evidence");
    return evidence;
  }),
);
if (one === undefined || other === undefined) throw new RangeError("two files");
const both = joinedEvidence(one, other);

function changed(from: string | RegExp, to: string): ExchangeEvidence {
  const text = JSON.stringify(both);
  const other = text.replace(from, to);
  if (other === text) throw new Error(`nothing to change: ${from}`);
  return JSON.parse(other) as ExchangeEvidence;
}
const [mine, theirs] = both.sides;
if (mine === undefined || theirs === undefined) throw new RangeError("two sides");

/** Years later one side has erased what it kept, and says so. */
async function erasedSide(years: number): Promise<ExchangeEvidence["sides"][number]> {
  const { kernel } = centre as (typeof nodes)[number];
  const now = Temporal.Instant.from(kernel.now()).toZonedDateTimeISO("UTC").add({ years, months: 1 }).toInstant().toString();
  await eraseOldRecords(kernel, { years: 3, now });
  await kernel.ledger.sequenceNow();
  const [side] = (await exchangeEvidence(kernel, id))?.sides ?? [];
  if (side?.erased === undefined) throw new Error("nothing was erased");
  return side;
}
const gone = await erasedSide(3);
/** The same said by an entry that is dated a year before the records' years are over. */
const early = await (async () => {
  const { kernel } = centre as (typeof nodes)[number];
  const at = Temporal.Instant.from(kernel.now()).toZonedDateTimeISO("UTC").add({ years: 2 }).toInstant().toString();
  const [entry = 0] = await kernel.ledger.append(kernel.database, [
    {
      ...{ type: "erasure", at, room: "exchange", operation: "records-erased", purpose: "administration", legalBasis: [], subjects: [] },
      ...{ actor: { kind: "node", id: "exchange" }, outcome: "retention-ended" },
      detail: { node: "centre", years: 3, before: at },
    },
  ]);
  await kernel.ledger.sequenceNow();
  const erased = await kernel.ledger.receiptFor(entry);
  return { node: "centre", calls: [], erased };
})();

const cases = [
  { why: "both sides tell the same of three calls", expect: "valid", code: "agreement", evidence: both },
  { why: "one side alone holds together", expect: "unanchored", code: "one-side", evidence: one },
  { why: "a frame whose time was changed", expect: "invalid", code: "frame-signature", evidence: changed(/created=1/, "created=2") },
  { why: "a frame for another node", expect: "invalid", code: "frame-signature", evidence: changed('to=\\"centre\\"', 'to=\\"elsewhere\\"') },
  { why: "a message that is not in the frame", expect: "invalid", code: "frame-inclusion", evidence: changed(/"leaf":"[^"]{44}","index"/, `"leaf":"${toBase64(new Uint8Array(32))}","index"`) },
  { why: "an entry that says another outcome", expect: "invalid", code: "content", evidence: changed('"outcome":"answered"', '"outcome":"denied"') },
  { why: "entries of another act", expect: "invalid", code: "other-call", evidence: { ...both, act: centre.kernel.newId() } },
  { why: "the same side twice", expect: "invalid", code: "disagreement", evidence: { ...both, sides: [mine, mine] } },
  { why: "one side erased its records when their years were over", expect: "unanchored", code: "records-erased", evidence: { ...both, sides: [mine, gone] } },
  { why: "both sides that are given erased them", expect: "unanchored", code: "nothing-left", evidence: { ...both, sides: [gone] } },
  { why: "an entry that tells of another node's records", expect: "invalid", code: "other-call", evidence: { ...both, sides: [mine, { ...gone, node: "county" }] } },
  { why: "records that were erased before their years were over", expect: "invalid", code: "erased-early", evidence: { ...both, sides: [mine, early] } },
  { why: "a call that one side leaves out", expect: "invalid", code: "disagreement", evidence: { ...both, sides: [mine, { ...theirs, calls: theirs.calls.slice(1) }] } },
];

await writeFile(
  join(import.meta.dirname, "vectors/exchange.json"),
  `${JSON.stringify({
    logKey: county.kernel.ledger.verifierKey,
    peerLogKey: centre.kernel.ledger.verifierKey,
    nodeKeys: nodes.map(({ code, identity }) => ({ node: code, spki: toBase64(identity.signer.publicKey) })),
    cases,
  })}\n`,
);
await country.close();
