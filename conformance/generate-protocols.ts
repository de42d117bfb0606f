/**
 * Writes vectors/directory.json, vectors/events.json and vectors/data-sets.json: what nodes say to each other, and the same with one thing wrong
 * each. Keys are those of `lib/directory/testing.ts`, so that all but what is encrypted comes out the same: `node conformance/generate-protocols.ts`.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sealParcel } from "../src/infrastructure/datasets/parcel.ts";
import { parcelMessage } from "../src/infrastructure/events/between-nodes.ts";
import { type Parcel, transitId } from "../src/infrastructure/events/transit.ts";
import { toBase64 } from "../src/lib/crypto/base64url.ts";
import { utf8 } from "../src/lib/crypto/bytes.ts";
import { hmacSha256 } from "../src/lib/crypto/digest.ts";
import { international } from "../src/lib/crypto/international.ts";
import { ed25519FromSeed, publicKeyOf, spkiOf } from "../src/lib/crypto/keys.ts";
import { RECIPIENT_SEED_BYTES, recipientKeyOf } from "../src/lib/crypto/recipient.ts";
import type { PartDocument, SignedPart } from "../src/lib/directory/entries.ts";
import { joiningProof, joiningText, noticeText } from "../src/lib/directory/joining.ts";
import { authorityOf, documentOf, editionOf, NOW, nodeOf, signerOf, UNTIL, verifierKeyOf } from "../src/lib/directory/testing.ts";
import { signNote } from "../src/lib/merkle/note.ts";
import { placeOf } from "../src/lib/reconciliation/range.ts";
import { summaryOf } from "../src/lib/reconciliation/summary.ts";

async function write(name: string, content: object): Promise<void> {
  await writeFile(join(import.meta.dirname, `vectors/${name}.json`), `${JSON.stringify(content)}\n`);
}

// ── the directory ──────────────────────────────────────────────────────────────────────────────────────────────────

const [centre, province, stranger] = [signerOf("centre"), signerOf("province", 2), signerOf("province", 3)];
const logOf = (name: string, number: number) => ({ logKeys: [verifierKeyOf(signerOf(name, number))] });
const frameSays = {
  nodes: [nodeOf("centre", "000000", logOf("centre/log", 4)), nodeOf("province", "990000", logOf("province/log", 5))],
  hostings: [{ room: "population", division: "990000", node: "province" }],
  delegations: [{ division: "990000", keys: [verifierKeyOf(province)] }],
};
const partSays = {
  nodes: [nodeOf("county", "990101", { above: "province", ...logOf("county/log", 6) })],
  hostings: [{ room: "population", division: "990101", node: "county" }],
  authorities: [authorityOf(1, "990101")],
};
const frameOf = (said: Partial<PartDocument> = {}, before?: SignedPart, signers = [centre]) =>
  editionOf({ document: documentOf("000000", { ...frameSays, ...said }), signers }, before);
const partOf = (said: Partial<PartDocument> = {}, before?: SignedPart, signers = [province]) =>
  editionOf({ document: documentOf("990000", { ...partSays, ...said }), signers }, before);
const [frame, part] = [frameOf(), partOf()];
const next = partOf({ authorities: [authorityOf(1, "990101", { state: "abolished" })] }, part);
const third = partOf({}, next);
const thief = nodeOf("thief", "990102", { above: "province", ...logOf("county/log", 7) });
const known = [frame, part];
const changed = { ...part, document: part.document.replace("990101", "990102") };

const directories = [
  { why: "the centre's frame and a province's part", expect: "open", parts: [part, frame] },
  { why: "the next edition of the part", expect: "open", known, parts: [frame, next] },
  { why: "a part of a stranger", expect: "unsigned", parts: [frame, partOf({}, undefined, [stranger])] },
  { why: "a document that its head does not name", expect: "malformed", parts: [frame, changed] },
  { why: "the edition before the one that is known", expect: "rolled-back", known: [frame, next], parts: [frame, part] },
  { why: "another second edition than the one that is known", expect: "forked", known: [frame, next], parts: [frame, partOf({ hostings: [] }, part)] },
  { why: "a third edition without the second", expect: "broken-chain", known, parts: [frame, third] },
  { why: "a third edition with the second one's note", expect: "forgotten", known: [frame, next], parts: [frame, third] },
  { why: "a part that speaks of another province", expect: "outside", parts: [frame, partOf({ hostings: [{ room: "quality", division: "980101", node: "county" }] })] },
  { why: "two nodes of one code", expect: "duplicate", parts: [frame, partOf({ nodes: [nodeOf("centre", "990101", { above: "province" })], hostings: [] })] },
  { why: "a node that claims the log of another", expect: "duplicate", known, parts: [frame, partOf({ nodes: [...partSays.nodes, thief] }, part)] },
  { why: "a node that is left out", expect: "forgotten", known, parts: [frame, partOf({ nodes: [], hostings: [] }, part)] },
  { why: "a room at a node that nobody knows", expect: "dangling", parts: [frame, partOf({ hostings: [{ room: "quality", division: "990101", node: "nobody" }] })] },
  { why: "a frame that has ended", expect: "expired", parts: known, now: UNTIL },
].map((one) => ({ now: NOW, ...one }));

const own = ed25519FromSeed(new Uint8Array(32).fill(8));
const county = signerOf("county", 9);
if (county.key.algorithm !== "EdDSA") throw new TypeError("Ed25519");
const noteKey = county.key;
const text = joiningText({
  entry: nodeOf("county", "990101", {
    ...{ above: "province", ...logOf("county/log", 6) },
    signingKeys: [{ id: "county/1", suite: "international", publicKey: toBase64(spkiOf(publicKeyOf(own))) }],
  }),
  certificateRequest: "-----BEGIN CERTIFICATE REQUEST-----",
  ...{ partKeys: [verifierKeyOf(county)], anchor: [verifierKeyOf(centre)], rooms: ["population"], at: "2026-11-15T00:00:00Z" },
});
const note = signNote(text, "county", noteKey);
const proof = joiningProof(international.sign({ key: own, message: utf8(text) }));
const proofs = [{ key: "county/1", signature: proof }];
const joinings = [
  { why: "signed, with a proof of its key for messages", expect: "valid", note, proofs },
  { why: "without that proof", expect: "invalid", note, proofs: [] },
  { why: "for another division", expect: "invalid", note: note.replaceAll("990101", "990102"), proofs },
  { why: "signed with another key", expect: "invalid", note: signNote(text, "county", own), proofs },
];
const leave = noticeText({ node: "county", what: "leave", at: "2026-11-15T00:00:00Z" });
const notices = [
  { why: "by the node", expect: "valid", note: signNote(leave, "county", noteKey), keys: [verifierKeyOf(county)] },
  { why: "by another node of its division", expect: "invalid", note: signNote(leave, "county", noteKey), keys: [verifierKeyOf(signerOf("county-2", 9))] },
  { why: "of another node, with the same signature", expect: "invalid", note: signNote(leave, "county", noteKey).replace("leave", "renew"), keys: [verifierKeyOf(county)] },
];
await write("directory", { anchor: [verifierKeyOf(centre)], self: "county", directories, joinings, notices });

// ── events ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const parcel: Parcel = {
  ...{ origin: "county", id: "0197c7a0-0000-7000-8000-000000000001", room: "ZT/GOV/990101/licences", type: "granted" },
  ...{ key: "清源小吃店", publisher: "ZT/GOV/990101/quality", at: "2026-11-15T00:00:00.000Z" },
  event: { number: "样本-1", notes: ["首次", null, 1.5], more: { b: 1, a: "引号\"与\\反斜线" } },
};
const signed = (one: Parcel, destination = "centre") => ({
  ...one,
  proof: { keyId: "county/1", signature: toBase64(international.sign({ key: own, message: parcelMessage(destination, one) })) },
});
const sound = signed(parcel);
const { key: _, ...keyless } = parcel;
const parcels = [
  { why: "signed by its node of origin for this destination", expect: "valid", destination: "centre", parcel: sound },
  { why: "without a key of order", expect: "valid", destination: "centre", parcel: signed(keyless) },
  { why: "that stands in a trace, which is not signed", expect: "valid", destination: "centre", parcel: { ...sound, trace: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` } },
  { why: "for another destination", expect: "invalid", destination: "city", parcel: sound },
  { why: "with another event", expect: "invalid", destination: "centre", parcel: { ...sound, event: { number: "样本-2" } } },
  { why: "with a key that was added", expect: "invalid", destination: "centre", parcel: { ...signed(keyless), key: "x" } },
  { why: "for another room", expect: "invalid", destination: "centre", parcel: { ...sound, room: "ZT/GOV/990102/licences" } },
];
const secret = new Uint8Array(32).fill(10);
const body = JSON.stringify({ specversion: "1.0", id: parcel.id, source: "/r1/ZT/GOV/990101/licences", type: "granted", data: parcel.event });
const timestamp = "1763164800";
const webhook = (of: string) => `v1,${toBase64(hmacSha256(secret, utf8(`${parcel.id}.${timestamp}.${of}`)))}`;
await write("events", {
  key: { id: "county/1", spki: toBase64(spkiOf(publicKeyOf(own))) },
  parcels,
  transit: [
    { destination: "centre", id: parcel.id, transitId: transitId("centre", parcel) },
    { destination: "city", id: parcel.id, transitId: transitId("city", parcel) },
  ],
  pushes: [
    { why: "as it was signed", expect: "valid", secret: `whsec_${toBase64(secret)}`, id: parcel.id, timestamp, body, signature: webhook(body) },
    { why: "with a blank in the body", expect: "invalid", secret: `whsec_${toBase64(secret)}`, id: parcel.id, timestamp, body: `${body} `, signature: webhook(body) },
  ],
});

// ── data sets ──────────────────────────────────────────────────────────────────────────────────────────────────────

const keys = Array.from({ length: 8 }, (_each, at) => `0197c7a0-0000-7000-8000-00000000000${at}`);
const items = keys.map((key, at) => ({ key, digest: BigInt(`0x${(at + 1).toString(16).repeat(32)}`) }));
const hexOf = (digest: bigint) => digest.toString(16).padStart(32, "0");
const summary = (of: typeof items) => {
  const { entries, fingerprint } = summaryOf(of);
  return { items: of.map(({ key, digest }) => ({ key, digest: hexOf(digest) })), entries, fingerprint: hexOf(fingerprint) };
};
const binding = { register: "population.resident", epoch: "0197c7a0-0000-7000-8000-0000000000aa", receiver: "province" };
const citations = [{ law: { zh: "户口登记条例", en: "Household Registration Regulations" }, article: "第三条" }];
const version = {
  ...{ key: keys[0] ?? "", validFrom: 1_767_225_600_000_000, validTo: undefined, recordedFrom: 1_767_225_600_000_001 },
  ...{ authority: "清源县公安局", legalBasis: "ab".repeat(16), actId: "act", division: "990101", digest: Buffer.alloc(16, 7) },
  value: { name: "样本", note: "迁入" },
};
const parcelFor = (suite: "international" | "national") => {
  const seed = new Uint8Array(RECIPIENT_SEED_BYTES).fill(11);
  const recipient = recipientKeyOf({ suite, seed });
  const { parcel: written } = sealParcel([version], new Map([[version.legalBasis, citations]]), { recipient, binding });
  return { suite, seed: seed.toHex(), parcel: written };
};
const [one, other] = [parcelFor("international"), parcelFor("national")];
const bytes = Buffer.from(one.parcel, "base64");
bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
const content = { key: version.key, value: version.value, division: version.division, citations };
await write("data-sets", {
  places: keys.map((key) => ({ key, place: placeOf(key) })),
  summaries: [summary([]), summary(items), summary(items.slice(2, 5))],
  parcels: [
    { why: "for this receiver, HPKE", expect: "valid", ...one, binding, content },
    { why: "for this receiver, SM2", expect: "valid", ...other, binding, content },
    { why: "a bit changed", expect: "invalid", ...one, parcel: bytes.toString("base64"), binding },
    { why: "read as for another node", expect: "invalid", ...one, binding: { ...binding, receiver: "city" } },
    { why: "read as of another data set", expect: "invalid", ...one, binding: { ...binding, register: "population.death" } },
    { why: "read as of another epoch", expect: "invalid", ...other, binding: { ...binding, epoch: keys[1] } },
  ],
});
