/** The lists of revoked certificates of root and issuer (RFC 5280 §5), made anew when they are asked for and have become old. */
import { isRefusal } from "#kernel/contract/refusal";
import { Fault } from "#kernel/errors/fault";
import { writeSigned } from "#lib/certificate/certificate";
import type { Revocation } from "#lib/revocation/reason";
import { writeListPart } from "#lib/revocation/write-revocation-list";
import { readX509 } from "#lib/x509/certificate";
import type { AuthorityName } from "../certificates/hierarchy.ts";
import { STATUS_LIFE_MS, type StatusLinks } from "./answers.ts";
import { REASON_CODES } from "./reasons.ts";

/** A revocation is in the lists this much later at the most; together with a minute of caching under way, within two. */
export const LIST_KEPT_MS = 30_000;
/** A delta holds what was revoked since midnight (UTC) of the day before: it continues every whole list of a day. */
const DELTA_DAYS_MS = 24 * 3_600_000;
const PAGES_MAX = 1_000;

export type ListName = AuthorityName | "issuer-delta";
type Entry = readonly [serial: string, Revocation];

export function isListName(name: string): name is ListName {
  return name === "root" || name === "issuer" || name === "issuer-delta";
}

export class RevocationLists {
  readonly #links: StatusLinks;
  readonly #kept = new Map<ListName, { readonly list: Promise<Uint8Array>; readonly atMs: number }>();

  constructor(links: StatusLinks) {
    this.#links = links;
  }

  /** A list as DER. @throws {Fault} ERR_TRUST_SILENT when the register does not answer */
  list(name: ListName): Promise<Uint8Array> {
    const nowMs = Temporal.Instant.from(this.#links.now()).epochMilliseconds;
    const kept = this.#kept.get(name);
    if (kept !== undefined && nowMs >= kept.atMs && nowMs - kept.atMs < LIST_KEPT_MS) return kept.list;
    const list = this.#make(name, nowMs);
    this.#kept.set(name, { list, atMs: nowMs });
    list.catch(() => this.#kept.delete(name));
    return list;
  }

  async #make(name: ListName, nowMs: number): Promise<Uint8Array> {
    const { trust, publicUrl } = this.#links;
    const { hierarchy } = trust;
    const authority = name === "root" ? "root" : "issuer";
    const { subject, subjectKeyId = "" } = readX509(hierarchy[authority]);
    const since = Math.floor(nowMs / DELTA_DAYS_MS - 1) * DELTA_DAYS_MS;
    const part = writeListPart({
      algorithm: "ES256",
      issuer: subject.raw,
      issuerKeyId: Uint8Array.fromHex(subjectKeyId),
      thisUpdateMs: nowMs,
      nextUpdateMs: nowMs + STATUS_LIFE_MS,
      // Numbers only have to grow, also across processes and restarts (§5.2.3).
      number: BigInt(nowMs),
      ...(name === "issuer-delta" && { deltaOf: BigInt(since) }),
      ...(name === "issuer" && publicUrl !== undefined && { freshestUrl: `${publicUrl}/trust/crl/issuer-delta.crl` }),
      // The root's certificates are the issuer's alone, which is not revoked but replaced with the key folder.
      revoked: name === "root" ? [] : await this.#entries(name === "issuer-delta" ? since : undefined, nowMs),
    });
    return writeSigned(part, "ES256", await hierarchy.signList(authority, part));
  }

  async #entries(since: number | undefined, nowMs: number): Promise<Entry[]> {
    const ended = [...(await this.#read("revoked", nowMs)), ...(await this.#read("suspended", nowMs))];
    if (since === undefined) return ended;
    const back = (await this.#read("reinstated", nowMs)).map(
      ([serial, { atMs }]): Entry => [serial, { atMs, reason: "removeFromCrl" }],
    );
    return [...ended.filter(([, { atMs }]) => atMs >= since), ...back];
  }

  async #read(status: "revoked" | "suspended" | "reinstated", nowMs: number): Promise<Entry[]> {
    const entries: Entry[] = [];
    let after: string | undefined;
    for (let page = 0; page < PAGES_MAX; page++) {
      const answer = await this.#links.front.revokedCertificates({ status, ...(after !== undefined && { after }) });
      if (isRefusal(answer)) throw new Fault("ERR_TRUST_SILENT", { message: answer.code });
      for (const { serial, revokedAt, reason } of answer.items) {
        const atMs = revokedAt === undefined ? nowMs : Temporal.Instant.from(revokedAt).epochMilliseconds;
        entries.push([serial, { atMs, reason: reason === undefined ? "unspecified" : REASON_CODES[reason] }]);
      }
      after = answer.next;
      if (after === undefined) return entries;
    }
    throw new Fault("ERR_TRUST_SILENT", { message: "more revoked certificates than a list holds" });
  }
}
