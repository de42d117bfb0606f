/** Founding a directory, joining one and leaving it, as functions: the command line and the demonstration of a country use them. */
import { directory } from "#infrastructure/directory";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import type { Database } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import { frontOf } from "#kernel/http/pages";
import type { NodeKeys } from "#kernel/ports";
import type { Kernel } from "#kernel/system/kernel";
import { toBase64 } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import type { NodeEntry } from "#lib/directory/entries";
import {
  certificateHostOf,
  joiningProof,
  joiningText,
  noticeText,
  readJoining,
  type SignedJoining,
} from "#lib/directory/joining";
import type { Text } from "#lib/language/text";
import { fetchNewer } from "../../infrastructure/directory/network/fetching.ts";
import { provideNodeKeys } from "../../infrastructure/directory/network/node-keys.ts";
import { Peer } from "../../infrastructure/directory/network/peer.ts";
import { readHeads, readMembership } from "../../infrastructure/directory/network/rows.ts";
import { letterKey, letterSecret } from "../../infrastructure/exchange/proofs.ts";
import { nodeActOf } from "../node-act.ts";

/** How often a node that waits asks whether it was admitted. */
export const ASK_INTERVAL_MS = 2_000;

/** A node's rooms, keys and log, as far as belonging to a directory needs them. */
export interface MembershipPlace {
  readonly kernel: Kernel;
  readonly database: Database;
  readonly keys: NodeKeys;
}

/** What its operator says of a node. */
export interface NodeDescription {
  readonly code: string;
  readonly name: Text;
  readonly zone: NodeEntry["zone"];
  /** Six digits. */
  readonly division: string;
  readonly exchange?: string | undefined;
  readonly site?: string | undefined;
  /** Rooms that it keeps for its division. */
  readonly rooms: readonly string[];
}

/** Issues the certificate of a node's connections. */
export type Issue = (asked: {
  readonly request: string;
  readonly host: string;
  readonly holder: string;
  readonly idempotencyKey: string;
}) => Promise<{ readonly chain: string } | Refusal>;

/**
 * Makes a directory, of which this node is the centre.
 * @throws {Fault} ERR_DIRECTORY_DECLINED
 */
export async function foundDirectory(
  place: MembershipPlace,
  description: Omit<NodeDescription, "division">,
  issue: Issue,
): Promise<void> {
  const entry = await entryOf(place, { ...description, division: "000000" });
  provideNodeKeys(entry.code, place.keys);
  const host = certificateHostOf(entry);
  const request = await (await place.keys.tlsKey()).request(host);
  const idempotencyKey = `founding ${entry.code}`;
  const { chain } = granted(await issue({ request, host, holder: entry.code, idempotencyKey }));
  granted(await doors(place).foundDirectory({ entry: JSON.stringify(entry), chain, rooms: [...description.rooms] }));
}

export interface SentJoining {
  readonly above: string;
  readonly digest: string;
  /** To be told to the officials of the node above by another way. */
  readonly shortCode: string;
}

/**
 * Sends the request to join, or gives the one that was sent before and is not answered.
 * @throws {Fault} ERR_DIRECTORY_PEER where the node above does not answer; ERR_DIRECTORY_DECLINED where it refuses
 */
export async function sendJoining(
  place: MembershipPlace,
  description: NodeDescription,
  above: string,
): Promise<SentJoining> {
  const known = await readSent(place.database);
  const signed = known?.above === above ? known : await makeJoining(place, description, above);
  const peer = new Peer(above);
  const received = await peer.join({ note: signed.note, proofs: signed.proofs });
  const read = readJoining(signed.note);
  if (received === undefined || read === undefined || received.digest !== read.digest) throw peerFault(peer);
  await keepSent(place, { ...signed, above });
  return { above, digest: read.digest, shortCode: read.shortCode };
}

async function makeJoining(
  place: MembershipPlace,
  description: NodeDescription,
  above: string,
): Promise<SignedJoining> {
  const { keys, kernel } = place;
  const peer = new Peer(above);
  const told = await peer.anchor();
  if (told === undefined) throw peerFault(peer);
  const entry = await entryOf(place, { ...description, above: told.node });
  const [notes, messages, tls] = [await keys.noteSigner(entry.code), await keys.messageSigner(), await keys.tlsKey()];
  const text = joiningText({
    entry,
    certificateRequest: await tls.request(certificateHostOf(entry)),
    partKeys: [notes.verifierKey, ...(notes.furtherKeys ?? [])],
    anchor: told.keys,
    rooms: [...description.rooms],
    at: instantOf(kernel.now()),
  });
  const proof = { key: messages.id, signature: joiningProof(await messages.sign(utf8(text))) };
  return { note: `${text}\n${await notes.sign(text)}`, proofs: [proof] };
}

/**
 * Asks until the request is decided; then takes the certificate and the directory.
 * @returns false where the request was refused; `reason` says why
 * @throws {Fault} ERR_DIRECTORY_REFUSED where the directory does not say of this node what it asked for
 */
