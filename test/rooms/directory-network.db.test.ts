import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readPem } from "#lib/asn1/pem";
import { toBase64 } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { joiningProof, messageKeyText, noticeText } from "#lib/directory/joining";
import { readX509 } from "#lib/x509/certificate";
import { askToLeave, awaitAdmission, sendJoining } from "../../src/node/network/membership.ts";
import { answered, refused } from "./answers.ts";
import { type DirectoryTestNode, describing, directoryNode, joins } from "./directory-nodes.ts";

let centre: DirectoryTestNode;
let province: DirectoryTestNode;
let county: DirectoryTestNode;
const all = () => [centre, province, county];
/** Until each has what the others published. */
async function settle() {
  for (let round = 0; round < 3; round++) for (const node of all()) await node.nodes.round();
}

before(async () => {
  centre = await directoryNode();
  province = await directoryNode();
  county = await directoryNode();
  await centre.found("centre", ["identity"]);
  await centre.nodes.round();
});
after(() => Promise.all(all().map((node) => node.close())));

describe("a node that belongs to no directory", () => {
  test("keeps every room and shows none", async () => {
    assert.deepEqual(county.nodes.routes.hostOf("population", undefined), { kind: "here" });
    const answer = await fetch(`${county.site}/directory/anchor`);
    assert.equal(answer.status, 404);
    assert.deepEqual(answered(await county.first.listNodes({})), { nodes: [], parts: [] });
    refused(
      await county.first.proposeRoomMove({ room: "population", division: "990000", node: "x", reason: "x" }),
      "not-member",
    );
  });
});

