import { type RawAnswer, RawClient } from "../adversarial/raw-client.ts";

const REDIRECTS_MAX = 12;

/** What a person without JavaScript does with several sites: follows links and redirects, fills in forms, keeps each site's cookies. */
export class Browser {
  readonly #sites = new Map<string, RawClient>();
  /** Where the page that is shown came from. */
  address = new URL("about:blank");

  /** The client of one site, with its cookies. */
  at(origin: string): RawClient {
    const site = this.#sites.get(origin) ?? new RawClient(origin);
    this.#sites.set(origin, site);
    return site;
  }

  /** Opens an address and follows where it leads; stops before an address that begins with `until`. */
  async open(address: string | URL, until?: string): Promise<RawAnswer> {
    this.address = new URL(address, this.address.protocol === "about:" ? undefined : this.address);
    const { origin, pathname, search } = this.address;
    return this.#follow(await this.at(origin).send(`${pathname}${search}`), until);
  }

  /** Sends a form of the page that is shown. */
  async fill(page: RawAnswer, action: RegExp, given: Record<string, string>, until?: string): Promise<RawAnswer> {
    return this.#follow(await this.at(this.address.origin).fillOnly(page, action, given), until);
  }

  async #follow(answer: RawAnswer, until?: string): Promise<RawAnswer> {
    let last = answer;
    for (let hops = 0; last.status === 303 || last.status === 302; hops += 1) {
      if (hops === REDIRECTS_MAX) throw new Error(`too many redirects, last to ${last.headers.location}`);
      const next = new URL(String(last.headers.location), this.address);
      if (until !== undefined && next.href.startsWith(until)) {
        this.address = next;
        return last;
      }
      this.address = next;
      last = await this.at(next.origin).send(`${next.pathname}${next.search}`);
    }
    return last;
  }

  close(): void {
    for (const site of this.#sites.values()) site.close();
  }
}
