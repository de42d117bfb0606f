import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pino } from "pino";
import { trust } from "#infrastructure/trust";
import { isRefusal } from "#kernel/contract/refusal";
import { openServer } from "#kernel/http/server";
import { generateP256 } from "#kernel/random";
import { RECORD_SIGNING_USE } from "#kernel/services/statement";
import { readPem, writePem } from "#lib/asn1/pem";
import { readPublicKey, verifySigned } from "#lib/certificate/algorithms";
import { dnsNames } from "#lib/certificate/extensions";
import { writeName } from "#lib/certificate/name";
import { writeRequest } from "#lib/certificate/request";
import { sha256Hex } from "#lib/crypto/digest";
import { international } from "#lib/crypto/international";
import { publicKeyOf } from "#lib/crypto/keys";
import { defaultSuiteChoice, verifyWith } from "#lib/crypto/purposes";
import { sm3 } from "#lib/crypto/sm3";
import { DIGEST_OID, writeCertificateId } from "#lib/revocation/certificate-id";
import { continues, listProblem, readRevocationList, revocationIn } from "#lib/revocation/revocation-list";
import { readStatusAnswer } from "#lib/revocation/status-answer";
import { StatusCache } from "#lib/revocation/status-cache";
import { writeStatusRequest } from "#lib/revocation/status-request";
import { writeStampRequest } from "#lib/time-stamp/request";
import { readStampAnswer, readToken, verifyToken } from "#lib/time-stamp/token";
import { readX509, type X509Certificate } from "#lib/x509/certificate";
import { anchorOf, buildPath, type SignatureCheck } from "#lib/x509/path-validation";
import { STAMP_POLICY } from "../../src/infrastructure/trust/certificates/profiles.ts";
import { keyEntry } from "../../src/infrastructure/trust/key-event.ts";
import { certificateRecords, openTrust } from "../../src/infrastructure/trust/ports.ts";
import { outsideStamp } from "../../src/infrastructure/trust/relying/outside-stamps.ts";
import { RelyingParty } from "../../src/infrastructure/trust/relying/relying-party.ts";
import { mountTrust, STAMPS_PER_SECOND_MAX } from "../../src/infrastructure/trust/status/endpoints.ts";
import { answered, refused } from "./answers.ts";
import {
  administrator,
  get,
  issuer,
  later,
  list,
  node,
  now,
  opened,
  openssl,
  own,
  PERSON,
  personCertificate,
  post,
  root,
  second,
  server,
  start,
  statusOf,
} from "./trust-node.ts";

test("Certificates lead to the root and tell where their status is found", async () => {
  const holder = await personCertificate(PERSON);
  const options = { atMs: now.epochMilliseconds, verify: verifySigned, extendedKeyUse: RECORD_SIGNING_USE };
  assert.ok(buildPath(holder, [issuer], { ...options, anchors: [anchorOf(root)] }).valid);
  assert.deepEqual(await get("/trust/ca/person.cer"), issuer.der);
  if (openssl === undefined) return;
  const shown = openssl.run(
    "x509",
    "-in",
    openssl.pem(holder),
    "-noout",
    "-ext",
    "authorityInfoAccess,crlDistributionPoints",
  );
  for (const path of ["/trust/ocsp", "/trust/ca/person.cer", "/trust/crl/person.crl"]) {
    assert.match(shown.output, new RegExp(`http://127.0.0.1:8080${path}`));
  }
});

test("A revocation is told at once in answers and within a minute in lists", async () => {
  const holder = await personCertificate(PERSON);
  assert.equal(await statusOf(holder), "good");
  assert.equal(revocationIn(holder.serial, await list("person")), undefined);
  const about = { serial: holder.serial, explanation: "口令泄露" };
  answered(await administrator.revokeCertificate({ ...about, reason: "key-compromise" }));
  later(2);
  assert.deepEqual(await statusOf(holder), { atMs: start.epochMilliseconds, reason: "keyCompromise" });
  later(58);
  const whole = await list("person");
  assert.equal(revocationIn(holder.serial, whole)?.reason, "keyCompromise");
  const delta = await list("person-delta");
  assert.ok(continues(delta, whole));
  assert.equal(delta.revoked.get(holder.serial)?.reason, "keyCompromise");
  assert.equal((await list("root")).revoked.size, 0);
});

