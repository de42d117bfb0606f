import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { toBase64 } from "#lib/crypto/base64url";
import { CONNECTIONS_MAX, FILE_STREAMS_OF_PEER, OFFERS_MAX, SILENCE_MAX_MS } from "../limits.ts";
import type { Mount } from "../listener.ts";
import type { Party } from "../party.ts";

/** Bytes that another node may come for. */
export interface OfferedFile {
  /** SHA-256, lower-case hex: what it is asked by, and what the other side holds it against. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** From there to the end. Asked for again after a broken connection. */
  open(startByte: number): AsyncIterable<Uint8Array>;
}

interface Offer {
  readonly file: OfferedFile;
  readonly to: string;
  readonly act: string;
  /** By the clock of the process, milliseconds. */
  readonly until: number;
}

export const FILES_PREFIX = "/exchange/files/";
const RANGE = /^bytes=(\d{1,15})-$/;

/**
 * Files that this node has promised to others: an answer names a digest, the node that was answered comes for the bytes, in one piece or from where the
 * connection broke. Nobody else gets them, and not after their time. What is read is passed on at once: no file is held in memory.
 */
export class FileOffers implements Mount {
  readonly prefix = FILES_PREFIX;
  readonly #party: Party;
  readonly #offers = new Map<string, Offer>();
  readonly #streams = new Map<string, number>();

  constructor(party: Party) {
    this.#party = party;
  }

  /** Promises a file to a node. The same promise again lasts longer. */
  offer(file: OfferedFile, about: { readonly to: string; readonly act: string; readonly forMs: number }): void {
    const now = performance.now();
    for (const [name, { until }] of this.#offers) if (until < now) this.#offers.delete(name);
    if (this.#offers.size >= OFFERS_MAX) {
      // The oldest has waited longest for somebody to come.
      const [oldest] = this.#offers.keys();
      if (oldest !== undefined) this.#offers.delete(oldest);
    }
    const name = `${about.to} ${file.digest}`;
    this.#offers.delete(name);
    this.#offers.set(name, { file, to: about.to, act: about.act, until: now + about.forMs });
  }

  admits(fingerprint: string): boolean {
    return this.#party.peerOf(fingerprint) !== undefined;
  }

  handle(request: IncomingMessage, response: ServerResponse, fingerprint: string): void {
    const peer = this.#party.peerOf(fingerprint)?.code;
    const digest = request.url?.slice(FILES_PREFIX.length) ?? "";
    const offer = peer === undefined ? undefined : this.#offers.get(`${peer} ${digest}`);
    if (request.method !== "GET" || peer === undefined || offer === undefined || offer.until < performance.now()) {
      response.writeHead(404).end();
      return;
    }
    const start = startOf(request.headers.range, offer.file.sizeBytes);
    if (start === undefined) {
      response.writeHead(416, { "content-range": `bytes */${offer.file.sizeBytes}` }).end();
      return;
    }
    const streams = this.#streams.get(peer) ?? 0;
    if (streams >= Math.min(FILE_STREAMS_OF_PEER, CONNECTIONS_MAX)) {
      response.writeHead(503).end();
      return;
    }
    this.#streams.set(peer, streams + 1);
    void this.#send(offer, start, response)
      .catch(this.#party.onFault)
      .finally(() => this.#streams.set(peer, (this.#streams.get(peer) ?? 1) - 1));
  }

  async #send({ file, to, act }: Offer, start: number, response: ServerResponse): Promise<void> {
    const { sizeBytes } = file;
    // It is on the record before the first byte leaves; what is fetched in pieces is told of once.
    if (start === 0) await this.#enter({ file, to, act });
    response.writeHead(start === 0 ? 200 : 206, {
      "content-type": "application/octet-stream",
      "content-length": sizeBytes - start,
      "repr-digest": `sha-256=:${toBase64(Uint8Array.fromHex(file.digest))}:`,
      ...(start > 0 && { "content-range": `bytes ${start}-${sizeBytes - 1}/${sizeBytes}` }),
    });
    const bytes = Readable.from(file.open(start), { objectMode: false });
    let moved = performance.now();
    const watch = setInterval(() => {
      if (performance.now() - moved > SILENCE_MAX_MS) response.destroy();
    }, 1_000).unref();
    try {
      for await (const part of bytes) {
        if (response.destroyed) return;
        if (!response.write(part)) await drained(response);
        moved = performance.now();
      }
      response.end();
    } catch (error) {
      // A source that fails in the middle: the connection breaks, so that nobody takes half of it for the whole.
      response.destroy();
      throw error;
    } finally {
      clearInterval(watch);
      bytes.destroy();
    }
  }

  async #enter({ file, to, act }: Pick<Offer, "file" | "to" | "act">): Promise<void> {
    const { kernel } = this.#party;
    await kernel.ledger.append(kernel.database, [
      fileEntry({ kernel, act, operation: "sendFile", file, peer: { to } }),
    ]);
  }
}

/** What both ledgers say of a file that went from one node to another. */
export function fileEntry(about: {
  readonly kernel: Party["kernel"];
  readonly act: string;
  readonly operation: "sendFile" | "takeFile";
  readonly file: Pick<OfferedFile, "digest" | "sizeBytes">;
  readonly peer: { readonly to: string } | { readonly from: string };
}) {
  const { kernel, act, operation, file, peer } = about;
  return {
    ...({ type: "exchange", room: "exchange", purpose: "administration", outcome: "done" } as const),
    ...{ at: kernel.now(), actId: act, operation, legalBasis: [], subjects: [] },
    actor: { kind: "node", id: "exchange" } as const,
    detail: { file: { ...peer, digest: file.digest, sizeBytes: file.sizeBytes } },
  };
}

function startOf(range: string | undefined, sizeBytes: number): number | undefined {
  if (range === undefined) return 0;
  const [, digits] = RANGE.exec(range) ?? [];
  const start = Number(digits);
  return digits !== undefined && start < sizeBytes ? start : undefined;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      response.off("drain", finish);
      response.off("close", finish);
      resolve();
    };
    response.once("drain", finish);
    response.once("close", finish);
  });
}
