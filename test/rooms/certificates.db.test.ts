import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { trust } from "#infrastructure/trust";
import { openDocuments } from "#kernel/documents/documents";
import type { Posts } from "#kernel/ports";
import { canonicalBytes, STATEMENT_TYPE } from "#kernel/services/statement";
import type { PostRef, Principal } from "#kernel/system/act";
import { readSealBeside } from "#kernel/system/detached-seals";
import { sha256Hex } from "#lib/crypto/digest";
import { text } from "#lib/language/text";
import { presentSdJwt } from "#lib/sd-jwt/verify";
import { certificates } from "#services/certificates";
import { certificateRecords, openTrust } from "../../src/infrastructure/trust/ports.ts";
import trustSystem from "../../src/infrastructure/trust/system.ts";
import { TEST_NOW, testNode } from "../../src/node/testing.ts";
import { provideCertificatePorts } from "../../src/services/certificates/ports.ts";
import certificatesSystem from "../../src/services/certificates/system.ts";
import { licenceKinds } from "../../src/services/certificates/templates/licence-kinds.ts";
import { answered, refused } from "./answers.ts";

const AUTHORITY = "0197c7a0-0000-7000-8000-000000000001";
const SHOP = "0197c7a0-0000-7000-8000-000000000002";
const OTHER_SHOP = "0197c7a0-0000-7000-8000-000000000003";
const OWNER = "0197c7a0-0000-7000-8000-000000000004";
const CASES = ["0197c7a0-0000-7000-8000-00000000000a", "0197c7a0-0000-7000-8000-00000000000b"] as const;
const NUMBER = "JY29901010000011";

const folder = await mkdtemp(join(tmpdir(), "zhengtong-certificates-"));
const node = await testNode({ systems: [trustSystem, certificatesSystem] });
const documents = await openDocuments({ kinds: licenceKinds() });
after(async () => {
  await node.close();
  await documents.close();
  await rm(folder, { recursive: true });
});

async function openTrustOf(place: string) {
  const opened = await openTrust({ folder: place, operator: "清源县（演示）", at: "2026-01-01T00:00:00Z" });
  await opened.connect({
    authorityName: async () => "清源县市场监督管理局",
    demonstration: true,
    ...(place === folder && { records: certificateRecords(node.as(trust, { kind: "node", room: "trust" })) }),
  });
  return opened;
}

const posts: Pick<Posts, "authority"> = {
  authority: async (id) =>
    id === AUTHORITY
      ? {
          id,
          name: text("清源县市场监督管理局", "Qingyuan Market Regulator"),
          division: "990101",
          reconsideration: text("清源县人民政府", "County government"),
          court: text("清源县人民法院", "County court"),
          address: "文三路 1 号",
          phone: "0990-8800315",
        }
      : undefined,
};
const publicUrl = "http://127.0.0.1:8080";
const opened = await openTrustOf(folder);
provideCertificatePorts({
  ...{ documents, trust: opened, posts, publicUrl, demonstration: true },
  sealBeside: (document) => readSealBeside(node.kernel, document),
});

const quality = node.as(certificates, { kind: "node", room: "quality" });
const anyone = node.as(certificates, { kind: "public" }, { purpose: "verification" });
const owner: Principal = { kind: "person", id: OWNER, assurance: 1 };
const actingFor = (id: string) => ({
  onBehalfOf: { kind: "organization", id, name: "店", right: "operator" } as const,
});
const shopkeeper = node.as(certificates, owner, actingFor(SHOP));

const LICENCE = {
  kind: "food-licence" as const,
  caseId: CASES[0],
  licenceNumber: NUMBER,
  holder: { kind: "organization" as const, id: SHOP, name: "清源县翠竹小吃店", code: "92990101MA00000000" },
  authority: AUTHORITY,
  issuedOn: "2026-11-18",
  validFrom: "2026-11-18",
  validUntil: "2031-11-17",
  data: {
    representative: "堃犇喆",
    registeredAddress: "清源县城关镇文三路 18 号",
    premises: "清源县城关镇文三路 18 号一层",
    businessType: "catering",
    scope: ["热食类食品制售", "自制饮品制售"],
    legalBasis: ["《食品安全法》第三十五条"],
  },
};

