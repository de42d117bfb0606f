/**
 * The directory as this process uses it: one frozen view, kept up to date. It is read from the database, where it was kept; what
 * is newer is fetched from the nodes above and below and, where they are away, from any other. Without the centre a node works
 * from what it has until that ends; then it calls nobody and keeps answering for its own rooms.
 */
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import type { Database } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import { successionNotes } from "#kernel/ledger/successions";
import type { CosigningKey, ListedAuthority, ListedNode, NodeKeys, Route, Routes } from "#kernel/ports";
import type { Front } from "#kernel/system/context";
import { witnessGeneration } from "#kernel/witnessing/seen-rows";
import { toBase64 } from "#lib/crypto/base64url";
import { utf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import type { SignedPart } from "#lib/directory/entries";
import {
  certificateHostOf,
  claimedNotice,
  joiningProof,
  messageKeyText,
  type NodeNotice,
  noticeText,
} from "#lib/directory/joining";
import { standInLine } from "#lib/directory/line";
import { type OpenedDirectory, openDirectory } from "#lib/directory/open";
import type { DirectoryRefusal } from "#lib/directory/refusal";
import type { DirectoryView } from "#lib/directory/view";
import { fill, isText, type Text, text } from "#lib/language/text";
import { formatWitnessKey } from "#lib/merkle/cosignature";
import type { directory } from "../contract.ts";
import { certificateEnd, fingerprintOfChain, keyOfChain } from "./certificate.ts";
import { fetchNewer } from "./fetching.ts";
import { mergedWith } from "./mergers.ts";
import { provideNodeKeys } from "./node-keys.ts";
import { Peer } from "./peer.ts";
import { standingView } from "./propose.ts";
import { knownOf, type Membership, readHeads, readMembership, readParts, replaceAbove, replaceChain } from "./rows.ts";

/** How often others are asked for what is new, and approved requests are completed. */
export const ROUND_INTERVAL_MS = 10_000;
/** From when on an operator is told that the directory ends. */
export const WARN_DAYS = 7;
const DAY_MS = 86_400_000;
/** A certificate that ends sooner is replaced. */
const RENEW_CERTIFICATE_DAYS = 14;
/** A node above that does not list this node's key is told again so much later. */
const TELL_AGAIN_MS = 3_600_000;
/** How many others are asked beside those above and below. */
const FALLBACK_PEERS = 3;

type Room = Front<typeof directory>;

export interface NodeDirectoryOptions {
  readonly database: Database;
  readonly keys: NodeKeys;
  /** The room's operations, asked as the node; of two calls under one key the second gives what the first did. */
  readonly front: (idempotencyKey?: string) => Room;
  /** Issues the certificate of a node's connections (room `trust`). */
  readonly issue: (request: {
    readonly request: string;
    readonly host: string;
    readonly holder: string;
    readonly idempotencyKey: string;
  }) => Promise<{ readonly chain: string } | Refusal>;
  /** Has certificates of a node's connections count no more whose key is in other hands (room `trust`). @param fingerprints SHA-256 of their DER */
  readonly revoke: (fingerprints: readonly string[]) => Promise<void>;
  /** Rooms that each node keeps for itself. */
  readonly ownRooms: ReadonlySet<string>;
  readonly now: () => string;
  /** An operator must look: the directory ends soon, has ended, is not to be believed, nobody answers. */
  readonly onIncident?: (incident: Text | Fault) => void;
}

type State =
  | { readonly kind: "none" }
  | { readonly kind: "open"; readonly opened: OpenedDirectory; readonly membership: Membership }
  /** `last`: what it said before: for this node's own rooms alone. */
  | {
      readonly kind: "refused";
      readonly refusal: DirectoryRefusal;
      readonly membership: Membership;
      readonly last: DirectoryView | undefined;
    };

export class NodeDirectory {
  readonly #options: NodeDirectoryOptions;
  readonly #listeners = new Set<() => void>();
  readonly #told = new Set<string>();
  #state: State = { kind: "none" };
  #seen = "";
  readonly #tellAgainMs = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  /** The kernel's port: a node of no directory keeps every room. */
  readonly routes: Routes;

  constructor(options: NodeDirectoryOptions) {
    this.#options = options;
    const self = () => this.membership?.node ?? "";
    this.routes = {
      get self() {
        return self();
      },
      hostOf: (room, division) => this.#routeOf(room, division),
      standsInLine: (node) => {
        const view = this.view();
        return view !== undefined && standInLine((code) => view.node(code), self(), node);
      },
      others: () => othersOf(this.view()),
      authorities: () => authoritiesOf(this.view()),
    };
  }

  /** Of which directory this node is one; undefined where it belongs to none. */
  get membership(): Membership | undefined {
    return this.#state.kind === "none" ? undefined : this.#state.membership;
  }

  /** The directory as it is now; undefined where there is none, or none that is to be believed: then nobody is called or heard. */
  view(): DirectoryView | undefined {
    if (this.#state.kind !== "open") return undefined;
    if (Date.parse(this.#state.opened.until) > Date.parse(this.#options.now())) return this.#state.opened.view;
    return undefined;
  }

  /** Authorities that were merged with one, itself among them: also as the directory said before it ended. */
  oneWith(authority: string): readonly string[] {
    const state = this.#state;
    const view = state.kind === "open" ? state.opened.view : state.kind === "refused" ? state.last : undefined;
    return view === undefined ? [authority] : mergedWith(view, authority);
  }

  /** Why the directory is not believed, if it is not. */
  get refusal(): DirectoryRefusal | undefined {
    return this.#state.kind === "refused" ? this.#state.refusal : undefined;
  }

  #routeOf(room: string, division: string | undefined): Route {
    const state = this.#state;
    if (state.kind === "none" || this.#options.ownRooms.has(room)) return { kind: "here" };
    const concerned = division ?? state.membership.division;
    const current = this.view();
    const last = state.kind === "open" ? state.opened.view : state.last;
    const host = (current ?? last)?.hostOf(room, concerned);
    if (host === state.membership.node) return { kind: "here" };
    return host === undefined || current === undefined ? { kind: "nowhere" } : { kind: "node", node: host };
  }

  /** Told when the view changed. Returns how to stop listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads what is kept; nothing is fetched. To be awaited before the first call. */
  async open(): Promise<void> {
    const { database, keys, now } = this.#options;
    const membership = await readMembership(database);
    if (membership === undefined) return;
    provideNodeKeys(membership.node, keys);
    const parts = await readParts(database);
    const seen = parts.map(({ digest }) => digest).join();
    const isOver = this.#state.kind === "open" && this.view() === undefined;
    if (seen === this.#seen && this.#state.kind === "open" && !isOver && !this.#isDated()) return;
    const { node: self, anchor } = membership;
    const known = knownOf(parts);
    const opened = openDirectory(parts, { anchor, self, now: now(), known });
    if (seen !== this.#seen) this.#told.clear();
    this.#seen = seen;
    this.#state =
      opened.kind === "open"
        ? { kind: "open", opened, membership }
        : { kind: "refused", refusal: opened, membership, last: standingView(membership, known, now()) };
    for (const listener of this.#listeners) listener();
  }

  /** Whether a day has come for which something was said before. */
  #isDated(): boolean {
    const state = this.#state;
    if (state.kind !== "open") return false;
    const { changesAtMs } = state.opened.view;
    return changesAtMs !== undefined && changesAtMs <= Date.parse(this.#options.now());
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.soon(), ROUND_INTERVAL_MS);
    void this.soon();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#round;
  }

  /** A round now, or the one that runs. */
  async soon(): Promise<void> {
    this.#round ??= this.round()
      .catch((error: unknown) => this.#tell(error))
      .finally(() => {
        this.#round = undefined;
      });
    await this.#round;
  }

  /** Completes what was approved, publishes what is due, fetches what is new, opens it. */
  async round(): Promise<void> {
    await this.open();
    if (this.#state.kind === "none") return;
    await this.#admitApproved();
    await this.#renewPart();
    await this.open();
    await this.#fetch();
    await this.#renewCertificate();
    await this.#tellCosigningKey();
    await this.#tellMessageKey();
    await this.#tellLogKey();
    await this.open();
    this.#warn();
  }

  /** What another node says of itself: that it leaves, that it needs another certificate. */
  async noticed(note: string): Promise<{ readonly chain?: string } | Refusal> {
    const { front, issue } = this.#options;
    const claimed = claimedNotice(note);
    const idempotencyKey = `notice ${sha256Hex(note)}`;
    if (claimed?.what !== "renew" || claimed.certificateRequest === undefined) {
      const outcome = await front(idempotencyKey).receiveNotice({ note });
      return isRefusal(outcome) ? outcome : {};
    }
    // Who signed is looked at before anything is issued.
    const entry = this.view()?.node(claimed.node);
    const looked = await front().judgeNotice({ note });
    if (isRefusal(looked)) return looked;
    const host = certificateHostOf(entry ?? { code: claimed.node });
    const issued = await issue({ request: claimed.certificateRequest, host, holder: claimed.node, idempotencyKey });
    if (isRefusal(issued)) return issued;
    const outcome = await front(`${idempotencyKey} published`).receiveNotice({ note, chain: issued.chain });
    if (isRefusal(outcome)) return outcome;
    if (claimed.isCompromised) await this.#options.revoke(entry?.certificates ?? []);
    return issued;
  }
  async #admitApproved(): Promise<void> {
    const { front, issue } = this.#options;
    const approved = await front().approvedJoinings({});
    if (isRefusal(approved)) return;
    for (const { id, certificateRequest: request, host, node: holder } of approved.items) {
      const issued = await issue({ request, host, holder, idempotencyKey: `joining ${id} certificate` });
      const outcome = isRefusal(issued) ? issued : await front().admitNode({ id, chain: issued.chain });
      if (isRefusal(outcome))
        this.#tell(new Fault("ERR_DIRECTORY_REFUSED", { message: `${holder}: ${outcome.text.en}` }));
    }
  }

  /** When half of it is over, when this node's authorities are others, and the first time. */
  async #renewPart(): Promise<void> {
    const { front, now } = this.#options;
    const due = await front().renewalDue({});
    if (isRefusal(due) || !due.isDue) return;
    const outcome = await front(`renewal ${due.version} ${now().slice(0, 13)}`).renewPart({});
    if (isRefusal(outcome)) this.#tell(new Fault("ERR_DIRECTORY_REFUSED", { message: outcome.text.en }));
  }

  async #fetch(): Promise<void> {
    const { database, front } = this.#options;
    const answered = new Set<string>();
    for (const site of this.#sites()) {
      const newer = await fetchNewer(new Peer(site), await readHeads(database));
      if (newer !== undefined) answered.add(site);
      if (newer === undefined || newer.length === 0) continue;
      await this.#take(newer, front());
    }
    await this.open();
    await this.#followAbove(answered);
  }

  /** All together; else one by one, so that one part that is not to be believed does not keep out the others. */
  async #take(newer: readonly SignedPart[], front: Room): Promise<void> {
    const inputOf = (parts: readonly SignedPart[]) => ({
      parts: parts.map(({ note, document, between }) => ({
        note,
        document,
        ...(between && { between: [...between] }),
      })),
    });
    const outcome = await front.takeParts(inputOf(newer));
    if (!isRefusal(outcome)) return;
    for (const part of newer) {
      const single = await front.takeParts(inputOf([part]));
      if (isRefusal(single)) this.#tell(new Fault("ERR_DIRECTORY_REFUSED", { message: single.text.en }));
    }
  }

  /** Above and directly below; where none of those above answers, its own above and whoever else is known. */
  #sites(): readonly string[] {
    const state = this.#state;
    if (state.kind === "none") return [];
    const { node: self, above } = state.membership;
    const view = state.kind === "open" ? state.opened.view : state.last;
    const others = (view?.nodes() ?? []).filter(({ code, state }) => code !== self && state !== "left");
    const near = others.filter((one) => one.above === self || view?.node(self)?.above === one.code);
    const rest = others.filter((one) => !near.includes(one)).slice(0, FALLBACK_PEERS);
    const sites = [above ?? undefined, ...near.map(({ site }) => site), ...rest.map(({ site }) => site)];
    return [...new Set(sites.filter((site) => site !== undefined))];
  }

  /** The node above is where the directory says, and no longer where it was: there it is asked from now on. */
  async #followAbove(answered: ReadonlySet<string>): Promise<void> {
    const { membership } = this;
    const view = this.view();
    const site = view?.node(view.node(view.self)?.above ?? "")?.site;
    if (membership?.above == null || site === undefined) return;
    if (answered.has(membership.above) || !answered.has(site)) return;
    await replaceAbove(this.#options.database, site);
    if (this.#state.kind !== "none") this.#state = { ...this.#state, membership: { ...membership, above: site } };
  }

  /** Asks the node above for a certificate before this one ends; the centre gives itself one. */
  async #renewCertificate(): Promise<void> {
    const { database, keys, now } = this.#options;
    const { membership } = this;
    if (membership === undefined) return;
    const endsMs = certificateEnd(membership.chain);
    const nowMs = Date.parse(now());
    const { node } = membership;
    const listed = this.view()?.node(node);
    // Struck: whoever had it may have the key too, so that the next one is of another.
    const isStruck = this.view()?.nodeOfEnded(fingerprintOfChain(membership.chain) ?? "")?.code === node;
    const isCompromised = (await keys.compromised()).has(keyOfChain(membership.chain) ?? "");
    const isDue = endsMs !== undefined && endsMs - nowMs <= RENEW_CERTIFICATE_DAYS * DAY_MS;
    if (!isDue && !isStruck && !isCompromised) return;
    const entry = listed ?? { code: node };
    const key = isStruck || isCompromised ? await keys.nextTlsKey() : await keys.tlsKey(membership.chain);
    const certificateRequest = await key.request(certificateHostOf(entry));
    const answer = await this.#notify({
      ...{ node, what: "renew", certificateRequest },
      ...(isCompromised && { isCompromised }),
    });
    if (answer?.chain === undefined) {
      return this.#tell(new Fault("ERR_DIRECTORY_PEER", { message: membership.above ?? node }));
    }
    await replaceChain(database, answer.chain);
    this.#state =
      this.#state.kind === "none"
        ? this.#state
        : { ...this.#state, membership: { ...membership, chain: answer.chain } };
    for (const listener of this.#listeners) listener();
  }

  /** This node's own key, with which it vouches for the logs of others; undefined where it belongs to no directory. */
  async cosigningKey(): Promise<CosigningKey | undefined> {
    const { database, keys } = this.#options;
    const node = this.membership?.node;
    if (node === undefined) return undefined;
    const generation = await witnessGeneration(database);
    return await keys.cosigningKey(`${node}/witness-${generation}`, generation);
  }

  /** Has the node above list it; one that is older does not, and is asked again an hour later. */
  async #tellCosigningKey(): Promise<void> {
    const { membership } = this;
    const listed = membership && this.view()?.node(membership.node);
    if (!membership || listed === undefined) return;
    const own = await this.cosigningKey();
    const cosigningKey = own && formatWitnessKey(own.key);
    if (cosigningKey === undefined || listed.cosigningKeys?.[0] === cosigningKey || !this.#mayTell(cosigningKey))
      return;
    const { node, above } = membership;
    if ((await this.#notify({ node, what: "cosigning", cosigningKey })) === undefined)
      this.#tell(new Fault("ERR_DIRECTORY_PEER", { message: above ?? node }));
  }

  /** Another one signs its messages than is listed, since that one counts as compromised: from the next edition on nobody takes what that signs. */
  async #tellMessageKey(): Promise<void> {
    const { keys, now } = this.#options;
    const { membership } = this;
    const listed = membership && this.view()?.node(membership.node);
    // Whoever asks has the signer follow.
    const compromised = await keys.compromised();
    if (!membership || listed === undefined || compromised.size === 0) return;
    const { id, suite, publicKey, sign } = await keys.messageSigner();
    if (listed.signingKeys.some((key) => key.id === id) || !this.#mayTell(id)) return;
    const { node, above } = membership;
    const at = instantOf(now());
    const proof = joiningProof(await sign(utf8(messageKeyText({ node, at }))));
    const signingKey = { id, suite, publicKey: toBase64(publicKey) };
    if ((await this.#notify({ node, what: "message", signingKey, proof, at })) === undefined)
      this.#tell(new Fault("ERR_DIRECTORY_PEER", { message: above ?? node }));
  }

  /** Another key follows the one of its log that is listed: those who witness the log learn it from the log itself, others from here. */
  async #tellLogKey(): Promise<void> {
    const { membership } = this;
    const listed = membership && this.view()?.node(membership.node)?.logKeys[0];
    if (!membership || listed === undefined) return;
    const notes = await successionNotes(this.#options.database);
    const succession = notes.find((note) => note.includes(`\nformer ${listed}\n`));
    if (succession === undefined || !this.#mayTell(succession)) return;
    const { node, above } = membership;
    if ((await this.#notify({ node, what: "log-key", succession })) === undefined)
      this.#tell(new Fault("ERR_DIRECTORY_PEER", { message: above ?? node }));
  }

  /** A node above that does not do what it is told, for it is older, is told again after a while. */
  #mayTell(what: string): boolean {
    const nowMs = Date.parse(this.#options.now());
    if (nowMs < (this.#tellAgainMs.get(what) ?? 0)) return false;
    this.#tellAgainMs.set(what, nowMs + TELL_AGAIN_MS);
    return true;
  }

  /** Says something of this node to the node above, or where it is the centre to itself; undefined where nobody takes it. */
  async #notify(
    notice: Omit<NodeNotice, "at"> & { readonly at?: string },
  ): Promise<{ readonly chain?: string | undefined } | undefined> {
    const { keys, now } = this.#options;
    const text = noticeText({ at: instantOf(now()), ...notice });
    const note = `${text}\n${await (await keys.noteSigner(notice.node)).sign(text)}`;
    const above = this.membership?.above ?? null;
    const answer = above === null ? await this.noticed(note) : await new Peer(above).notify(note);
    return answer === undefined || isRefusal(answer) ? undefined : answer;
  }

  #warn(): void {
    const state = this.#state;
    if (state.kind === "refused") {
      const { part, fault, subject } = state.refusal;
      this.#tell(new Fault("ERR_DIRECTORY_REFUSED", { message: `${part}: ${fault} ${subject}` }));
    } else if (state.kind === "open") {
      const leftMs = Date.parse(state.opened.until) - Date.parse(this.#options.now());
      if (leftMs < WARN_DAYS * DAY_MS) {
        this.#tell(fill(ENDS_SOON, { days: Math.max(0, Math.floor(leftMs / DAY_MS)) }));
      }
    }
  }

  /** Once for each thing, until the directory changes. */
  #tell(incident: unknown): void {
    const said =
      incident instanceof Fault || isText(incident) ? incident : new Fault("ERR_DIRECTORY_SILENT", { cause: incident });
    const words = isText(said) ? said.en : `${said.code} ${said.message}`;
    if (this.#told.has(words)) return;
    this.#told.add(words);
    this.#options.onIncident?.(said);
  }
}

const ENDS_SOON = text(
  "节点目录将在 {days} 天后到期，上级节点一直没有新版本。到期后本节点不再与其他节点往来，自己的系统照常办理。请联系上级节点。",
  "The directory of nodes ends in {days} days and nothing newer comes from above. After that this node calls no other one and goes on with its own rooms. Ask the node above.",
);

/** In seconds, as notes have them. */
function instantOf(now: string): string {
  return Temporal.Instant.from(now).round("second").toString();
}

/** A node of the intranet and one of another zone have no connection. */
function othersOf(view: DirectoryView | undefined): readonly ListedNode[] {
  const own = view?.node(view.self);
  if (view === undefined || own === undefined) return [];
  return view
    .nodes()
    .filter(
      ({ code, state, exchange, zone }) =>
        code !== own.code &&
        state !== "left" &&
        exchange !== undefined &&
        (zone === "intranet") === (own.zone === "intranet"),
    )
    .map(({ code, name, division }) => ({ code, name, division }));
}

function authoritiesOf(view: DirectoryView | undefined): readonly ListedAuthority[] {
  return (view?.authorities() ?? []).map(({ id, name, division, parent, branch }) => ({
    ...{ id, name, division, isGovernment: branch === "government" },
    ...(parent !== undefined && { parent }),
  }));
}
