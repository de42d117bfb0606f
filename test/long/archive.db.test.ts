import assert from "node:assert/strict";
import { createHash, verify, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isRefusal } from "#kernel/contract/refusal";
import { archiveState, makeArchive, readArchive } from "#kernel/services/archive";
import { evidenceForApplicant, evidenceForOfficial, provedEvidence } from "#kernel/services/case-evidence";
import { addCaseMaterial } from "#kernel/services/case-materials";
import { sendToCase } from "#kernel/services/case-messages";
import { readLedger, readLedgerEntry, readSample } from "#kernel/services/oversight";
import { toBase64 } from "#lib/crypto/base64url";
import { readCertificates } from "../../packages/verifier/src/certificate.ts";
import { parseLogKey } from "../../packages/verifier/src/checkpoint.ts";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { Visitor } from "../../src/node/demo/visitor.ts";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { type LicensingCounty, licensingCounty, SITE_CHECK } from "../federation/licensing-county.ts";
import { licensingSteps } from "../federation/licensing-steps.ts";

let county: LicensingCounty;
before(async () => {
  county = await licensingCounty();
});
after(() => county.close());
const { done, submitted, sent } = licensingSteps(() => county);
const RULES = Buffer.from("%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n% m\n");

async function archived(caseId: string): Promise<void> {
  for (let tries = 0; tries < 1200; tries += 1) {
    const state = await archiveState(county.node.site.kernel.database, caseId);
    if (state?.status === "made") return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("the archive was not made");
}

type Unpacked = ReadonlyMap<string, Buffer>;

/** Reads a ZIP archive of stored files by its directory; shares nothing with what packed it. */
function unpack(archive: Buffer): Unpacked {
  const end = archive.lastIndexOf(Buffer.from("PK\u0005\u0006"));
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameBytes = archive.readUInt16LE(at + 28);
    const path = archive.toString("utf8", at + 46, at + 46 + nameBytes);
    const local = archive.readUInt32LE(at + 42);
    const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    files.set(path.slice(path.indexOf("/") + 1), archive.subarray(begin, begin + archive.readUInt32LE(at + 20)));
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

const textIn = (files: Unpacked, path: string) =>
  files.get(path)?.toString("utf8") ?? assert.fail(`${path} is missing`);

/** RFC 8493 §3, by itself: required tags, every line of every manifest, no file beside them, nothing to fetch. */
function checkBag(files: Unpacked): void {
  assert.equal(textIn(files, "bagit.txt"), "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
  assert.ok(!files.has("fetch.txt"));
  const listed = new Set(["tagmanifest-sha256.txt"]);
  for (const manifest of ["manifest-sha256.txt", "tagmanifest-sha256.txt"]) {
    for (const line of textIn(files, manifest).trimEnd().split("\n")) {
      const [digest, path = ""] = line.split("  ");
      assert.equal(path.startsWith("data/"), manifest === "manifest-sha256.txt", path);
      assert.equal(
        createHash("sha256")
          .update(files.get(path) ?? assert.fail(path))
          .digest("hex"),
        digest,
        path,
      );
      listed.add(path);
    }
  }
  assert.deepEqual([...files.keys()].sort(), [...listed].sort());
  const info = new Map(
    textIn(files, "bag-info.txt")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(": ") as [string, string]),
  );
  const payload = [...files].filter(([path]) => path.startsWith("data/"));
  const bytes = payload.reduce((sum, [, content]) => sum + content.length, 0);
  assert.equal(info.get("Payload-Oxum"), `${bytes}.${payload.length}`);
  for (const label of ["Source-Organization", "External-Identifier", "Bagging-Date"]) assert.ok(info.get(label), label);
}

async function opened(signInName: string, caseId: string): Promise<Unpacked> {
  const archive = await readArchive(county.node.site.kernel, await county.officialAct(signInName, { caseId }), caseId);
  assert.ok(!isRefusal(archive), isRefusal(archive) ? archive.text.en : "");
  assert.equal(createHash("sha256").update(archive.bytes).digest("hex"), archive.digest);
  return unpack(Buffer.from(archive.bytes));
}

test("a closed case becomes a bag with everything in it, and every entry of the ledger about it can be proved", async () => {
  const { kernel } = county.node.site;
  const photograph = await kernel.files.put(Buffer.from("a photograph"), { mediaType: "image/png", name: "a.png" });
  const caseId = await submitted();
  await done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "yes" });
  const photographs = [{ digest: photograph.digest, name: "a.png", mediaType: "image/png", bytes: photograph.bytes }];
  await done("inspector1", caseId, "siteCheck", { ...SITE_CHECK, photographs });
  const early = await readArchive(kernel, await county.officialAct("accept", { caseId }), caseId);
  assert.ok(isRefusal(early) && early.code === "archive-not-made");
  await done("inspector2", caseId, "siteCheckConfirm", { outcome: "agree" });
  await done("inspector1", caseId, "examination", { outcome: "propose-grant" });
  await done("decider", caseId, "decision", { outcome: "grant" });
  await archived(caseId);
  const files = await opened("accept", caseId);
  checkBag(files);

  const notices = [...files.keys()].filter((path) => /^data\/notices\/\d\d-.*\.pdf$/.test(path));
  assert.deepEqual(notices.map((path) => path.replace(/.*\/\d\d-/, "")).sort(), [
    "acceptance.pdf",
    "grant.pdf",
    "receipt.pdf",
  ]);
  assert.equal([...files.keys()].filter((path) => path.startsWith("data/results/")).length, 4);
  for (const path of [...notices, "data/results/00-certificates.pdf"].filter((one) => files.has(one)))
    assert.ok(files.has(`${path}.seal.json`), `${path} has its detached seal beside it`);
  assert.equal(files.get(`data/attachments/${photograph.digest}.png`)?.toString(), "a photograph");
  assert.ok([...files.keys()].some((path) => /^data\/materials\/01-floorPlan-布局图\.pdf$/.test(path)));
  assert.match(textIn(files, "data/application.json"), /翠竹路27号/);
  const records = JSON.parse(textIn(files, "data/records.json")) as { element: string }[];
  assert.deepEqual(
    records.map(({ element }) => element),
    ["acceptance", "siteCheck", "siteCheckConfirm", "examination", "decision"],
  );
  const definition = textIn(files, "data/procedure/01-definition.bpmn");
  assert.match(definition, /<bpmn:definitions/);
  const procedure = JSON.parse(textIn(files, "data/procedure/case.json")) as {
    outcome: string;
    clocks: unknown[];
    digest: string;
  };
  assert.equal(procedure.outcome, "licensed");
  assert.equal(procedure.clocks.length, 1);
  assert.equal(textIn(files, "data/procedure/digest.txt"), `${procedure.digest}\n`);

  const [header = "", body = "", signature = ""] = textIn(files, "data/signature/statement.jws").split(".");
  const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  const { publicKey } = new X509Certificate(Buffer.from(decoded(header).x5c[0], "base64"));
  const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
  assert.ok(verify("sha256", Buffer.from(`${header}.${body}`), key, Buffer.from(signature, "base64url")));
  const signed = files.get("data/signature/signed.json") ?? new Uint8Array();
  assert.equal(decoded(body).digest, createHash("sha256").update(signed).digest("hex"));

  const logKey = parseLogKey(textIn(files, "data/ledger/log-key.txt"));
  const receipts = [...files].filter(([path]) => path.startsWith("data/ledger/entry-"));
  assert.ok(receipts.length > 10);
  for (const [path, bytes] of receipts) {
    const report = await verifyFile(bytes, { roots: [], atMs: Date.now(), logKey });
    assert.equal(report.verdict, "valid", path);
  }

  const { digest } = (await archiveState(kernel.database, caseId)) ?? {};
  const { records: entries } = await kernel.ledger.byCase(caseId, { limit: 50 });
  const own = entries.find(({ leaf }) => leaf.operation === "foodBusinessLicence.archive" && leaf.type === "act");
  assert.equal(own?.content?.outcome, digest);
  const stored = await readFile(join(county.dataFolder, "files", String(digest).slice(0, 2), String(digest).slice(2)));
  assert.ok(!stored.includes("bagit.txt"), "it is encrypted like every file");
  await makeArchive(kernel, caseId, county.node.site);
  assert.equal((await archiveState(kernel.database, caseId))?.digest, digest);
});