describe("joining", () => {
  test("two officials of the node above let a node in", async () => {
    const description = describing(province, "shangyuan", "990000", ["population"]);
    const sent = await sendJoining(province.place, description, centre.site);
    assert.match(sent.shortCode, /^[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}$/);
    // Sent again after a broken connection it is the same request.
    assert.equal((await sendJoining(province.place, description, centre.site)).digest, sent.digest);
    const [joining] = answered(await centre.first.listJoinings({})).items;
    assert.ok(joining);
    assert.equal(joining.shortCode, sent.shortCode);
    const { id } = joining;
    refused(await centre.second.decideJoining({ id, decision: "approve", reason: "同意" }), "not-compared");
    refused(await centre.first.proposeJoining({ id, shortCode: "AAAA-AAAA-AAAA", reason: "x" }), "code-differs");
    answered(await centre.first.proposeJoining({ id, shortCode: sent.shortCode.toLowerCase(), reason: "电话核对" }));
    refused(await centre.first.decideJoining({ id, decision: "approve", reason: "同意" }), "own-request");
    const { outcome } = await joinsDecided(id, sent);
    assert.deepEqual(outcome, { admitted: true });
    const view = province.nodes.view();
    assert.equal(view?.node("shangyuan")?.above, "centre");
    assert.equal(view?.node("shangyuan")?.certificates.length, 1);
    assert.deepEqual(province.nodes.routes.hostOf("population", "990101"), { kind: "here" });
    await settle();
    assert.deepEqual(centre.nodes.routes.hostOf("population", "990101"), { kind: "node", node: "shangyuan" });
  });

  async function joinsDecided(id: string, sent: Awaited<ReturnType<typeof sendJoining>>) {
    answered(await centre.second.decideJoining({ id, decision: "approve", reason: "同意" }));
    refused(await centre.second.decideJoining({ id, decision: "approve", reason: "同意" }), "decided");
    await centre.nodes.round();
    const signal = AbortSignal.timeout(10_000);
    const outcome = await awaitAdmission(province.place, sent, { signal, intervalMs: 10 });
    await province.nodes.round();
    return { outcome };
  }

  test("a province lets its county in, and the centre learns of it", async () => {
    await joins(county, describing(county, "qingyuan", "990101", ["quality"]), province);
    await settle();
    for (const node of all()) {
      assert.equal(node.nodes.view()?.node("qingyuan")?.above, "shangyuan");
      assert.equal(node.nodes.view()?.hostOf("quality", "990101"), "qingyuan");
      assert.ok(node.nodes.view()?.speaksFor("qingyuan", "990101"));
    }
    assert.deepEqual(county.nodes.routes.hostOf("population", undefined), { kind: "node", node: "shangyuan" });
    assert.deepEqual(county.nodes.routes.hostOf("quality", undefined), { kind: "here" });
    assert.deepEqual(county.nodes.routes.hostOf("quality", "110000"), { kind: "nowhere" });
    assert.deepEqual(county.nodes.routes.hostOf("trust", "110000"), { kind: "here" }, "each node keeps its own");
  });

  test("is not for requests that are altered, unproved, for elsewhere, or of a code that was given", async () => {
    const stranger = await directoryNode();
    try {
      const post = async (body: unknown) => {
        const answer = await fetch(`${province.site}/directory/joinings`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        return ((await answer.json()) as { code?: string }).code;
      };
      const refusals = async (code: string, division: string) => {
        try {
          await sendJoining(stranger.place, describing(stranger, code, division), province.site);
          return "";
        } catch (error) {
          return String(error);
        }
      };
      assert.match(await refusals("else", "110000"), /110000/);
      assert.match(await refusals("qingyuan", "990102"), /qingyuan/);
      assert.equal(await post({ note: "x", proofs: [] }), "request-wrong");
      assert.equal(await post("x"), "invalid-input");
      await sendJoining(stranger.place, describing(stranger, "honest", "990102"), province.site);
      const [{ note, proofs }] = (await stranger.kernel.database.query(
        "SELECT note, proofs FROM directory.sent_joining",
      )) as [{ note: string; proofs: { key: string }[] }];
      assert.equal(await post({ note: note.replace("990102", "990103"), proofs }), "request-wrong");
      assert.equal(await post({ note, proofs: [] }), "request-wrong");
      const key = proofs[0]?.key;
      assert.equal(
        await post({ note, proofs: [{ key, signature: joiningProof(new Uint8Array(64)) }] }),
        "request-wrong",
      );
    } finally {
      await stranger.close();
    }
  });
});

describe("changes", () => {
  test("one official proposes, another decides, every node follows", async () => {
    const move = { room: "population", division: "990101", node: "qingyuan", reason: "由县维护" };
    const { id } = answered(await province.first.proposeRoomMove(move));
    refused(await province.first.decideDirectoryChange({ id, decision: "approve", reason: "同意" }), "own-request");
    answered(await province.second.decideDirectoryChange({ id, decision: "approve", reason: "同意" }));
    await settle();
    for (const node of all()) assert.equal(node.nodes.view()?.hostOf("population", "990101"), "qingyuan");
    assert.deepEqual(county.nodes.routes.hostOf("population", undefined), { kind: "here" });
    const [change] = answered(await province.first.listDirectoryChanges({})).items;
    assert.equal(change?.status, "published");
  });

  test("a renumbered division leads to the new one", async () => {
    const { id } = answered(
      await province.first.proposeDivisionChange({ from: "990109", to: "990101", since: "2026-12-01", reason: "撤并" }),
    );
    answered(await province.second.decideDirectoryChange({ id, decision: "approve", reason: "同意" }));
    await settle();
    for (const node of all())
      assert.equal(node.nodes.view()?.hostOf("quality", "990109"), undefined, "not before its day");
    // It begins with that day in Asia/Shanghai, with no more said by anybody.
    const before = centre.kernel.now();
    for (const node of all()) node.setNow("2026-11-30T15:59:59.000Z");
    await settle();
    for (const node of all()) assert.equal(node.nodes.view()?.division("990109"), "990109");
    for (const node of all()) node.setNow("2026-11-30T16:00:00.000Z");
    await settle();
    for (const node of all()) assert.equal(node.nodes.view()?.hostOf("quality", "990109"), "qingyuan");
    answered(await county.first.createDivision({ code: "990101", name: "清源县" }));
    const found = answered(await county.first.findDivision({ code: "990109" }));
    assert.deepEqual([found.code, found.name, found.renumberedFrom], ["990101", "清源县", "990109"]);
    refused(await county.first.findDivision({ code: "990108" }), "not-found");
    assert.equal(answered(await county.first.findDivision({ code: "990101" })).renumberedFrom, undefined);
    for (const node of all()) node.setNow(before);
    const circle = answered(
      await province.first.proposeDivisionChange({ from: "990101", to: "990109", since: "2026-12-01", reason: "误" }),
    );
    const said = await province.second.decideDirectoryChange({ id: circle.id, decision: "approve", reason: "同意" });
    refused(said, "contradiction");
    // What would contradict itself on a later day is refused now: two rooms of one kind for one division from that day on.
    const far = { room: "quality", division: "990102", node: "shangyuan", reason: "由省维护" };
    const { id: moving } = answered(await province.first.proposeRoomMove(far));
    answered(await province.second.decideDirectoryChange({ id: moving, decision: "approve", reason: "同意" }));
    const clash = answered(
      await province.first.proposeDivisionChange({ from: "990102", to: "990101", since: "2027-01-01", reason: "撤并" }),
    );
    refused(
      await province.second.decideDirectoryChange({ id: clash.id, decision: "approve", reason: "同意" }),
      "contradiction",
    );
    refused(
      await province.first.proposeDivisionChange({ from: "110000", to: "990101", since: "2026-12-01", reason: "误" }),
      "not-ours",
    );
  });

  test("a node's authorities are published with its part, and a merged one leads on", async () => {
    const authority = (code: string) => ({
      ...{ code, division: "990101", kind: "other" as const, address: "样本", phone: "0999" },
      ...{
        name: { zh: code, en: code },
        reconsideration: { zh: "样本", en: "Sample" },
        court: { zh: "样本", en: "Sample" },
      },
    });
    const { id: old } = answered(await county.first.createAuthority(authority("OLD-1")));
    const { id: young } = answered(await county.first.createAuthority(authority("NEW-1")));
    await settle();
    assert.equal(centre.nodes.view()?.authority(old)?.code, "OLD-1");
    const { id } = answered(
      await county.first.proposeAuthorityMerger({ authority: "OLD-1", into: "NEW-1", reason: "机构改革" }),
    );
    answered(await county.second.decideDirectoryChange({ id, decision: "approve", reason: "同意" }));
    await settle();
    assert.equal(centre.nodes.view()?.authority(old)?.id, young);
    assert.equal(centre.nodes.view()?.authorityOfCode("OLD-1")?.code, "NEW-1");
    for (const one of [old, young]) assert.deepEqual([...county.nodes.oneWith(one)].sort(), [old, young].sort());
    assert.deepEqual(county.nodes.oneWith("else"), ["else"]);
    assert.equal(answered(await county.first.findAuthority({ code: "OLD-1" })).mergedInto, young);
    assert.equal(answered(await county.first.findAuthority({ id: young })).mergedInto, undefined);
    const { items } = answered(await county.first.listAuthorities({}));
    assert.equal(items.find(({ id: one }) => one === old)?.mergedInto, young);
  });
});

describe("what is published", () => {
  test("is read by whoever asks, and not read anew when it is the same", async () => {
    const heads = await fetch(`${county.site}/directory/heads`);
    const { parts } = (await heads.json()) as { parts: { division: string; version: number }[] };
    assert.deepEqual(
      parts.map(({ division }) => division),
      ["000000", "990000", "990101"],
    );
    const tag = heads.headers.get("etag") ?? "";
    assert.equal((await fetch(heads.url, { headers: { "if-none-match": tag } })).status, 304);
    const [, part] = parts;
    const edition = await fetch(`${centre.site}/directory/parts/${part?.division}/${part?.version}`);
    assert.match(edition.headers.get("cache-control") ?? "", /immutable/);
    for (const path of ["parts/990000/0", "parts/x/1", "parts/990000/999999", "notes/99/1"]) {
      assert.equal((await fetch(`${centre.site}/directory/${path}`)).status, 404, path);
    }
  });
});

describe("without those above", () => {
  test("a node works from what it keeps, is told before the end, and then calls nobody", async () => {
    const now = county.kernel.now();
    const later = (days: number) =>
      Temporal.Instant.from(now)
        .add({ hours: days * 24 })
        .toString();
    county.setNow(later(27));
    await county.nodes.stop();
    const { membership } = county.nodes;
    assert.ok(membership);
    county.incidents.length = 0;
    // Nobody answers: the others stand at an address that is not there.
    const restore = globalThis.fetch;
    globalThis.fetch = () => Promise.reject(new Error("no route"));
    try {
      await county.nodes.round();
      assert.deepEqual(county.nodes.routes.hostOf("identity", undefined), { kind: "node", node: "centre" });
      assert.ok(county.incidents.some((one) => JSON.stringify(one).includes("到期")));
      county.setNow(later(31));
      assert.deepEqual(county.nodes.routes.hostOf("identity", undefined), { kind: "nowhere" });
      assert.deepEqual(county.nodes.routes.hostOf("quality", undefined), { kind: "here" });
      assert.equal(county.nodes.view(), undefined);
      await county.nodes.round();
      assert.equal(county.nodes.refusal?.fault, "expired");
      assert.deepEqual(county.nodes.routes.hostOf("quality", undefined), { kind: "here" });
      assert.deepEqual(county.nodes.routes.hostOf("identity", undefined), { kind: "nowhere" });
      const listed = answered(await county.first.listNodes({}));
      assert.match(listed.problem?.zh ?? "", /有效期/);
      assert.equal(listed.nodes.length, 3);
    } finally {
      globalThis.fetch = restore;
      county.setNow(now);
      await county.nodes.round();
    }
  });
});

describe("a certificate", () => {
  test("is replaced before it ends, by the node above; the centre's by itself; the one before counts an hour more", async () => {
    const before = all().map((node) => node.nodes.membership?.chain);
    const fingerprint = centre.nodes.view()?.node("qingyuan")?.certificates[0] ?? "";
    const later = Temporal.Instant.from(county.kernel.now())
      .add({ hours: 24 * 355 })
      .toString();
    for (const node of all()) node.setNow(later);
    // All parts have ended: from the centre down each is published anew.
    for (let round = 0; round < 3; round++) await settle();
    for (const [at, node] of all().entries()) assert.notEqual(node.nodes.membership?.chain, before[at]);
    const listed = centre.nodes.view()?.node("qingyuan")?.certificates ?? [];
    assert.equal(listed.length, 2);
    assert.equal(listed[1], fingerprint);
    assert.equal(centre.nodes.view()?.nodeOfCertificate(fingerprint)?.code, "qingyuan");
    assert.equal(centre.nodes.view()?.node("centre")?.certificates.length, 2);
    for (const node of all()) {
      node.setNow(Temporal.Instant.from(later).add({ minutes: 61 }).toString());
      await node.nodes.round();
      assert.equal(node.nodes.view()?.nodeOfCertificate(fingerprint), undefined);
      assert.equal(node.nodes.view()?.nodeOfEnded(fingerprint)?.code, "qingyuan");
    }
  });

  test("is struck by two officials: every node follows, and its holder gets another with another key by itself", async () => {
    const old = centre.nodes.view()?.node("qingyuan")?.certificates[0] ?? "";
    const { privateKey } = await county.place.keys.tlsKey();
    const wanted = { node: "qingyuan", certificate: old, reason: "私钥可能泄露" };
    refused(await centre.first.proposeCertificateStrike(wanted), "not-listed-here");
    refused(
      await province.first.proposeCertificateStrike({ ...wanted, certificate: "0".repeat(64) }),
      "no-certificate",
    );
    const { id } = answered(await province.first.proposeCertificateStrike(wanted));
    refused(await province.first.decideDirectoryChange({ id, decision: "approve", reason: "同意" }), "own-request");
    answered(await province.second.decideDirectoryChange({ id, decision: "approve", reason: "同意" }));
    await province.nodes.round();
    assert.equal(province.nodes.view()?.node("qingyuan")?.certificates.includes(old), false);
    await settle();
    for (const node of all()) {
      assert.equal(node.nodes.view()?.nodeOfCertificate(old), undefined);
      assert.equal(node.nodes.view()?.nodeOfEnded(old)?.code, "qingyuan");
    }
    const [fresh] = centre.nodes.view()?.node("qingyuan")?.certificates ?? [];
    assert.ok(fresh !== undefined && fresh !== old);
    const chain = county.nodes.membership?.chain;
    assert.notEqual((await county.place.keys.tlsKey(chain)).privateKey, privateKey);
    const listed = answered(await province.first.listNodes({})).nodes.find(({ code }) => code === "qingyuan");
    assert.deepEqual(
      listed?.certificates?.map(({ fingerprint }) => fingerprint),
      [fresh],
    );
    assert.equal(listed?.isOurs, true);
  });
});

describe("a key that two officials of a node call compromised", () => {
  test("of its connections: its certificate ends at once on every node, and another has another key", async () => {
    const [old = ""] = centre.nodes.view()?.node("qingyuan")?.certificates ?? [];
    const chain = county.nodes.membership?.chain ?? "";
    const { serial } = readX509(readPem(chain)[0]?.der ?? new Uint8Array());
    const { privateKey } = await county.place.keys.tlsKey(chain);
    const lost = await county.loses("connection");
    await settle();
    for (const node of all()) {
      assert.equal(node.nodes.view()?.nodeOfCertificate(old), undefined);
      assert.equal(node.nodes.view()?.nodeOfEnded(old)?.code, "qingyuan");
    }
    const certificates = centre.nodes.view()?.node("qingyuan")?.certificates ?? [];
    assert.ok(certificates.length === 1 && certificates[0] !== old);
    assert.notEqual((await county.place.keys.tlsKey(county.nodes.membership?.chain)).privateKey, privateKey);
    const { status, reason } = answered(await province.own.findCertificate({ serial, fingerprint: old }));
    assert.deepEqual([status, reason], ["revoked", "key-compromise"]);
    assert.equal(await county.stateOf(lost), "destroyed", "the key is not there any more");
    await settle();
    assert.deepEqual(centre.nodes.view()?.node("qingyuan")?.certificates, certificates, "once");
  });

  test("of its messages: the directory lists another in its place, which its node proved to have", async () => {
    for (const [node, code] of [
      [county, "qingyuan"],
      [centre, "centre"],
    ] as const) {
      const { id } = await node.place.keys.messageSigner();
      const lost = await node.loses("message");
      await settle();
      const signer = await node.place.keys.messageSigner();
      assert.notEqual(signer.id, id);
      for (const each of all()) {
        const listed = each.nodes.view()?.node(code)?.signingKeys ?? [];
        assert.deepEqual(
          listed.map((key) => key.id),
          [signer.id],
        );
      }
      assert.equal(await node.stateOf(lost), "compromised", "it stays on the record as what it is");
    }
  });

  test("a key for messages that a node does not prove to have is not listed", async () => {
    const signer = await county.place.keys.messageSigner();
    const at = Temporal.Instant.from(county.kernel.now()).round("second").toString();
    const signingKey = { id: "another", suite: signer.suite, publicKey: toBase64(signer.publicKey) };
    const proof = joiningProof(await signer.sign(utf8(messageKeyText({ node: "centre", at }))));
    const text = noticeText({ node: "qingyuan", what: "message", signingKey, proof, at });
    const note = `${text}\n${await (await county.place.keys.noteSigner("qingyuan")).sign(text)}`;
    refused((await province.nodes.noticed(note)) as never, "notice-wrong");
    assert.equal(province.nodes.view()?.node("qingyuan")?.signingKeys[0]?.id, signer.id);
  });
});

describe("a node that moves house", () => {
  test("gets other addresses by two officials; those below ask it there", async () => {
    const { site } = province;
    const wanted = { node: "shangyuan", exchange: "https://127.0.0.1:9777", reason: "机房迁移" };
    refused(await province.first.proposeAddressChange(wanted), "not-listed-here");
    refused(await centre.first.proposeAddressChange({ node: "shangyuan", reason: "x" }), "address-wrong");
    refused(
      await centre.first.proposeAddressChange({ node: "shangyuan", exchange: "http://x/y", reason: "x" }),
      "address-wrong",
    );
    const { id } = answered(await centre.first.proposeAddressChange(wanted));
    answered(await centre.second.decideDirectoryChange({ id, decision: "approve", reason: "同意" }));
    await settle();
    for (const node of all()) {
      assert.equal(node.nodes.view()?.node("shangyuan")?.exchange, "https://127.0.0.1:9777");
      assert.equal(node.nodes.view()?.node("shangyuan")?.site, site);
    }
  });
});

describe("leaving", () => {
  test("a node asks, an official lets it go, and its code stays known", async () => {
    await askToLeave(county.place);
    await settle();
    assert.equal(centre.nodes.view()?.node("qingyuan")?.state, "leaving");
    assert.equal(centre.nodes.view()?.hostOf("quality", "990101"), "qingyuan");
    const waiting = answered(await province.first.listDirectoryChanges({})).items.find(
      ({ what, status }) => what === "let-node-leave" && status === "proposed",
    );
    assert.ok(waiting);
    answered(await province.second.decideDirectoryChange({ id: waiting.id, decision: "approve", reason: "同意" }));
    await centre.nodes.round();
    await province.nodes.round();
    await centre.nodes.round();
    assert.equal(centre.nodes.view()?.node("qingyuan")?.state, "left");
    assert.equal(centre.nodes.view()?.hostOf("quality", "990101"), undefined);
    assert.equal(centre.nodes.view()?.hostOf("population", "990101"), "shangyuan");
  });
});
