/** What people sign (电子签名法 §13): the content that was shown, in words that they confirmed, one signature for one proof of who they are. */
import assert from "node:assert/strict";
import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { after, test } from "node:test";
import { isAssured } from "#kernel/contract/assurance";
import { isRefusal } from "#kernel/contract/refusal";
import { knownService, readApplication } from "#kernel/services/application";
import { readDraft, saveDraft } from "#kernel/services/drafts";
import { recordsOf } from "#kernel/services/records";
import { ProofUsed, STATEMENT_TYPE, type Statement, useProof } from "#kernel/services/statement";
import { digestToSign, signedContent, submitDraft } from "#kernel/services/submission";
import { sha256Hex } from "#lib/crypto/digest";
import { canonicalize } from "#lib/json/canonical";
import { verifyJws } from "#lib/jws/jws";
import { licensingCounty, SHOP_FORM } from "./licensing-county.ts";
import { licensingSteps } from "./licensing-steps.ts";

const county = await licensingCounty();
const { kernel } = county.node.site;
const steps = licensingSteps(() => county);
after(() => county.close());

async function statementIn(token: string | undefined): Promise<{ statement: Statement; name: string }> {
  assert.ok(token);
  let name = "";
  const read = await verifyJws(token, {
    type: STATEMENT_TYPE,
    verify: (message, signature, { certificates: [own] }) => {
      const certificate = new X509Certificate(own ?? new Uint8Array());
      name = certificate.subject;
      const key = createPublicKey(certificate.publicKey.export({ format: "pem", type: "spki" }));
      return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
    },
  });
  assert.ok(read);
  return { statement: JSON.parse(Buffer.from(read.payload).toString("utf8")) as Statement, name };
}

async function digestOf(draftId: string): Promise<string> {
  const draft = await readDraft(kernel, kernel.database, county.ownerAct(), draftId);
  assert.ok(!isRefusal(draft));
  return digestToSign(knownService(kernel, draft).service, draft) ?? "";
}

test("An applicant signs the digest of what was shown, in the words that were confirmed, and what is kept has it", async () => {
  const draftId = await county.draft();
  const sent = await county.submit(draftId);
  assert.ok(!isRefusal(sent));
  const application = await readApplication(kernel, kernel.database, sent.caseId);
  assert.ok(application);
  const { statement, name } = await statementIn(application.statement);
  assert.match(name, /CN=林晓竹/);
  assert.equal(statement.act, "quality.foodBusinessLicence.submit");
  assert.equal(statement.case, sent.caseId);
  assert.equal(statement.words, "我确认以上内容真实、完整。");
  assert.deepEqual(statement.signer, { kind: "person", id: county.owner });
  const content = JSON.parse(JSON.stringify(signedContent({ ...application, id: application.caseId })));
  assert.equal(statement.digest, sha256Hex(canonicalize(content)));
});

test("What has changed since it was shown is not signed, and is shown anew", async () => {
  const draftId = await county.draft();
  const digest = await digestOf(draftId);
  const act = county.ownerAct();
  assert.ok(!isRefusal(await saveDraft(kernel, act, draftId, { ...SHOP_FORM, premises: "清源县城关镇文三路 99 号" })));
  const signing = { signer: county.node.site.signer, signerName: "林晓竹", words: "x", digest };
  const refused = await submitDraft(kernel, act, { draftId, signing });
  assert.ok(isRefusal(refused) && refused.code === "content-changed", JSON.stringify(refused));
  const again = { ...signing, digest: await digestOf(draftId) };
  assert.ok(!isRefusal(await submitDraft(kernel, act, { draftId, signing: again })));
});

test("One proof of who someone is releases one signature, in the transaction of the act", async () => {
  const act = county.ownerAct();
  assert.ok(act.principal.kind === "person");
  const proven = { ...act, principal: { ...act.principal, assurance: 2, provenAt: { 2: act.at } } } as const;
  const released = {
    need: { level: 2, withinMinutes: 5, once: true },
    caseId: kernel.newId(),
    room: "quality",
  } as const;
  const use = (fails = false) =>
    kernel.database.transaction(async (transaction) => {
      await useProof(transaction, proven, released);
      if (fails) throw new RangeError("the act failed");
    });
  await assert.rejects(use(true), RangeError);
  await use();
  await assert.rejects(use(), (error) => {
    assert.ok(error instanceof ProofUsed);
    const { needs } = error.refusal;
    assert.deepEqual(needs, { ...released.need, since: act.at });
    assert.equal(
      isAssured(proven.principal, needs, act.at),
      false,
      "and the same proof is not asked for again in vain",
    );
    return true;
  });
  const at = Temporal.Instant.from(act.at).add({ seconds: 1 }).toString();
  const anew = { ...proven, principal: { ...proven.principal, provenAt: { 2: at } } };
  await kernel.database.transaction((transaction) => useProof(transaction, anew, released));
});

test("An official signs the decision, over what was filled in", async () => {
  const caseId = await steps.submitted();
  await steps.done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
  await steps.done("inspector1", caseId, "examination", { outcome: "propose-grant" });
  await steps.done("decider", caseId, "decision", { outcome: "grant" });
  const records = await recordsOf(kernel, caseId);
  const decided = records.find(({ element }) => element === "decision")?.content as Record<string, unknown>;
  const { statement } = await statementIn(String(decided["statement"]));
  assert.equal(statement.act, "quality.foodBusinessLicence.task.decision");
  assert.equal(statement.signer.kind, "official");
  assert.match(statement.words, /依法作出/);
  const unsigned = records.find(({ element }) => element === "acceptance")?.content as Record<string, unknown>;
  assert.equal(unsigned["statement"], undefined);
});
