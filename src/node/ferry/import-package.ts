import { network } from "#infrastructure/network";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { fileHasMark, jsonHasMark } from "#kernel/secrecy/marked-content";
import type { Kernel } from "#kernel/system/kernel";
import { concatBytes, fromUtf8 } from "#lib/crypto/bytes";
import { sha256Hex } from "#lib/crypto/digest";
import { ContainerError, type ContainerHead, type OpenedContainer, readContainer } from "#lib/ferry/container";
import type { FerryOutcome } from "#lib/ferry/receipt";
import { canonicalize } from "#lib/json/canonical";
import { readCard } from "../../infrastructure/network/card.ts";
import { packageKeysOf } from "../../infrastructure/network/desk.ts";
import { type Manifest, readManifest } from "../../infrastructure/network/manifest.ts";
import { networkPorts } from "../../infrastructure/network/ports.ts";
import { verifiedRelease } from "../../infrastructure/network/release.ts";
import { nodeActOf } from "../node-act.ts";
import { joinParts, type PartsAtHand, PartsMissing } from "./part-files.ts";

/** What became of a package that was read from media. */
export interface ImportedPackage {
  readonly arrival: string;
  readonly package: string;
  /** As it says itself, where it was refused. */
  readonly from: string;
  readonly sequence: number;
  readonly outcome: FerryOutcome;
}

/** Stops reading: the package is refused for this. */
class NotTaken extends Error {
  readonly outcome: Exclude<FerryOutcome, "accepted">;
  constructor(outcome: NotTaken["outcome"]) {
    super(outcome);
    this.outcome = outcome;
  }
}

/** What is known of a package by the time it is taken or refused. */
interface Known {
  /** Of the manifest, once both signatures over it are verified. */
  digest?: string;
}

/**
 * Reads a package from its parts, checks all of it, and keeps it, or keeps that and why it was refused. Nothing in it is believed before
 * both signatures are verified, and nothing is done before all of it was read.
 */
export async function importPackage(kernel: Kernel, parts: PartsAtHand): Promise<ImportedPackage> {
  const doors = frontOf(kernel, network, () => nodeActOf(kernel, network.id));
  const { id, from, to, sequence } = parts.head;
  const known: Known = {};
  let read: Read | undefined;
  let outcome: FerryOutcome = "accepted";
  const joined = joinParts(parts);
  try {
    const container = await readContainer(joined);
    // What the parts say of the package is for whoever sorts media; what counts is what is encrypted with it.
    if (canonicalize({ id, from, to, sequence }) !== canonicalize(refOf(container.head))) throw new NotTaken("altered");
    read = await readWhole(kernel, container, known);
  } catch (error) {
    if (error instanceof NotTaken) outcome = error.outcome;
    else if (error instanceof PartsMissing) outcome = "incomplete";
    else if (error instanceof ContainerError) outcome = error.code === "incomplete" ? "incomplete" : "altered";
    else throw error;
  } finally {
    // Of a package that was refused in the middle, the rest is not read: its files are closed all the same.
    await joined.return();
  }
  const recorded = await doors.recordArrival({
    ...{ package: id, from, sequence, outcome, items: [...(read?.manifest.items ?? [])] },
    ...(read && { manifest: read.text }),
    ...known,
  });
  if (isRefusal(recorded)) throw new Error(recorded.code);
  return { arrival: recorded.id, package: id, from, sequence, outcome: recorded.outcome };
}

function refOf({ id, from, to, sequence }: ContainerHead) {
  return { id, from, to, sequence };
}

interface Read {
  readonly manifest: Manifest;
  readonly text: string;
}

async function readWhole(
  kernel: Kernel,
  { head, wrapped, open }: Awaited<ReturnType<typeof readContainer>>,
  known: Known,
): Promise<Read> {
  const sender = await senderOf(kernel, head);
  const keys = await packageKeysOf(kernel, { head, wrapped });
  if (keys === undefined) throw new NotTaken("altered");
  const opened = await open(keys);
  const digest = sha256Hex(opened.manifest);
  const release = await verifiedRelease(opened.releases, { id: head.id, manifest: digest, card: sender.card });
  if (release === undefined) throw new NotTaken("not-released");
  known.digest = digest;
  const isNext = release.sequence === head.sequence && release.previous === sender.receivedDigest;
  if (!isNext) throw new NotTaken("out-of-order");
  const text = textOf(opened.manifest);
  const contractOf = networkPorts().contractOf;
  const manifest = readManifest(text, { head, zones: { from: sender.card.zone, to: kernel.zone }, contractOf });
  if (manifest === "altered" || manifest === "not-allowed") throw new NotTaken(manifest);
  await keepItems(kernel, opened, manifest);
  return { manifest, text };
}

/** Whoever sent it, where it is for this node, may come from there, and is the next one. */
async function senderOf(kernel: Kernel, head: ContainerHead) {
  if (head.to !== networkPorts().node.code) throw new NotTaken("not-for-us");
  const doors = frontOf(kernel, network, () => nodeActOf(kernel, network.id));
  const known = await doors.senderOf({ from: head.from });
  const card = isRefusal(known) ? undefined : readCard(known.card);
  if (isRefusal(known) || card === undefined) throw new NotTaken("unknown-sender");
  if (head.sequence <= known.received) throw new NotTaken("replayed");
  if (head.sequence !== known.received + 1) throw new NotTaken("out-of-order");
  return { card, receivedDigest: known.receivedDigest ?? null };
}

/** Puts what is carried into the store, where it stays only if the arrival names it. */
async function keepItems(kernel: Kernel, opened: OpenedContainer, { items }: Manifest): Promise<void> {
  for (const { kind, bytes, digest, mediaType, title } of items) {
    const parts: Uint8Array[] = [];
    for await (const part of opened.item(bytes)) parts.push(part);
    const content = concatBytes(...parts);
    if (sha256Hex(content) !== digest) throw new NotTaken("altered");
    if ((kind === "call" && jsonHasMark(content)) || (await fileHasMark({ bytes: content })))
      throw new NotTaken("not-allowed");
    await kernel.files.put(content, { mediaType, name: title });
  }
  await opened.end();
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw new NotTaken("altered");
  }
}