async function pdfOf(what: "original" | "duplicate", licenceNumber = NUMBER): Promise<Uint8Array> {
  const file = answered(await shopkeeper.download({ licenceNumber, what }));
  assert.ok("digest" in file);
  return node.kernel.files.read(file.digest);
}

async function tokenOf(): Promise<string> {
  const file = answered(await shopkeeper.download({ licenceNumber: NUMBER, what: "credential" }));
  assert.ok("token" in file);
  return file.token;
}

const verifyPdf = async (pdf: Uint8Array) =>
  answered(await anyone.verifyDocument({ pdf: Buffer.from(pdf).toString("base64") }));
const verifyToken = async (token: string) => answered(await anyone.verifyDocument({ token }));

const first = answered(await quality.issueLicence(LICENCE));
const firstOriginal = await pdfOf("original");
const firstToken = await tokenOf();

test("A licence is made once for its case, both copies sealed, the same in the register as on paper", async () => {
  assert.deepEqual(answered(await quality.issueLicence(LICENCE)), first);
  assert.notEqual(first.originalDigest, first.duplicateDigest);
  const own = answered(await shopkeeper.findCertificate({ licenceNumber: NUMBER }));
  assert.deepEqual(
    [own.holderName, own.headTitle, own.head, own.businessType, own.validUntil, own.status],
    ["清源县翠竹小吃店", "经营者", "堃犇喆", "餐饮服务经营者", "2031-11-17", "valid"],
  );
  assert.equal(answered(await shopkeeper.certificatesOf({})).items.length, 1);
});

test("Anyone verifies a copy: who sealed it, when, that it is whole, and that the licence is in force", async () => {
  for (const copy of ["original", "duplicate"] as const) {
    const verdict = await verifyPdf(await pdfOf(copy));
    assert.equal(verdict.verdict, "genuine", verdict.says.zh);
    assert.equal(verdict.sealedBy, "清源县市场监督管理局行政许可专用章（样本）");
    assert.equal(verdict.sealedAt, "2026-11-18T02:00:00.000Z");
    assert.equal(verdict.seal?.status, "valid");
    assert.equal(verdict.licence?.standing, "valid");
    assert.equal(verdict.licence?.current, true);
    assert.equal(verdict.licence?.facts.number, NUMBER);
    assert.ok(!JSON.stringify(verdict).includes("堃犇喆"), "who represents the business is not told to everyone");
  }
});

test("A seal lies beside each copy, is judged with it, and a seal of another file is told", async () => {
  const verify = async (pdf: Uint8Array, seal?: Uint8Array) => {
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    const asked = { pdf: base64(pdf), ...(seal && { seal: base64(seal) }) };
    return answered(await anyone.verifyDocument(asked)).beside;
  };
  const kept = await verify(firstOriginal);
  assert.equal(kept?.genuine, true, kept?.says.zh ?? "");
  assert.deepEqual([kept?.kept, kept?.suites], [true, ["international"]]);
  const own = (await readSealBeside(node.kernel, first.originalDigest)) ?? assert.fail();
  assert.equal((await verify(firstOriginal, own))?.kept, true);
  const duplicate = (await readSealBeside(node.kernel, first.duplicateDigest)) ?? assert.fail();
  assert.deepEqual((await verify(firstOriginal, duplicate))?.genuine, false);
  assert.equal((await verify(firstOriginal, Buffer.from("{}")))?.genuine, false);
  const about = { authority: AUTHORITY, seal: "licensing", reason: "x", at: "2026-11-18T02:00:00Z" } as const;
  const drawn = await documents.render({ kind: "licence/food", data: await printedExample() });
  assert.ok("pdf" in drawn);
  const plain = await opened.signer.sealDocument({ ...about, pdf: drawn.pdf });
  assert.equal(await verify(plain), undefined, "there is none, and none was given");
  const brought = await opened.signer.sealBeside({ ...about, document: plain });
  const unkept = await verify(plain, brought);
  assert.deepEqual([unkept?.genuine, unkept?.kept], [true, false]);
});