test("A suspended certificate can come back, a revoked one cannot", async () => {
  const holder = await personCertificate("0197c7a0-0000-7000-8000-000000000003");
  const { serial } = holder;
  const suspend = () => administrator.revokeCertificate({ serial, reason: "suspended", explanation: "核实中" });
  answered(await suspend());
  refused(await suspend(), "already-revoked");
  later(60);
  const told = await statusOf(holder);
  assert.equal(typeof told === "object" && told.reason, "certificateHold");
  const before = await list("person");
  assert.equal(revocationIn(serial, before)?.reason, "certificateHold");
  await assert.rejects(personCertificate("0197c7a0-0000-7000-8000-000000000003"), { code: "ERR_TRUST_CEASED" });
  answered(await administrator.reinstateCertificate({ serial, explanation: "已核实" }));
  later(60);
  assert.equal(await statusOf(holder), "good");
  assert.equal(revocationIn(serial, before, await list("person-delta")), undefined);
  assert.equal(revocationIn(serial, await list("person")), undefined);
  assert.equal((await personCertificate("0197c7a0-0000-7000-8000-000000000003")).serial, serial);
  refused(await administrator.reinstateCertificate({ serial, explanation: "x" }), "not-suspended");
  answered(await administrator.revokeCertificate({ serial, reason: "cessation", explanation: "注销" }));
  refused(await administrator.reinstateCertificate({ serial, explanation: "x" }), "not-suspended");
});

test("A certificate that is not recorded is unknown, though the issuer signed it", async () => {
  const unlogged = await opened.hierarchy.issue({
    ...{ profile: "person", subject: { commonName: "未登记" }, at: now },
    publicKeyInfo: root.publicKeyInfo,
  });
  assert.equal(await statusOf(readX509(unlogged)), "unknown");
});

test("What is no question gets an answer that says so, or none", async () => {
  const ask = (body: Uint8Array) => post("/trust/ocsp", "application/ocsp-request", body);
  assert.equal(Buffer.from(await ask(Uint8Array.of(1, 2, 3))).toString("hex"), "30030a0101");
  const stranger = writeCertificateId(
    { name: root.subject.raw, publicKeyInfo: root.publicKeyInfo },
    "01",
    DIGEST_OID.sha256,
  );
  assert.equal(Buffer.from(await ask(writeStatusRequest([stranger]))).toString("hex"), "30030a0106");
  const code = async (url: string, type: string, payload: Buffer) =>
    (await server.inject({ method: "POST", url, headers: { "content-type": type }, payload })).statusCode;
  assert.equal(await code("/trust/ocsp", "application/ocsp-request", Buffer.alloc(8_193)), 413);
  assert.equal(await code("/trust/timestamp", "application/timestamp-query", Buffer.alloc(2_049)), 413);
  assert.equal(await code("/trust/ocsp", "application/json", Buffer.from("{}")), 415);
  for (const url of ["/trust/ca/node.key", "/trust/ca/nobody.pem", "/trust/crl/root-delta.crl", "/trust/crl/person"]) {
    assert.equal((await server.inject({ url })).statusCode, 404, url);
  }
});