test("its bundle of evidence stands in court without the node: request, decision, policies, documents, proofs", async () => {
  const { site } = county.node;
  const { kernel } = site;
  const caseId = await submitted();
  // A document that is handed in later was not in what she signed.
  await done("accept", caseId, "acceptance", { outcome: "supplement", missing: "制度：请提交", supplementDays: 5 });
  const rules = { field: "rules", name: "制度.pdf", mediaType: "application/pdf", bytes: RULES };
  const upload = { caseId, name: "rules", file: rules, scanner: site.scanner };
  assert.ok(!isRefusal(await addCaseMaterial(kernel, county.ownerAct(), upload)));
  await sent(caseId, "supplemented", { note: "已补交制度" });
  await done("accept", caseId, "acceptance", { outcome: "accept", siteCheckNeeded: "no" });
  await done("inspector1", caseId, "examination", { outcome: "propose-grant" });
  await done("decider", caseId, "decision", { outcome: "grant" });
  await archived(caseId);
  const trust = {
    roots: readCertificates(await readFile(join(county.dataFolder, "keys", "root.pem"))),
    atMs: Date.now(),
    logKey: parseLogKey(kernel.ledger.verifierKey),
  };
  const codes = async (bundle: unknown) => {
    const report = await verifyFile(Buffer.from(JSON.stringify(bundle)), trust);
    return { verdict: report.verdict, codes: report.findings.map(({ code }) => code), facts: report.facts };
  };
  const act = await county.officialAct("decider", { caseId });
  const whole = await evidenceForOfficial(kernel, act, caseId, site.certificates);
  assert.ok(!isRefusal(whole));
  const found = await codes(whole);
  assert.equal(found.verdict, "valid", JSON.stringify(found.codes));
  for (const code of [
    "inclusion",
    "policies",
    "documents",
    "sealer",
    "signer",
    "certificate-status",
    "issued-on-record",
    "materials",
  ])
    assert.ok(found.codes.includes(code), `${code} in ${found.codes}`);
  assert.ok(["policies-missing", "issuance-missing", "materials-unbound"].every((code) => !found.codes.includes(code)));
  assert.deepEqual(
    (found.facts["materials"] as Record<string, unknown>[]).map(({ name, included }) => [name, included]),
    [
      ["布局图.pdf", false],
      ["制度.pdf", false],
    ],
  );
  const full = await evidenceForOfficial(kernel, act, caseId, site.certificates, { materials: true });
  assert.ok(!isRefusal(full));
  assert.ok((await codes(full)).codes.includes("materials"));
  assert.equal(Buffer.from(full.materials[1]?.content ?? "", "base64").toString(), RULES.toString());
  const [kept, ...others] = full.materials.map((one) => ({ ...one, content: toBase64(Buffer.from("another")) }));
  assert.equal((await codes({ ...full, materials: [kept, ...others] })).codes.at(-1), "material");
  // Whoever makes a certificate with a stolen key has no entry of its issuance.
  const isIssuance = ({ leaf }: { readonly leaf: string }) =>
    /certificate-issued/.test(Buffer.from(leaf, "base64").toString());
  const unlogged = { ...whole, entries: whole.entries.filter((entry) => !isIssuance(entry)) };
  const missing = await codes(unlogged);
  // Seals bring proofs of their own; what officials and she signed rests on these entries alone.
  assert.ok(missing.codes.includes("issuance-missing"), JSON.stringify(missing.codes));
  const strict = await verifyFile(Buffer.from(JSON.stringify(unlogged)), { ...trust, issuanceRequired: true });
  assert.equal(strict.findings.at(-1)?.code, "unlogged");
  // What the decider filled in is bound to the entry of his decision, and the text of the policy that let him is there.
  const decision = whole.entries.find(({ leaf }) => /task\.decision/.test(Buffer.from(leaf, "base64").toString()));
  assert.ok(decision && "value" in decision.content);
  const { policies, policySet, detail } = decision.content.value;
  const record = whole.documents.find(({ name }) => name.startsWith("decision-"));
  assert.ok(whole.documents.some(({ name, signature }) => /^decision-.*signed/.test(name) && signature !== undefined));
  assert.deepEqual(detail, { digest: record?.sha256 });
  const set = whole.policySets.find(({ root }) => root === policySet);
  assert.match(JSON.stringify(set?.policies.map(({ text }) => text)), new RegExp(policies?.[0] ?? "-"));

  const changed = structuredClone(whole) as unknown as {
    policySets: { policies: { text: string }[] }[];
    documents: { name: string; content: string; sha256: string }[];
    entries: { content: object }[];
  };
  const [policy] = changed.policySets[0]?.policies ?? [];
  assert.ok(policy);
  policy.text = policy.text.replace("permit", "forbid");
  assert.deepEqual((await codes(changed)).codes.at(-1), "policy");
  const swapped = structuredClone(whole) as unknown as typeof changed;
  const [application] = swapped.documents;
  assert.ok(application);
  const other = Buffer.from(Buffer.from(application.content, "base64").toString().replace("27", "28"));
  application.content = other.toString("base64");
  assert.equal((await codes(swapped)).codes.at(-1), "document");
  application.sha256 = createHash("sha256").update(other).digest("hex");
  assert.equal((await codes(swapped)).codes.at(-1), "statement");

  const hers = await evidenceForApplicant(kernel, county.ownerAct({ caseId }), caseId, site.certificates);
  assert.ok(!isRefusal(hers));
  const hersFound = await codes(hers);
  assert.equal(hersFound.verdict, "valid", JSON.stringify(hersFound.codes));
  assert.ok(
    hers.documents.every(({ role }) => role !== "record"),
    "what officials told each other is not hers",
  );
  const notHers = hers.entries.filter(({ subject }) => subject === undefined);
  assert.ok(hers.entries.length > 5 + notHers.length && notHers.every(isIssuance));
  const stranger = await evidenceForOfficial(
    kernel,
    await county.officialAct("population", { caseId }),
    caseId,
    site.certificates,
  );
  assert.ok(isRefusal(stranger));
});