test("A changed PDF, one without a seal, one of another node and no PDF at all are told apart", async () => {
  const changed = Uint8Array.from(firstOriginal);
  changed[2000] = (changed[2000] ?? 0) ^ 1;
  assert.equal((await verifyPdf(changed)).verdict, "changed");
  const plain = await documents.render({ kind: "licence/food", data: await printedExample() });
  assert.ok("pdf" in plain);
  assert.equal((await verifyPdf(plain.pdf)).verdict, "not-sealed");
  const elsewhere = await mkdtemp(join(tmpdir(), "zhengtong-elsewhere-"));
  try {
    const stranger = await openTrustOf(elsewhere);
    const seal = { authority: AUTHORITY, seal: "licensing", reason: "x", at: "2026-11-18T02:00:00Z" } as const;
    const forged = await stranger.signer.sealDocument({ ...seal, pdf: plain.pdf });
    assert.equal((await verifyPdf(forged)).verdict, "untrusted");
    assert.equal((await verifyPdf(Buffer.from("GIF89a"))).verdict, "unreadable");
    const other = await opened.signer.sealDocument({ ...seal, pdf: plain.pdf });
    const verdict = await verifyPdf(other);
    assert.equal(verdict.verdict, "genuine");
    assert.equal(verdict.licence, undefined);
  } finally {
    await rm(elsewhere, { recursive: true });
  }
});

async function printedExample() {
  const { LICENCE_EXAMPLES } = await import("../../src/services/certificates/templates/licence-examples.ts");
  return LICENCE_EXAMPLES.original;
}

test("The credential shows what its holder chooses, and is refused when a word of it is changed", async () => {
  const verdict = await verifyToken(firstToken);
  assert.equal(verdict.verdict, "genuine", verdict.says.zh);
  assert.equal(verdict.licence?.current, true);
  assert.equal(firstToken.split("~").length, 7);
  const shown = presentSdJwt(firstToken, ({ name }) => name === "holder_name");
  assert.equal((await verifyToken(shown)).verdict, "genuine");
  const [jwt = "", ...rest] = firstToken.split("~");
  const [head, body = "", signature] = jwt.split(".");
  const claims = Buffer.from(body, "base64url").toString("utf8").replace("2031-11-17", "2041-11-17");
  const forged = [`${head}.${Buffer.from(claims).toString("base64url")}.${signature}`, ...rest].join("~");
  assert.equal((await verifyToken(forged)).verdict, "changed");
  assert.equal((await verifyToken("nonsense")).verdict, "unreadable");
});