test("A certificate is asked for by one official, issued by another, proved to be in the ledger, and handed over", async () => {
  const key = generateP256();
  const request = async (hosts: readonly string[], change: (der: Uint8Array) => Uint8Array = (der) => der) => {
    const content = {
      subject: writeName({ commonName: "x" }),
      publicKey: publicKeyOf(key),
      extensions: hosts.length === 0 ? [] : [dnsNames(hosts)],
    };
    const der = await writeRequest(content, (message) => international.sign({ key, message, encoding: "der" }));
    return writePem({ label: "CERTIFICATE REQUEST", der: change(der) });
  };
  const asked = {
    profile: "node" as const,
    ...{ holder: "QY-NODE-2", name: "清源县交换节点", hosts: "node.qingyuan.example" },
    ...{ organization: "清源县", evidence: "介绍信，由李明核对" },
  };
  const ask = async (change: { readonly hosts?: string; readonly request?: string }) =>
    administrator.requestCertificate({ ...asked, request: await request([]), ...change });
  refused(await ask({ hosts: " " }), "hosts-missing");
  refused(await ask({ hosts: "no_host" }), "hosts-wrong");
  refused(await ask({ request: await request(["other.example"]) }), "hosts-differ");
  refused(await ask({ request: "nonsense" }), "request-unreadable");
  const broken = (der: Uint8Array) => der.with(-1, (der.at(-1) ?? 0) ^ 1);
  refused(await ask({ request: await request([], broken) }), "request-not-signed");
  const { id } = answered(await ask({ request: await request(["node.qingyuan.example"]) }));
  const waiting = answered(await administrator.listCertificateRequests({ status: "requested" })).items;
  assert.deepEqual(
    waiting.map((one) => one.id),
    [id],
  );
  const decision = { id, decision: "issue", reason: "材料齐全" } as const;
  refused(await administrator.decideCertificateRequest(decision), "own-request");
  refused(await administrator.handOverCertificate({ id, to: "x" }), "not-issued");
  const both = await Promise.all([
    second.decideCertificateRequest(decision),
    second.decideCertificateRequest(decision),
  ]);
  assert.equal(both.filter((one) => !isRefusal(one)).length, 1);
  const found = answered(await administrator.findCertificateRequest({ id }));
  assert.equal(found.status, "issued");
  const [certificate, issuer] = readPem(found.chain ?? "").map(({ der }) => readX509(der));
  assert(certificate && issuer);
  assert.deepEqual(certificate.alternativeNames, [{ kind: "dns", value: "node.qingyuan.example" }]);
  assert.ok(
    buildPath(certificate, [issuer], {
      ...{ atMs: now.epochMilliseconds, verify: verifySigned, extendedKeyUse: "1.3.6.1.5.5.7.3.1" },
      anchors: [anchorOf(root)],
    }).valid,
  );
  answered(await administrator.handOverCertificate({ id, to: "李明，凭工作证当面交付" }));
  refused(await administrator.handOverCertificate({ id, to: "x" }), "not-issued");

  answered(
    await administrator.revokeCertificate({ serial: certificate.serial, reason: "key-compromise", explanation: "x" }),
  );
  await node.kernel.ledger.sequenceNow(2_000);
  const fingerprint = sha256Hex(certificate.der);
  const url = `/trust/certificates/${fingerprint}/proof`;
  const proof = JSON.parse(new TextDecoder().decode(await get(url)));
  assert.equal(proof.certificate, fingerprint);
  assert.deepEqual(
    proof.entries.map((entry: { leaf: string; state: string }) => [
      JSON.parse(Buffer.from(entry.leaf, "base64").toString("utf8")).operation,
      entry.state,
    ]),
    [
      ["certificate-issued", "proved"],
      ["certificate-revoked", "proved"],
    ],
  );
  assert.ok(!JSON.stringify(proof).includes("清源县交换节点"));
  assert.equal((await server.inject({ url: `/trust/certificates/${"0".repeat(64)}/proof` })).statusCode, 404);
  const anyone = node.as(trust, { kind: "public" }, { purpose: "administration" });
  answered(await anyone.findCertificate({ serial: certificate.serial, fingerprint }));
  refused(await anyone.findCertificate({ serial: certificate.serial, fingerprint: "0".repeat(64) }), "not-found");

  const direct = answered(
    await own.issueNodeCertificate({ request: await request([]), hosts: ["a.example", "b.example"], holder: "acme-1" }),
  );
  const [leaf] = readPem(direct.chain).map(({ der }) => readX509(der));
  assert.equal(leaf?.alternativeNames.length, 2);
});

