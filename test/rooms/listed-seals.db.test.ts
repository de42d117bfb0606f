/** Documents that authorities of another node sealed: below the root that the directory names for their division, and for no others. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PDF } from "@libpdf/core";
import { pino } from "pino";
import { trust } from "#infrastructure/trust";
import { sealerOf } from "#kernel/documents/pdf-seal-verification";
import { openServer } from "#kernel/http/server";
import type { Documents } from "#kernel/ports";
import { fromBase64, toBase64 } from "#lib/crypto/base64url";
import { openDirectory } from "#lib/directory/open";
import {
  authorityId,
  authorityOf,
  documentOf,
  editionOf,
  NOW,
  nodeOf,
  signerOf,
  verifierKeyOf,
} from "#lib/directory/testing";
import type { DirectoryView } from "#lib/directory/view";
import { text } from "#lib/language/text";
import { disclosable, issueSdJwt } from "#lib/sd-jwt/issue";
import { readX509 } from "#lib/x509/certificate";
import { certificates } from "#services/certificates";
import { certificateRecords, type OpenTrust, openTrust } from "../../src/infrastructure/trust/ports.ts";
import { mountTrust } from "../../src/infrastructure/trust/status/endpoints.ts";
import trustSystem from "../../src/infrastructure/trust/system.ts";
import { freePort } from "../../src/node/demo/temporary-node.ts";
import { TEST_NOW, testNode } from "../../src/node/testing.ts";
import { provideCertificatePorts } from "../../src/services/certificates/ports.ts";
import certificatesSystem from "../../src/services/certificates/system.ts";
import { answered } from "./answers.ts";

/** At the other node: of its county; of a county that names no root; of one that names another; nobody's; two more of its county. */
const [THEIRS = "", NEIGHBOURS = "", OURS = "", NOBODYS = "", UNASKED = "", ENDING = ""] = [1, 2, 3, 4, 5, 6].map(
  authorityId,
);
const folder = await mkdtemp(join(tmpdir(), "zhengtong-listed-"));
const here = await testNode({ systems: [trustSystem, certificatesSystem] });
const there = await testNode({ systems: [trustSystem] });
const publicUrl = `http://127.0.0.1:${await freePort()}`;
const anyone = here.as(certificates, { kind: "public" }, { purpose: "verification" });
let view: DirectoryView | undefined;
let other: OpenTrust;
let pdf: Uint8Array;
let ourRoot: Uint8Array;
const front = there.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
const administrator = there.as(
  trust,
  {
    ...{ kind: "official", id: NOBODYS, assurance: 1 },
    post: {
      ...{ id: NOBODYS, title: text("管理员", "Administrator"), authority: THEIRS, division: "990102" },
      ...{ authorityName: text("邻县市场监督管理局", "Market regulator"), duties: ["trust.administer"] },
    },
  },
  { purpose: "administration" },
);
const server = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });

before(async () => {
  other = await openTrust({
    folder: join(folder, "there"),
    operator: "邻县（演示）",
    at: "2026-01-01T00:00:00Z",
    publicUrl,
  });
  const status = { front, now: () => TEST_NOW, publicUrl };
  const authorityName = async () => "邻县市场监督管理局";
  await other.connect({ authorityName, demonstration: true, records: certificateRecords(front), status });
  await mountTrust(server, { ...status, trust: other, proof: async () => undefined });
  await server.listen({ host: "127.0.0.1", port: Number(new URL(publicUrl).port) });
  const own = here.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
  const ours = await openTrust({
    folder: join(folder, "here"),
    operator: "清源县（演示）",
    at: "2026-01-01T00:00:00Z",
  });
  await ours.connect({
    ...{ authorityName, demonstration: true, records: certificateRecords(own) },
    directory: {
      roots: () => (view?.allAnchors() ?? []).flatMap(({ certificate }) => fromBase64(certificate) ?? []),
      mayAsk: ({ origin }) => view?.isSite(origin) === true,
    },
  });
  provideCertificatePorts({
    ...{ documents: {} as Documents, trust: ours, posts: { authority: async () => undefined }, publicUrl },
    ...{ demonstration: true, sealBeside: async () => undefined, directory: () => view },
  });
  ourRoot = ours.hierarchy.root;
  view = directoryOf();
  const plain = PDF.create();
  plain.addPage({ size: "a4" });
  pdf = await plain.save();
});
after(async () => {
  await server.close();
  await here.close();
  await there.close();
  await rm(folder, { recursive: true });
});

