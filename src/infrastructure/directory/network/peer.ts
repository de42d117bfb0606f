/** Asking another node for its directory, over HTTP with every bound: time, size, no redirects. */
import { z } from "zod";
import type { SignedPart } from "#lib/directory/entries";

const TIMEOUT_MS = 10_000;
const HEADS_MAX_BYTES = 4 * 1024 * 1024;
const PART_MAX_BYTES = 40 * 1024 * 1024;
const SMALL_MAX_BYTES = 256 * 1024;
const PARTS_MAX = 8_000;

const Heads = z.object({
  parts: z
    .array(
      z.object({
        division: z.string().regex(/^\d{6}$/),
        version: z.int().min(1),
        digest: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(PARTS_MAX),
});
const Part = z.object({ note: z.string(), document: z.string() });
const Notes = z.object({ notes: z.array(z.string()).max(1_000) });
const Anchor = z.object({ node: z.string(), keys: z.array(z.string()).min(1).max(16) });
const Received = z.object({ digest: z.string().regex(/^[0-9a-f]{64}$/) });
const Answer = z.object({
  status: z.enum(["received", "proposed", "approved", "admitted", "refused"]),
  decision: z.string().optional(),
  chain: z.string().optional(),
});
const Renewed = z.object({ chain: z.string().optional() });

export type PeerHead = z.output<typeof Heads>["parts"][number];

/** A node as others read its directory. Each question gives undefined where it is not answered in time and as agreed. */
export class Peer {
  readonly site: string;

  /** @param site `https://host:port` */
  constructor(site: string) {
    this.site = site;
  }

  async heads(): Promise<readonly PeerHead[] | undefined> {
    return (await this.#ask("/directory/heads", Heads, HEADS_MAX_BYTES))?.parts;
  }

  async part({ division, version }: PeerHead): Promise<SignedPart | undefined> {
    return await this.#ask(`/directory/parts/${division}/${version}`, Part, PART_MAX_BYTES);
  }

  /** Notes of a part from a version on, oldest first, as many as come at once. */
  async notes(division: string, from: number): Promise<readonly string[] | undefined> {
    return (await this.#ask(`/directory/notes/${division}/${from}`, Notes, PART_MAX_BYTES))?.notes;
  }

  /** The code of the node and the keys of the centre of its directory. */
  async anchor(): Promise<z.output<typeof Anchor> | undefined> {
    return await this.#ask("/directory/anchor", Anchor, SMALL_MAX_BYTES);
  }

  async join(request: {
    readonly note: string;
    readonly proofs: readonly object[];
  }): Promise<{ digest: string } | undefined> {
    return await this.#ask("/directory/joinings", Received, SMALL_MAX_BYTES, request);
  }

  async joining(digest: string): Promise<z.output<typeof Answer> | undefined> {
    return await this.#ask(`/directory/joinings/${digest}`, Answer, SMALL_MAX_BYTES);
  }

  async notify(note: string): Promise<z.output<typeof Renewed> | undefined> {
    return await this.#ask("/directory/notices", Renewed, SMALL_MAX_BYTES, { note });
  }

  async #ask<T>(path: string, schema: z.ZodType<T>, maxBytes: number, body?: object): Promise<T | undefined> {
    try {
      const answer = await fetch(`${this.site}${path}`, {
        redirect: "error",
        credentials: "omit",
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
      if (answer.body === null) return undefined;
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of answer.body) {
        size += part.length;
        if (size > maxBytes) return undefined; // leaving the loop cancels the rest
        parts.push(part);
      }
      const text = Buffer.concat(parts).toString("utf8");
      if (!answer.ok) {
        this.refusal = refusalOf(text);
        return undefined;
      }
      return schema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined; // away, slow, or not what was asked: the caller goes on with what it keeps
    }
  }

  /** What the last question was refused with. */
  refusal: { readonly zh: string; readonly en: string } | undefined;
}

const Problem = z.object({ text: z.object({ zh: z.string().max(2_000), en: z.string().max(2_000) }) });

function refusalOf(text: string): { zh: string; en: string } | undefined {
  try {
    return Problem.safeParse(JSON.parse(text)).data?.text;
  } catch {
    return undefined;
  }
}