test("openssl believes answers, by POST and by GET, and judges by our lists", async (context) => {
  if (openssl === undefined) return context.skip("the openssl command is not installed");
  const revoked = await personCertificate("0197c7a0-0000-7000-8000-000000000004");
  const good = await personCertificate("0197c7a0-0000-7000-8000-000000000005");
  answered(await administrator.revokeCertificate({ serial: revoked.serial, reason: "superseded", explanation: "x" }));
  later(60);
  const seconds = String(Math.ceil(now.epochMilliseconds / 1000));
  const trusting = [
    "-CAfile",
    openssl.pem(root),
    "-verify_other",
    openssl.pem(issuer),
    "-attime",
    seconds,
    "-validity_period",
    "1000000000",
  ];
  for (const [certificate, word] of [
    [good, ": good"],
    [revoked, ": revoked"],
  ] as const) {
    const about = ["-issuer", openssl.pem(issuer), "-cert", openssl.pem(certificate)];
    const request = openssl.file("");
    openssl.run("ocsp", ...about, "-reqout", request);
    const question = new Uint8Array(await readFile(request));
    const posted = openssl.file(await post("/trust/ocsp", "application/ocsp-request", question));
    openssl.run("ocsp", ...about, "-no_nonce", "-reqout", request);
    const encoded = encodeURIComponent(Buffer.from(await readFile(request)).toString("base64"));
    const got = openssl.file(await get(`/trust/ocsp/${encoded}`));
    for (const answer of [posted, got]) {
      const { output } = openssl.run("ocsp", "-no_nonce", "-respin", answer, ...about, ...trusting);
      assert.match(output, /Response verify OK/);
      assert.ok(output.includes(word), output);
    }
    const lists = openssl.file((await crlPem("person")) + (await crlPem("root")));
    const verdict = openssl.verify(
      [root, issuer, certificate],
      now.epochMilliseconds,
      "-crl_check_all",
      "-CRLfile",
      lists,
    );
    assert.equal(verdict.isValid, certificate === good, verdict.output);
  }
});

async function crlPem(name: string): Promise<string> {
  return writePem({ label: "X509 CRL", der: await get(`/trust/crl/${name}.crl`) });
}

test("openssl verifies our time stamps, each of which is in the ledger", async (context) => {
  if (openssl === undefined) return context.skip("the openssl command is not installed");
  const data = openssl.file("许可证");
  const query = openssl.file("");
  openssl.run("ts", "-query", "-data", data, "-sha256", "-cert", "-tspolicy", STAMP_POLICY, "-out", query);
  const asked = new Uint8Array(await readFile(query));
  const reply = openssl.file(await post("/trust/timestamp", "application/timestamp-query", asked));
  const trusting = ["-CAfile", openssl.pem(root), "-untrusted", openssl.pem(issuer)];
  const seconds = ["-attime", String(Math.ceil(now.epochMilliseconds / 1000))];
  const { output } = openssl.run("ts", "-verify", "-queryfile", query, "-in", reply, ...trusting, ...seconds);
  assert.match(output, /Verification: OK/);
  const stamped = openssl.run("ts", "-reply", "-in", reply, "-text").output;
  assert.match(stamped, /Status: Granted/);
  const rows = await node.kernel.database.query<{ count: string }>(
    "SELECT count(*) AS count FROM ledger.entry WHERE position('time-stamped'::bytea IN leaf) > 0",
  );
  assert.equal(Number(rows[0]?.count), 1);
});

test("Whoever relies on another issuer's certificates learns of a revocation within a minute, and knows nothing after a day", async () => {
  let isAway = false;
  const relying = new RelyingParty(async (url, { post: asked }) => {
    if (isAway) return undefined;
    const path = new URL(url).pathname;
    return asked === undefined ? get(path) : post(path, asked.type, asked.body);
  });
  const judge = async (holder: X509Certificate, use = RECORD_SIGNING_USE) => {
    const question = { others: [issuer], roots: [root], atMs: now.epochMilliseconds, extendedKeyUse: use };
    const judged = await relying.judge(holder, question);
    return judged.valid ? judged.debts.length : judged.problem;
  };
  const [good, ended] = [
    await personCertificate("0197c7a0-0000-7000-8000-00000000000b"),
    await personCertificate("0197c7a0-0000-7000-8000-00000000000c"),
  ];
  assert.equal(await judge(good), 0);
  assert.equal(await judge(ended), 0);
  assert.equal(await judge(good, "1.3.6.1.5.5.7.3.1"), "key-use");
  answered(await administrator.revokeCertificate({ serial: ended.serial, reason: "superseded", explanation: "x" }));
  later(61);
  assert.equal(await judge(ended), "revoked");
  assert.equal(await judge(good), 0);
  isAway = true;
  later(3_600);
  assert.equal(await judge(ended), "revoked");
  assert.equal(await judge(good), 2);
  later(24 * 3_600);
  assert.equal(await judge(good), "status-unknown");
  isAway = false;
  assert.equal(await judge(good), 0);
  const stranger = { others: [issuer], roots: [issuer], atMs: now.epochMilliseconds };
  assert.equal((await relying.judge(good, { ...stranger, roots: [] })).valid, false);
});