test("What a person signed with her own key is judged with its content, and told apart from what she did not sign", async () => {
  const content = canonicalBytes({ form: { name: "清源县翠竹小吃店" } });
  const statement = {
    ...{ format: "zhengtong-statement/1", act: "quality.foodBusinessLicence.submit", case: CASES[0] },
    ...{ signer: { kind: "person", id: OWNER }, words: "我保证以上内容真实、完整", digest: sha256Hex(content) },
    ...{ assurance: { level: 2 }, at: TEST_NOW },
  };
  const sign = async (said: object, from = opened, type = STATEMENT_TYPE) => {
    const signer = { kind: "person", id: OWNER, name: "堃犇喆" } as const;
    return (await from.signer.signAs({ signer, type, payload: canonicalBytes(said), at: TEST_NOW })).token;
  };
  const verify = async (token: string, over: Uint8Array | undefined = content) =>
    answered(
      await anyone.verifyDocument({
        statement: token,
        ...(over && { content: Buffer.from(over).toString("base64") }),
      }),
    );
  const token = await sign(statement);
  const good = await verify(token);
  assert.deepEqual([good.verdict, good.sealedBy, good.seal?.status], ["genuine", "堃犇喆", "valid"], good.says.en);
  assert.deepEqual([good.statement?.content, good.statement?.words], ["same", statement.words]);
  const alone = answered(await anyone.verifyDocument({ statement: token }));
  assert.deepEqual([alone.verdict, alone.statement?.content], ["unconfirmed", "missing"]);
  assert.equal((await verify(token, canonicalBytes({}))).verdict, "changed");
  const [head = "", body = "", tail = ""] = token.split(".");
  const changed = Buffer.from(body, "base64url").toString().replace("真实", "虚假");
  assert.equal((await verify(`${head}.${Buffer.from(changed).toString("base64url")}.${tail}`)).verdict, "changed");
  assert.equal((await verify(await sign({ ...statement, signer: { kind: "person", id: SHOP } }))).verdict, "untrusted");
  assert.equal((await verify(await sign(statement, opened, "another+jws"))).verdict, "unreadable");
  assert.equal((await verify(await sign({ ...statement, format: "zhengtong-statement/2" }))).verdict, "unreadable");
  const elsewhere = await openTrustOf(join(folder, "elsewhere-statement"));
  assert.equal((await verify(await sign(statement, elsewhere))).verdict, "untrusted");
  assert.equal((await verify("no.such.thing")).verdict, "unreadable");
});

test("By number, anyone learns what stands, and an unknown number is no error", async () => {
  const found = answered(await anyone.verifyNumber({ number: " jy2990 1010000011 " }));
  assert.equal(found.standing, "valid");
  assert.equal(found.licence?.holderName, "清源县翠竹小吃店");
  assert.ok(!("head" in (found.licence ?? {})));
  assert.equal(answered(await anyone.verifyNumber({ number: "JY29901010000999" })).standing, "unknown");
  node.setNow("2031-11-17T15:59:59.000Z");
  assert.equal(answered(await anyone.verifyNumber({ number: NUMBER })).standing, "valid");
  node.setNow("2031-11-17T16:00:00.000Z");
  assert.equal(answered(await anyone.verifyNumber({ number: NUMBER })).standing, "expired");
  node.setNow("2026-11-18T03:00:00.000Z");
});

test("Another's certificate answers like one that is not there; only rooms make and end certificates", async () => {
  const stranger = node.as(certificates, owner, actingFor(OTHER_SHOP));
  const self = node.as(certificates, owner);
  refused(await stranger.findCertificate({ licenceNumber: NUMBER }), "not-found");
  refused(await self.download({ licenceNumber: NUMBER, what: "original" }), "not-found");
  assert.deepEqual(answered(await self.certificatesOf({})).items, []);
  const agent = (service: string) =>
    node.as(certificates, owner, {
      onBehalfOf: { kind: "organization", id: SHOP, name: "店", right: "agent", services: [service] },
    });
  answered(await agent("quality.foodBusinessLicence").findCertificate({ licenceNumber: NUMBER }));
  const elsewhere = agent("water.waterIntake");
  refused(await elsewhere.findCertificate({ licenceNumber: NUMBER }), "not-found");
  refused(await elsewhere.download({ licenceNumber: NUMBER, what: "credential" }), "not-found");
  assert.deepEqual(answered(await elsewhere.certificatesOf({})).items, []);
  refused(await shopkeeper.issueLicence(LICENCE), "denied");
  refused(await shopkeeper.endCertificate({ licenceNumber: NUMBER, how: "deregistered" }), "denied");
  refused(await anyone.certificatesOf({}), "denied");
  const other = node.as(certificates, { kind: "node", room: "water" });
  refused(await other.endCertificate({ licenceNumber: NUMBER, how: "revoked" }), "not-yours");
});