test("an auditor draws the same sample twice, looks kind by kind, and proves what he drew; an official sees what is recorded of him", async () => {
  const { site } = county.node;
  const { kernel } = site;
  const caseId = await submitted({ withinDivision: "no" });
  const auditor = await county.officialAct("auditor", { purpose: "supervision" });
  const drawn = await readSample(kernel, auditor, { seed: "审计〔2026〕7号", count: 12, strata: 3 });
  assert.ok(!isRefusal(drawn));
  assert.equal(drawn.records.length, 12);
  const again = await readSample(kernel, auditor, drawn.sample);
  assert.ok(!isRefusal(again));
  const ids = drawn.records.map(({ id }) => id);
  assert.deepEqual(
    again.records.map(({ id }) => id),
    ids,
  );
  const bundle = await provedEvidence(kernel, { about: { sample: drawn.sample }, entryIds: ids });
  const trust = { roots: [], atMs: Date.now(), logKey: parseLogKey(kernel.ledger.verifierKey) };
  assert.equal((await verifyFile(Buffer.from(JSON.stringify(bundle)), trust)).verdict, "valid");
  const clerk = await county.officialAct("accept", { caseId });
  assert.ok(isRefusal(await readSample(kernel, clerk, { seed: "x", count: 1, strata: 1 })));

  assert.ok(isRefusal(await readArchive(kernel, await county.officialAct("population", { caseId }), caseId)));
  const refused = await readLedger(kernel, auditor, { kind: "refused" });
  assert.ok(!isRefusal(refused) && refused.records.length > 0);
  assert.ok(refused.records.every(({ leaf }) => leaf.type === "refused"));
  assert.ok(isRefusal(await readLedger(kernel, clerk, { kind: "refused" })));
  // His key signed, or was made: that is recorded of him, though he did not do it.
  const decider = await county.officialAct("decider", {});
  const about = await readLedger(kernel, decider, { aboutReader: true });
  assert.ok(!isRefusal(about) && about.records.length > 0);
  assert.ok(about.records.every(({ subjects }) => subjects.every(({ kind }) => kind === "official")));
  const [one] = about.records;
  assert.ok(one && !isRefusal(await readLedgerEntry(kernel, decider, one.id)));
  assert.ok(isRefusal(await readLedgerEntry(kernel, clerk, one.id)));
});