test("A node seals with the stamps of another authority, and with none that it cannot rely on", async () => {
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  const relying = new RelyingParty(async (url, { post: asked }) => {
    const path = new URL(url).pathname;
    return asked === undefined ? get(path) : post(path, asked.type, asked.body);
  });
  const url = `${address}/trust/timestamp`;
  const imprint = { algorithm: "2.16.840.1.101.3.4.2.1", digest: new Uint8Array(32).fill(5) };
  const place = { url, roots: [root.der], relying };
  const token = readToken(await outsideStamp(imprint, now.epochMilliseconds, place));
  assert.deepEqual([token.stamp.atMs, token.stamp.imprint], [now.epochMilliseconds, imprint]);
  const fails = (change: object, atMs = now.epochMilliseconds) =>
    assert.rejects(outsideStamp(imprint, atMs, { ...place, ...change }), { code: "ERR_TRUST_NO_STAMP" });
  await fails({ roots: [] });
  await fails({ url: `${address}/trust/ca/root.cer` });
  await fails({ url: "http://127.0.0.1:1/none" });
  await fails({}, now.epochMilliseconds + 3_600_000);
});

test("Stamps are bounded in number", async () => {
  const codes: number[] = [];
  for (let at = 0; at < STAMPS_PER_SECOND_MAX * 3; at++) {
    const { statusCode } = await server.inject({
      method: "POST",
      url: "/trust/timestamp",
      headers: { "content-type": "application/timestamp-query" },
      payload: Buffer.of(1),
    });
    codes.push(statusCode);
  }
  assert.ok(codes.includes(200));
});

