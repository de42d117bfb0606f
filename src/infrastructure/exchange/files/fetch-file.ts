import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault, isFault } from "#kernel/errors/fault";
import { sha256Stream } from "#lib/crypto/digest";
import { CONNECT_TIMEOUT_MS, FILE_ATTEMPTS, FILE_RETRY_MS, SILENCE_MAX_MS } from "../limits.ts";
import "../faults.ts";
import type { PinnedAgent } from "../sending/pinned-agent.ts";
import { FILES_PREFIX } from "./offers.ts";

export interface BytesWanted {
  /** `https://host:port` of the node that has it. */
  readonly address: string;
  readonly agent: PinnedAgent;
  /** SHA-256, lower-case hex. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly signal?: AbortSignal | undefined;
}

export interface FileWanted extends BytesWanted {
  /** Where it is to lie; until it is whole it lies beside, as `….part`. */
  readonly path: string;
}

/**
 * Fetches a file: digested on the way, gone on with where the connection broke, also after a restart, in constant memory. It appears at its place whole
 * and right, or not at all.
 * @throws ERR_EXCHANGE_PEER when it does not come; what is there is kept for another try
 * @throws ERR_EXCHANGE_FILE when what came is another file; nothing of it is kept
 */
export async function fetchFile(wanted: FileWanted): Promise<void> {
  const part = `${wanted.path}.part`;
  const digest = sha256Stream();
  const got = await digested(part, digest, wanted.sizeBytes);
  const file = await open(part, got === 0 ? "w" : "r+");
  try {
    await fetchAll(wanted, { write: (bytes, at) => writeWhole(file, bytes, at), digest, start: got });
    await file.sync();
  } catch (error) {
    if (isFault(error, "ERR_EXCHANGE_FILE")) await rm(part, { force: true });
    throw error instanceof NotWritten ? error.cause : error;
  } finally {
    await file.close();
  }
  if (digest.hex() !== wanted.digest) {
    await rm(part, { force: true });
    throw new Fault("ERR_EXCHANGE_FILE", { message: wanted.digest });
  }
  await rename(part, wanted.path);
}

/**
 * The same into memory, for what is held whole in any case.
 * @throws ERR_EXCHANGE_PEER, ERR_EXCHANGE_FILE
 */
export async function fetchInto(wanted: BytesWanted, held: Uint8Array): Promise<void> {
  const digest = sha256Stream();
  const write = async (bytes: Uint8Array, at: number) => held.set(bytes, at);
  await fetchAll(wanted, { write, digest, start: 0 });
  if (digest.hex() !== wanted.digest) throw new Fault("ERR_EXCHANGE_FILE", { message: wanted.digest });
}

async function fetchAll(wanted: BytesWanted, under: Under): Promise<void> {
  let got = under.start;
  let attempts = 0;
  while (got < wanted.sizeBytes) {
    wanted.signal?.throwIfAborted();
    const before = got;
    got = await fetchOnce(wanted, { ...under, start: got });
    attempts = got > before ? 0 : attempts + 1;
    if (attempts >= FILE_ATTEMPTS) throw new Fault("ERR_EXCHANGE_PEER", { message: "a file does not come" });
    if (got < wanted.sizeBytes) await sleep(FILE_RETRY_MS, undefined, { signal: wanted.signal });
  }
}

/** What came before a restart is digested again; what is longer than the file can be is thrown away. */
async function digested(part: string, digest: { update(bytes: Uint8Array): void }, sizeBytes: number): Promise<number> {
  const size = await stat(part).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0 || size > sizeBytes) return 0;
  for await (const bytes of createReadStream(part) as AsyncIterable<Buffer>) digest.update(bytes);
  return size;
}

interface Under {
  readonly write: (bytes: Uint8Array, at: number) => Promise<void>;
  readonly digest: { update(bytes: Uint8Array): void };
  readonly start: number;
}

/** @returns how much is there now */
async function fetchOnce(wanted: BytesWanted, { write, digest, start }: Under): Promise<number> {
  let at = start;
  let response: IncomingMessage | undefined;
  try {
    response = await respond(wanted, start);
    for await (const bytes of response as AsyncIterable<Buffer>) {
      if (at + bytes.length > wanted.sizeBytes) throw new Fault("ERR_EXCHANGE_FILE", { message: "more than was said" });
      // Written before it counts as digested: both always tell the same place.
      await write(bytes, at);
      digest.update(bytes);
      at += bytes.length;
    }
  } catch (error) {
    if (error instanceof Fault || error instanceof NotWritten || wanted.signal?.aborted) throw error;
    // The connection broke: what is there is there.
  } finally {
    response?.destroy();
  }
  return at;
}

function respond(wanted: BytesWanted, start: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(`${wanted.address}${FILES_PREFIX}${wanted.digest}`, {
      agent: wanted.agent,
      ...(start > 0 && { headers: { range: `bytes=${start}-` } }),
      ...(wanted.signal && { signal: wanted.signal }),
    });
    const timer = setTimeout(() => asked.destroy(new Error("no answer")), CONNECT_TIMEOUT_MS + SILENCE_MAX_MS);
    asked.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    asked.on("response", (response) => {
      clearTimeout(timer);
      if (response.statusCode === (start === 0 ? 200 : 206) && isFrom(response, start)) {
        response.setTimeout(SILENCE_MAX_MS, () => response.destroy(new Error("silence")));
        resolve(response);
        return;
      }
      response.destroy();
      const gone = response.statusCode === 404 || response.statusCode === 416;
      reject(gone ? new Fault("ERR_EXCHANGE_PEER", { message: "the file is not there" }) : new Error("not now"));
    });
    asked.end();
  });
}

/** What this side's disk does not take is no matter of the connection. */
class NotWritten extends Error {}

/** All of it: a disk that fills up takes a part, and says so only when it is given the rest. */
async function writeWhole(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
      done += bytesWritten;
    }
  } catch (cause) {
    throw new NotWritten("a file is not written", { cause });
  }
}

/** A piece that begins elsewhere would be written to the wrong place. */
function isFrom({ headers }: IncomingMessage, start: number): boolean {
  return start === 0 || headers["content-range"]?.startsWith(`bytes ${start}-`) === true;
}