test("A name that no font draws stops the certificate, by name; so does what no page holds", async () => {
  const asked = { ...LICENCE, caseId: CASES[1], licenceNumber: "JY29901010000020" };
  const rare = { ...asked, holder: { ...LICENCE.holder, name: "𠮷野小吃店" } };
  assert.match(refused(await quality.issueLicence(rare), "cannot-draw").text.zh, /“𠮷”/);
  const long = { ...asked, data: { ...LICENCE.data, premises: "路".repeat(200) } };
  assert.match(refused(await quality.issueLicence(long), "does-not-fit").text.zh, /经营场所/);
  const many = { ...asked, data: { ...LICENCE.data, scope: Array.from({ length: 20 }, () => "项目".repeat(50)) } };
  refused(await quality.issueLicence(many), "does-not-fit");
  refused(await quality.issueLicence({ ...asked, licenceNumber: "JY1" }), "wrong-number");
  refused(await quality.issueLicence({ ...asked, authority: SHOP }), "authority-unknown");
  const taken = { ...asked, licenceNumber: NUMBER, holder: { ...LICENCE.holder, id: OTHER_SHOP } };
  refused(await quality.issueLicence(taken), "number-taken");
  assert.equal(answered(await anyone.verifyNumber({ number: asked.licenceNumber })).standing, "unknown");
});

test("A change keeps number and term, is written on the duplicate, and makes the earlier copy an old one", async () => {
  const changed = { ...LICENCE, caseId: CASES[1], holder: { ...LICENCE.holder, name: "清源县青松小吃店" } };
  const second = answered(await quality.issueLicence(changed));
  assert.notEqual(second.originalDigest, first.originalDigest);
  const own = answered(await shopkeeper.findCertificate({ licenceNumber: NUMBER }));
  assert.deepEqual(own.changes, [{ on: "2026-11-18", text: "经营者名称变更为“清源县青松小吃店”" }]);
  const old = await verifyPdf(firstOriginal);
  assert.equal(old.verdict, "genuine");
  assert.equal(old.licence?.current, false);
  assert.equal(old.licence?.facts.holderName, "清源县青松小吃店");
  assert.equal((await verifyPdf(await pdfOf("original"))).licence?.current, true);
  assert.equal((await verifyToken(firstToken)).licence?.current, false);
});

test("A file that the register knows outlives the revocation of its seal; a credential does not", async () => {
  const verdict = await verifyPdf(await pdfOf("original"));
  const administrator: Principal = {
    kind: "official",
    id: OWNER,
    assurance: 1,
    post: {
      id: OWNER,
      title: text("管理员", "Administrator"),
      authority: AUTHORITY,
      authorityName: text("局", "Office"),
      duties: ["trust.administer"],
      division: "990101",
    } satisfies PostRef,
  };
  const trustAdministration = node.as(trust, administrator, { purpose: "administration" });
  const reason = { reason: "key-compromise", explanation: "演练" } as const;
  answered(await trustAdministration.revokeCertificate({ serial: verdict.seal?.serial ?? "", ...reason }));
  const after = await verifyPdf(await pdfOf("original"));
  assert.deepEqual([after.verdict, after.seal?.status], ["genuine", "revoked"]);
  const token = await verifyToken(await tokenOf());
  assert.deepEqual([token.verdict, token.licence], ["unconfirmed", undefined]);
});

test("A licence that was ended says how, also to who holds the paper; the first end stands", async () => {
  answered(await quality.endCertificate({ licenceNumber: NUMBER, how: "revoked" }));
  assert.equal(
    answered(await quality.endCertificate({ licenceNumber: NUMBER, how: "deregistered" })).status,
    "revoked",
  );
  const found = answered(await anyone.verifyNumber({ number: NUMBER }));
  assert.equal(found.standing, "revoked");
  assert.match(found.says.zh, /2026\s年\s11\s月\s18\s日被撤销/);
  const verdict = await verifyPdf(await pdfOf("duplicate"));
  assert.deepEqual([verdict.verdict, verdict.licence?.standing], ["genuine", "revoked"]);
  const early = answered(await quality.endCertificate({ licenceNumber: "JY29901010000999", how: "revoked" }));
  assert.equal(early.status, "revoked", "the end of one that is not made yet is kept for it");
});