test("cases that end without a decision are archived too, and only their own authority and the auditor read them", async () => {
  const { kernel } = county.node.site;
  const elsewhere = await submitted({ withinDivision: "no" });
  const withdrawn = await submitted();
  const sent = { caseId: withdrawn, message: "withdrawn", form: { note: "店铺不开了" } };
  assert.ok(!isRefusal(await sendToCase(kernel, county.ownerAct(), sent)));
  for (const [caseId, notice] of [
    [elsewhere, "non-acceptance"],
    [withdrawn, "termination"],
  ] as const) {
    await archived(caseId);
    const files = await opened("decider", caseId);
    checkBag(files);
    assert.ok([...files.keys()].some((path) => path.endsWith(`${notice}.pdf`)));
  }
  const auditor = await county.officialAct("auditor", { caseId: withdrawn, purpose: "supervision" });
  assert.ok(!isRefusal(await readArchive(kernel, auditor, withdrawn)));
  const stranger = await county.officialAct("population", { caseId: withdrawn });
  const person = county.ownerAct({ caseId: withdrawn });
  for (const act of [stranger, person]) {
    const refused = await readArchive(kernel, act, withdrawn);
    assert.ok(isRefusal(refused) && refused.code === "case-unknown");
  }
});

test("an official downloads the package from the case's page; for everyone else it is not there", async () => {
  const caseId = await submitted({ withinDivision: "no" });
  await archived(caseId);
  const visitorOf = async (signInName: string) => {
    const visitor = new Visitor(county.node.address);
    await visitor.open("/sign-in");
    await visitor.submit(/^\/sign-in$/, { signInName, password: DEMONSTRATION_PASSWORD });
    return visitor;
  };
  const clerk = await visitorOf("accept");
  await clerk.open(`/workbench/cases/${caseId}`);
  const download = await clerk.follow(/\/archive$/);
  assert.equal(download.type, "application/zip");
  checkBag(unpack(download.bytes));
  for (const signInName of ["population", "owner"]) {
    const stranger = await visitorOf(signInName);
    await assert.rejects(stranger.open(`/workbench/cases/${caseId}/archive`), signInName);
  }
});