export async function awaitAdmission(
  place: MembershipPlace,
  sent: SentJoining,
  options: { readonly signal: AbortSignal; readonly intervalMs?: number },
): Promise<{ readonly admitted: true } | { readonly admitted: false; readonly reason: string }> {
  const peer = new Peer(sent.above);
  for (;;) {
    const answer = await peer.joining(sent.digest);
    if (answer?.status === "refused") {
      await place.database.query("DELETE FROM directory.sent_joining");
      return { admitted: false, reason: answer.decision ?? "" };
    }
    if (answer?.status === "admitted" && answer.chain !== undefined) {
      await enter(place, sent, answer.chain);
      return { admitted: true };
    }
    await sleep(options.intervalMs ?? ASK_INTERVAL_MS, options.signal);
  }
}

async function enter(place: MembershipPlace, { above, digest }: SentJoining, chain: string): Promise<void> {
  const { database } = place;
  const sent = await readSent(database);
  const read = sent === undefined ? undefined : readJoining(sent.note);
  if (read?.digest !== digest) throw new Fault("ERR_DIRECTORY_REFUSED", { message: "no such request was sent" });
  const { entry, anchor } = read.request;
  provideNodeKeys(entry.code, place.keys);
  if ((await readMembership(database)) === undefined) {
    granted(await doors(place).enterDirectory({ above, anchor: [...anchor], chain, entry: JSON.stringify(entry) }));
  }
  await fetchFrom(place, above);
}

/** Takes what the node above has. @throws {Fault} ERR_DIRECTORY_PEER; ERR_DIRECTORY_REFUSED */
export async function fetchFrom(place: MembershipPlace, site: string): Promise<void> {
  const peer = new Peer(site);
  const newer = await fetchNewer(peer, await readHeads(place.database));
  if (newer === undefined) throw peerFault(peer);
  if (newer.length === 0) return;
  const parts = newer.map(({ note, document, between }) => ({
    ...{ note, document },
    ...(between && { between: [...between] }),
  }));
  granted(await doors(place).takeParts({ parts }));
}

/** Tells the node above that this one leaves. @throws {Fault} ERR_DIRECTORY_PEER */
export async function askToLeave(place: MembershipPlace): Promise<void> {
  const membership = await readMembership(place.database);
  if (membership?.above == null) {
    throw new Fault("ERR_DIRECTORY_DECLINED", { message: "this node is no member, or the centre" });
  }
  const text = noticeText({ node: membership.node, what: "leave", at: instantOf(place.kernel.now()) });
  const signer = await place.keys.noteSigner(membership.node);
  const peer = new Peer(membership.above);
  if ((await peer.notify(`${text}\n${await signer.sign(text)}`)) === undefined) throw peerFault(peer);
}

async function entryOf(
  { keys, kernel }: MembershipPlace,
  { code, name, zone, division, exchange, site, above }: Omit<NodeDescription, "rooms"> & { readonly above?: string },
): Promise<NodeEntry> {
  const { id, suite, publicKey } = await keys.messageSigner();
  const isOnWire = zone !== "intranet";
  return {
    ...{ code, name, zone, division, state: "active", certificates: [] },
    sealingKeys: [letterKey(letterSecret(kernel.vault, suite))],
    ...(above !== undefined && { above }),
    ...(isOnWire && exchange !== undefined && { exchange }),
    ...(isOnWire && site !== undefined && { site }),
    signingKeys: [{ id, suite, publicKey: toBase64(publicKey) }],
    logKeys: [...(await kernel.ledger.keysOfToday()).verifierKeys],
  };
}

interface KeptJoining extends SignedJoining {
  readonly above: string;
}

async function readSent(database: Database): Promise<KeptJoining | undefined> {
  const [row] = await database.query<KeptJoining>("SELECT above, note, proofs FROM directory.sent_joining");
  return row;
}

async function keepSent({ database, kernel }: MembershipPlace, { above, note, proofs }: KeptJoining): Promise<void> {
  await database.query(
    `INSERT INTO directory.sent_joining (above, note, proofs, sent_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (one_row) DO UPDATE SET above = excluded.above, note = excluded.note, proofs = excluded.proofs`,
    [above, note, JSON.stringify(proofs), kernel.now()],
  );
}

function doors({ kernel }: MembershipPlace) {
  return frontOf(kernel, directory, () => nodeActOf(kernel, directory.id));
}

function granted<T>(outcome: T | Refusal): T {
  if (isRefusal(outcome))
    throw new Fault("ERR_DIRECTORY_DECLINED", { message: `${outcome.text.zh} ${outcome.text.en}` });
  return outcome;
}

function peerFault({ site, refusal }: Peer): Fault {
  if (refusal === undefined) return new Fault("ERR_DIRECTORY_PEER", { message: site });
  return new Fault("ERR_DIRECTORY_DECLINED", { message: `${refusal.zh} ${refusal.en}` });
}

/** In seconds, as notes have them. */
function instantOf(now: string): string {
  return Temporal.Instant.from(now).round("second").toString();
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, ms);
    signal.addEventListener("abort", end, { once: true });
  });
}

/** The digest by which people compare a key: the first 16 bytes of its SHA-256. */
export function keyFingerprint(line: string): string {
  return sha256Hex(line).slice(0, 32);
}