test("A national node certifies, answers, lists and stamps with SM2, as far as openssl can follow", async (context) => {
  const place = await mkdtemp(join(tmpdir(), "zhengtong-trust-"));
  const national = await openTrust({
    ...{ folder: place, operator: "国密县", at: "2026-01-01T00:00:00Z", publicUrl: "http://127.0.0.1:8080" },
    suites: defaultSuiteChoice({ demonstration: false }),
  });
  await national.connect({
    ...{ authorityName: async () => "国密县", demonstration: true, records: certificateRecords(own) },
    onKeyEvent: (event) => node.kernel.ledger.append(node.kernel.database, [keyEntry(event)]),
  });
  const site = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });
  await mountTrust(site, {
    ...{ trust: national, front: own, now: () => now.toString(), publicUrl: "http://127.0.0.1:8080" },
    proof: async () => undefined,
  });
  const fetched = async (url: string) => new Uint8Array((await site.inject({ url })).rawPayload);
  const posted = async (url: string, type: string, body: Uint8Array) => {
    const headers = { "content-type": type };
    const answer = await site.inject({ method: "POST", url, headers, payload: Buffer.from(body) });
    assert.equal(answer.statusCode, 200);
    return new Uint8Array(answer.rawPayload);
  };
  try {
    const [root, issuer] = await Promise.all(
      ["root-sm2", "person-sm2"].map(async (name) => readX509(await fetched(`/trust/ca/${name}.cer`))),
    );
    assert(root && issuer);
    const signer = { kind: "person", id: "0197c7a0-0000-7000-8000-00000000000a", name: "堃犇喆" } as const;
    const bytes = Buffer.from("申请");
    const payload = new Uint8Array(bytes);
    const signed = await national.signer.signAs({ signer, type: "test", payload, at: now.toString() });
    const holder = readX509(readPem(signed.certificatePem)[0]?.der ?? new Uint8Array());
    const [, , signature = ""] = signed.token.split(".");
    assert.ok(
      verifyWith(["national"], {
        key: readPublicKey(holder.publicKeyInfo),
        message: Buffer.from(signed.token.slice(0, signed.token.lastIndexOf("."))),
        signature: new Uint8Array(Buffer.from(signature, "base64url")),
      }),
    );
    const nationally = (check: SignatureCheck) => verifySigned(check, ["national"]);
    const facts = { name: issuer.subject, publicKeyInfo: issuer.publicKeyInfo };
    const path = { atMs: now.epochMilliseconds, verify: nationally, extendedKeyUse: RECORD_SIGNING_USE };
    assert.ok(buildPath(holder, [issuer], { ...path, anchors: [anchorOf(root)] }).valid);
    answered(await administrator.revokeCertificate({ serial: holder.serial, reason: "superseded", explanation: "x" }));
    later(60);
    const identified = { name: issuer.subject.raw, publicKeyInfo: issuer.publicKeyInfo };
    const question = writeStatusRequest([writeCertificateId(identified, holder.serial, DIGEST_OID.sm3)]);
    const answer = await posted("/trust/ocsp", "application/ocsp-request", question);
    const cache = new StatusCache({ verify: nationally });
    const about = { serial: holder.serial, issuer: facts, atMs: now.epochMilliseconds };
    assert.equal(cache.takeAnswer(answer, about), undefined);
    assert.equal(cache.status(holder.serial, facts, now.epochMilliseconds).status, "revoked");
    const list = await fetched("/trust/crl/person-sm2.crl");
    const read = readRevocationList(list);
    assert.equal(listProblem(read, { issuer: facts, atMs: now.epochMilliseconds, verify: nationally }), undefined);
    assert.ok(read.revoked.has(holder.serial));
    const imprint = { algorithm: "1.2.156.10197.1.401", digest: sm3(bytes) };
    const reply = await posted("/trust/timestamp", "application/timestamp-query", writeStampRequest(imprint));
    const token = readToken(readStampAnswer(reply) ?? new Uint8Array());
    const anchors = { verify: nationally, anchors: [anchorOf(root)] };
    assert.ok("signer" in verifyToken(token, { imprint, ...anchors }));
    if (openssl === undefined) return context.skip("the openssl command is not installed");
    // openssl 3.0 takes SM2's identity for certificates and requests alone (see the other tests); of lists, answers and stamps it reads
    // all, and verifies the signature where it is told what was signed.
    const shown = openssl.run(
      ...["ocsp", "-respin", openssl.file(answer), "-noverify", "-no_nonce", "-issuer", openssl.pem(issuer), "-sm3"],
      ...["-serial", `0x${holder.serial}`, "-validity_period", "1000000000"],
    );
    assert.match(shown.output, /: revoked/);
    assert.match(openssl.run("ts", "-reply", "-in", openssl.file(reply), "-text").output, /Hash Algorithm: sm3/);
    assert.match(
      openssl.run("crl", "-inform", "DER", "-in", openssl.file(list), "-noout", "-text").output,
      /SM2-with-SM3/,
    );
    const stamper = token.certificates.find(({ serial }) => serial === token.signer.serial);
    const status = readStatusAnswer(answer);
    for (const [key, message, signature] of [
      [issuer.publicKeyInfo, read.signedPart, read.signature],
      [stamper?.publicKeyInfo, token.signed, token.signature],
      [status?.certificates[0]?.publicKeyInfo, status?.signedPart, status?.signature],
    ] as const) {
      assert(key && message && signature);
      const files = ["-inkey", openssl.file(key), "-in", openssl.file(message), "-sigfile", openssl.file(signature)];
      const { output } = openssl.run(
        ...["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin", "-digest", "sm3", ...files],
        ...["-pkeyopt", "distid:1234567812345678"],
      );
      assert.match(output, /Verified Successfully/);
    }
  } finally {
    await site.close();
    await rm(place, { recursive: true });
  }
});