/** The centre, two counties with parts of their own, and one without. */
function directoryOf(site = publicUrl): DirectoryView {
  const [centre, theirs, ours] = [signerOf("centre", 1), signerOf("theirs", 2), signerOf("ours", 3)];
  const name = text("样本", "Sample");
  const anchor = (division: string, der: Uint8Array) => ({ division, name, certificate: toBase64(der) });
  const parts = [
    editionOf({
      document: documentOf("000000", {
        nodes: [nodeOf("centre", "000000"), nodeOf("theirs", "990102", { site }), nodeOf("ours", "990101")],
        delegations: [
          { division: "990102", keys: [verifierKeyOf(theirs)] },
          { division: "990101", keys: [verifierKeyOf(ours)] },
        ],
        authorities: [authorityOf(2, "990103")],
      }),
      signers: [centre],
    }),
    editionOf({
      document: documentOf("990102", {
        authorities: [1, 5, 6].map((number) => authorityOf(number, "990102")),
        // A part may say what is no certificate.
        anchors: [...other.hierarchy.sealRoots, new Uint8Array([0x30, 0])].map((root) => anchor("990102", root)),
      }),
      signers: [theirs],
    }),
    editionOf({
      document: documentOf("990101", { authorities: [authorityOf(3, "990101")], anchors: [anchor("990101", ourRoot)] }),
      signers: [ours],
    }),
  ];
  const opened = openDirectory(parts, { anchor: [verifierKeyOf(centre)], self: "ours", now: NOW, known: new Map() });
  assert.ok(opened.kind === "open", JSON.stringify(opened));
  return opened.view;
}

const seal = (authority: string | undefined) =>
  other.signer.sealDocument({
    pdf,
    authority: authority ?? "",
    seal: "licensing",
    reason: "准予许可决定书",
    at: TEST_NOW,
  });
const verify = async (sealed: Uint8Array, beside?: Uint8Array) =>
  answered(
    await anyone.verifyDocument({
      pdf: Buffer.from(sealed).toString("base64"),
      ...(beside && { seal: Buffer.from(beside).toString("base64") }),
    }),
  );

test("A sealed file of another node's authority is genuine below the root of its division, its status asked there", async () => {
  const sealed = await seal(THEIRS);
  const wanted = { authority: THEIRS, seal: "licensing", reason: "准予许可决定书", at: TEST_NOW } as const;
  const beside = await other.signer.sealBeside({ document: sealed, ...wanted });
  const answer = await verify(sealed, beside);
  assert.equal(answer.verdict, "genuine", answer.says.en);
  assert.match(answer.says.en, /an authority of another node/);
  assert.deepEqual([answer.listed?.division, answer.seal?.status], ["990102", "valid"]);
  assert.equal(answer.beside?.genuine, true, answer.beside?.says.en ?? "none");
  const foreign = await other.signer.sealBeside({ document: sealed, ...wanted, authority: OURS });
  assert.equal((await verify(sealed, foreign)).beside?.genuine, false, "that seal is in another's name");
});

test("So is its licence on a telephone, and a number in it says nothing of a licence here", async () => {
  const signer = await other.credentialSigner({ authority: THEIRS, seal: "licensing", reason: "许可证", at: TEST_NOW });
  const claims = { vct: "https://x.example/licence", licence_number: "JY29901010000011", name: disclosable("某店") };
  const token = await issueSdJwt({ claims, signer, salt: () => new Uint8Array(randomBytes(16)) });
  const answer = answered(await anyone.verifyDocument({ token }));
  assert.deepEqual([answer.verdict, answer.listed?.division, answer.licence], ["genuine", "990102", undefined]);
});

test("The other node's root counts for no authority of another division, for none that is not listed, and for none without a directory", async () => {
  for (const authority of [NEIGHBOURS, OURS, NOBODYS])
    assert.equal((await verify(await seal(authority))).verdict, "untrusted", authority);
  const sealed = await seal(THEIRS);
  const kept = view;
  view = undefined;
  assert.equal((await verify(sealed)).verdict, "untrusted");
  view = kept;
  assert.equal((await verify(Buffer.concat([sealed, Buffer.from("\n")]))).verdict, "changed");
});

test("Nobody is asked at an address that is no node's, and then nothing is confirmed", async () => {
  const kept = view;
  view = directoryOf("https://elsewhere.example");
  const answer = await verify(await seal(UNASKED));
  view = kept;
  assert.deepEqual([answer.verdict, answer.seal?.status], ["unconfirmed", "unknown"]);
  assert.match(answer.says.en, /nobody tells the status/);
});

test("A seal that the other node revoked is told", async () => {
  const sealed = await seal(ENDING);
  const der = (await sealerOf(sealed)) ?? new Uint8Array();
  const reason = { reason: "key-compromise", explanation: "私钥可能泄露" } as const;
  answered(await administrator.revokeCertificate({ serial: readX509(der).serial, ...reason }));
  const answer = await verify(sealed);
  assert.deepEqual([answer.verdict, answer.seal?.status], ["unconfirmed", "revoked"]);
  assert.match(answer.says.en, /was revoked/);
});
