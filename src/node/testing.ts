import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contract } from "#kernel/contract/contract";
import type { Database } from "#kernel/database/sql";
import { testDatabase } from "#kernel/database/testing";
import { frontOf } from "#kernel/http/pages";
import { migrateJobs } from "#kernel/jobs/jobs";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import type { KeyMaterial } from "#kernel/ports";
import { generateEd25519, randomBytes } from "#kernel/random";
import type { Act, Principal, Zone } from "#kernel/system/act";
import type { Front } from "#kernel/system/context";
import type { Elsewhere } from "#kernel/system/elsewhere";
import type { Kernel } from "#kernel/system/kernel";
import type { System } from "#kernel/system/system";

import { composeKernel } from "./compose.ts";
import { migrationSets } from "./migration-sets.ts";

/** A kernel with some rooms on a database of its own, for tests. */
export interface TestNode {
  readonly kernel: Kernel;
  /** Of the test's database. */
  readonly url: string;
  /** Sets the clock, ISO 8601 UTC. */
  setNow(at: string): void;
  act(principal: Principal, about?: Partial<Act>): Act;
  /** The doors of a room, as someone. */
  as<C extends Contract>(contract: C, principal: Principal, about?: Partial<Act>): Front<C>;
  close(): Promise<void>;
}

/** When a test's clock stands still unless it says otherwise: a Wednesday. */
export const TEST_NOW = "2026-11-18T02:00:00.000Z";

/** Composes rooms on a fresh database; to be closed. */
export async function testNode(options: {
  readonly systems: readonly System[];
  readonly now?: string;
  readonly authorityOf?: (room: string) => string;
  readonly keys?: KeyMaterial;
  /** Default: extranet. */
  readonly zone?: Zone;
  readonly elsewhere?: Elsewhere;
  /** The name of the node's log. */
  readonly logOrigin?: string;
  /** What stands between the kernel and its database: for tests of what notices a defect. */
  readonly around?: (sound: Database) => Database;
}): Promise<TestNode> {
  const { zone = "extranet" } = options;
  const { database, url, close } = await testDatabase({ migrations: await migrationSets() });
  await migrateJobs(url);
  const filesFolder = await mkdtemp(join(tmpdir(), "zhengtong-test-files-"));
  let now = options.now ?? TEST_NOW;
  const origin = options.logOrigin ?? "test.zhengtong.example/log";
  const master = randomBytes(32);
  const kernel = await composeKernel({
    database: options.around?.(database) ?? database,
    systems: options.systems,
    keys: options.keys ?? { masterKey: () => master },
    checkpointSigner: checkpointSigner(origin, generateEd25519(), [generateEd25519()]),
    filesFolder,
    zone,
    authorityOf: options.authorityOf ?? (() => "00000000-0000-4000-8000-000000000001"),
    now: () => now,
    elsewhere: options.elsewhere,
  });
  const act = (principal: Principal, about: Partial<Act> = {}): Act => ({
    id: kernel.newId(),
    principal,
    purpose: principal.kind === "person" ? "own-affairs" : "case",
    legalBasis: [],
    zone,
    language: "zh",
    at: now,
    ...about,
  });
  return {
    kernel,
    url,
    setNow: (at) => {
      now = at;
    },
    act,
    as: (contract, principal, about) => frontOf(kernel, contract, () => act(principal, about)),
    async close() {
      await kernel.ledger.stop();
      await close();
      await rm(filesFolder, { recursive: true, force: true });
    },
  };
}
