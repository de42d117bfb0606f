/** Nodes with directory and trust alone, each with a database, keys and a server of its own, for tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { directory } from "#infrastructure/directory";
import { trust } from "#infrastructure/trust";
import { frontOf } from "#kernel/http/pages";
import { openServer } from "#kernel/http/server";
import { text } from "#lib/language/text";
import { mountDirectory } from "../../src/infrastructure/directory/network/endpoints.ts";
import directorySystem from "../../src/infrastructure/directory/system.ts";
import { certificateRecords, openTrust } from "../../src/infrastructure/trust/ports.ts";
import trustSystem from "../../src/infrastructure/trust/system.ts";
import type { NodeDescription } from "../../src/node/network/membership.ts";
import { awaitAdmission, foundDirectory, sendJoining } from "../../src/node/network/membership.ts";
import { issuer, nodeDirectory } from "../../src/node/network/open-directory.ts";
import { TEST_NOW, testNode } from "../../src/node/testing.ts";
import { keyLoss } from "../harness/key-loss.ts";
import { answered } from "./answers.ts";

const SYSTEMS = [directorySystem, trustSystem];
const FIRST = "0197c7a0-0000-7000-8000-000000000002";
const SECOND = "0197c7a0-0000-7000-8000-000000000003";

/** @param log the name of its log; none other has it where absent */
export async function directoryNode(log = `node-${crypto.randomUUID()}/log`) {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-directory-"));
  const node = await testNode({ systems: SYSTEMS, logOrigin: log });
  const { kernel } = node;
  const own = node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
  const { database } = kernel;
  const opened = await openTrust({ folder, operator: "样本节点", at: "2026-01-01T00:00:00Z", database });
  await opened.connect({ authorityName: async () => "样本", demonstration: true, records: certificateRecords(own) });
  let now = TEST_NOW;
  const nodes = nodeDirectory({
    ...{ database: kernel.database, kernelOf: () => kernel, keys: opened.nodeKeys, systems: SYSTEMS },
    now: () => now,
    onIncident: (incident) => incidents.push(incident),
  });
  const incidents: unknown[] = [];
  const server = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });
  mountDirectory(server, {
    ...{ sql: kernel.database, nodes },
    front: (idempotencyKey) =>
      frontOf(kernel, directory, () => ({
        ...node.act({ kind: "node", room: "directory" }, { purpose: "administration" }),
        idempotencyKey,
      })),
  });
  const site = await server.listen({ host: "127.0.0.1", port: 0 });
  const official = <Room extends typeof directory | typeof trust = typeof directory>(
    id: string,
    room: Room = directory as Room,
  ) =>
    node.as(
      room,
      {
        ...{ kind: "official", id, assurance: 3 },
        post: {
          ...{ id, title: text("管理员", "Administrator"), authority: id, division: "990000" },
          ...{
            authorityName: text("样本机构", "Sample"),
            duties: ["directory.administer", "directory.approve", "directory.delegate", "trust.keys"],
          },
        },
      },
      { purpose: "administration" },
    );
  const place = { kernel, database: kernel.database, keys: opened.nodeKeys };
  return {
    ...{ node, nodes, site, place, incidents, server, kernel, own },
    first: official(FIRST),
    second: official(SECOND),
    ...keyLoss({ kernel, opened, own, officials: [official(FIRST, trust), official(SECOND, trust)] }),
    found: (code: string, rooms: readonly string[]) =>
      foundDirectory(
        place,
        {
          code,
          name: text("中央节点（样本）", "Centre"),
          zone: "extranet",
          site,
          exchange: "https://127.0.0.1:9443",
          rooms,
        },
        issuer(kernel),
      ),
    setNow(at: string) {
      now = at;
      node.setNow(at);
    },
    async close() {
      await nodes.stop();
      await server.close();
      await node.close();
      await rm(folder, { recursive: true });
    },
  };
}

export type DirectoryTestNode = Awaited<ReturnType<typeof directoryNode>>;

export function describing(
  node: DirectoryTestNode,
  code: string,
  division: string,
  rooms: readonly string[] = [],
): NodeDescription {
  return {
    ...{ code, division, rooms, name: text(`${code}节点（样本）`, code), zone: "extranet" },
    ...{ exchange: `https://127.0.0.1:${9_500 + code.length}`, site: node.site },
  };
}

/** A node joins below another one, with both officials and no wait. */
export async function joins(below: DirectoryTestNode, description: NodeDescription, above: DirectoryTestNode) {
  const sent = await sendJoining(below.place, description, above.site);
  const { items } = answered(await above.first.listJoinings({}));
  const joining = items.find(({ digest }) => digest === sent.digest);
  if (joining === undefined) throw new Error("the request did not arrive");
  answered(await above.first.proposeJoining({ id: joining.id, shortCode: sent.shortCode, reason: "电话核对" }));
  answered(await above.second.decideJoining({ id: joining.id, decision: "approve", reason: "同意" }));
  await above.nodes.round();
  const outcome = await awaitAdmission(below.place, sent, { signal: AbortSignal.timeout(10_000), intervalMs: 10 });
  await below.nodes.round();
  return { outcome, sent, joining };
}
