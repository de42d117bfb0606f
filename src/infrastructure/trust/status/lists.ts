/** The lists of revoked certificates of each authority (RFC 5280 §5), made anew when they are asked for and have become old. */
import { isRefusal } from "#kernel/contract/refusal";
import { Fault } from "#kernel/errors/fault";
import { writeSigned } from "#lib/certificate/certificate";
import type { Revocation } from "#lib/revocation/reason";
import { writeListPart } from "#lib/revocation/write-revocation-list";
import type { Authority } from "../certificates/hierarchy.ts";
import { SUITE_KEYS } from "../certificates/purposes.ts";
import { isIssuedBy, STATUS_LIFE_MS, type StatusLinks } from "./answers.ts";
import { REASON_CODES } from "./reasons.ts";

/** A revocation is in the lists this much later at the most; together with a minute of caching under way, within two. */
export const LIST_KEPT_MS = 30_000;
/** A delta holds what was revoked since midnight (UTC) of the day before: it continues every whole list of a day. */
const DELTA_DAYS_MS = 24 * 3_600_000;
const PAGES_MAX = 1_000;

const DELTA = "-delta";
type Entry = readonly [serial: string, Revocation];

export class RevocationLists {
  readonly #links: StatusLinks;
  readonly #kept = new Map<string, { readonly list: Promise<Uint8Array>; readonly atMs: number }>();

  constructor(links: StatusLinks) {
    this.#links = links;
  }

  /**
   * A list as DER: of an authority by its name, or its delta (`seal-delta`); undefined where there is none.
   * @throws {Fault} ERR_TRUST_SILENT when the register does not answer
   */
  list(name: string): Promise<Uint8Array | undefined> {
    const isDelta = name.endsWith(DELTA);
    const authority = this.#links.trust.hierarchy.named(isDelta ? name.slice(0, -DELTA.length) : name);
    const isRoot = authority?.name.startsWith("root") === true;
    if (authority === undefined || (isDelta && isRoot)) return Promise.resolve(undefined);
    if (authority.keyLabel === undefined) return this.#links.trust.hierarchy.rootList(authority.suite);
    const nowMs = Temporal.Instant.from(this.#links.now()).epochMilliseconds;
    const kept = this.#kept.get(name);
    if (kept !== undefined && nowMs >= kept.atMs && nowMs - kept.atMs < LIST_KEPT_MS) return kept.list;
    const list = this.#make(authority, { isDelta, isRoot, nowMs });
    this.#kept.set(name, { list, atMs: nowMs });
    list.catch(() => this.#kept.delete(name));
    return list;
  }

  async #make(
    authority: Authority,
    { isDelta, isRoot, nowMs }: { readonly isDelta: boolean; readonly isRoot: boolean; readonly nowMs: number },
  ): Promise<Uint8Array> {
    const { trust, publicUrl } = this.#links;
    const { name, suite, certificate } = authority;
    const { algorithm } = SUITE_KEYS[suite];
    const since = Math.floor(nowMs / DELTA_DAYS_MS - 1) * DELTA_DAYS_MS;
    const hasDelta = !isDelta && !isRoot && publicUrl !== undefined;
    const part = writeListPart({
      algorithm,
      issuer: certificate.subject.raw,
      issuerKeyId: Uint8Array.fromHex(certificate.subjectKeyId ?? ""),
      thisUpdateMs: nowMs,
      nextUpdateMs: nowMs + STATUS_LIFE_MS,
      // Numbers only have to grow, also across processes and restarts (§5.2.3).
      number: BigInt(nowMs),
      ...(isDelta && { deltaOf: BigInt(since) }),
      ...(hasDelta && { freshestUrl: `${publicUrl}/trust/crl/${name}${DELTA}.crl` }),
      // The root's certificates are the authorities' alone, which are not revoked but replaced with the key folder.
      revoked: isRoot ? [] : await this.#entries(authority, { since: isDelta ? since : undefined, nowMs }),
    });
    return writeSigned(part, algorithm, await trust.hierarchy.sign(authority, part));
  }

  async #entries(
    authority: Authority,
    { since, nowMs }: { readonly since: number | undefined; readonly nowMs: number },
  ): Promise<Entry[]> {
    const read = (status: "revoked" | "suspended" | "reinstated") => this.#read(authority, { status, nowMs });
    const ended = [...(await read("revoked")), ...(await read("suspended"))];
    if (since === undefined) return ended;
    const back = (await read("reinstated")).map(
      ([serial, { atMs }]): Entry => [serial, { atMs, reason: "removeFromCrl" }],
    );
    return [...ended.filter(([, { atMs }]) => atMs >= since), ...back];
  }

  async #read(
    authority: Authority,
    { status, nowMs }: { readonly status: "revoked" | "suspended" | "reinstated"; readonly nowMs: number },
  ): Promise<Entry[]> {
    const issuer = authority.name === "issuer" ? undefined : authority.certificate.subjectKeyId;
    const entries: Entry[] = [];
    let after: string | undefined;
    for (let page = 0; page < PAGES_MAX; page++) {
      const answer = await this.#links.front.revokedCertificates({
        status,
        ...(issuer !== undefined && { issuer }),
        ...(after !== undefined && { after }),
      });
      if (isRefusal(answer)) throw new Fault("ERR_TRUST_SILENT", { message: answer.code });
      for (const { serial, revokedAt, reason, issuerKeyId } of answer.items) {
        if (!isIssuedBy(authority, issuerKeyId)) continue;
        const atMs = revokedAt === undefined ? nowMs : Temporal.Instant.from(revokedAt).epochMilliseconds;
        entries.push([serial, { atMs, reason: reason === undefined ? "unspecified" : REASON_CODES[reason] }]);
      }
      after = answer.next;
      if (after === undefined) return entries;
    }
    throw new Fault("ERR_TRUST_SILENT", { message: "more revoked certificates than a list holds" });
  }
}
