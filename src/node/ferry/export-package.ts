import { mkdir, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { network } from "#infrastructure/network";
import type { Output } from "#kernel/contract/contract";
import { isRefusal, type Refusal } from "#kernel/contract/refusal";
import { assert, Fault } from "#kernel/errors/fault";
import { frontOf } from "#kernel/http/pages";
import { randomBytes } from "#kernel/random";
import type { Kernel } from "#kernel/system/kernel";
import { utf8 } from "#lib/crypto/bytes";
import { RECIPIENT_RANDOMNESS_BYTES, sealFor } from "#lib/crypto/recipient";
import { type ContainerHead, headBinding, writeContainer } from "#lib/ferry/container";
import { planParts } from "#lib/ferry/parts";
import { readCard } from "../../infrastructure/network/card.ts";
import { nodeActOf } from "../node-act.ts";
import { splitFile } from "./part-files.ts";

type Exported = Output<(typeof network)["operations"]["recordExport"]["output"]>;

export interface Media {
  /** Where the parts are written. */
  readonly folder: string;
  readonly mediaBytes: number;
  readonly redundancyPercent: number;
}

/** What was written for a package that two officials released. */
export interface ExportedPackage {
  readonly sequence: number;
  readonly to: string;
  readonly paths: readonly string[];
  /** How many of them may be lost. */
  readonly spare: number;
}

/**
 * Encrypts a released package for its recipient and puts it on media.
 * @throws {Fault} ERR_FERRY_MEDIA_TOO_SMALL
 */
export async function exportPackage(kernel: Kernel, id: string, media: Media): Promise<ExportedPackage | Refusal> {
  const exported = await frontOf(kernel, network, () => nodeActOf(kernel, network.id)).recordExport({ id });
  if (isRefusal(exported)) return exported;
  await mkdir(media.folder, { recursive: true });
  const container = join(media.folder, `${id}.sealed`);
  try {
    await writeSealed(kernel, { id, exported, path: container });
    const plan = planParts((await stat(container)).size, media);
    if (plan === undefined) throw new Fault("ERR_FERRY_MEDIA_TOO_SMALL", { message: `${media.mediaBytes} bytes` });
    const { from, to, sequence } = exported;
    const paths = await splitFile(container, { folder: media.folder, of: { id, from, to, sequence }, plan });
    return { sequence, to, paths, spare: plan.parity };
  } finally {
    await rm(container, { force: true });
  }
}

async function writeSealed(
  kernel: Kernel,
  { id, exported, path }: { readonly id: string; readonly exported: Exported; readonly path: string },
): Promise<void> {
  const card = readCard(exported.card);
  assert(card, "the card of a node that was confirmed is one");
  const { from, to, sequence } = exported;
  const head: ContainerHead = { id, from, to, sequence, suite: card.encryption.suite };
  const sealed = sealFor(card.encryption, {
    randomness: randomBytes(RECIPIENT_RANDOMNESS_BYTES),
    info: headBinding(head),
  });
  const body = {
    manifest: utf8(exported.manifest),
    releases: exported.releases.map(utf8),
    items: contentsOf(kernel, exported),
  };
  const file = await open(path, "w", 0o600);
  try {
    for await (const part of writeContainer(head, sealed, body)) await file.write(part);
  } finally {
    await file.close();
  }
}

async function* contentsOf(kernel: Kernel, { items }: Exported): AsyncGenerator<Uint8Array, void, undefined> {
  for (const { digest } of items) yield await kernel.files.read(digest);
}
