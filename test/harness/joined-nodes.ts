/** Nodes of one directory as they are composed in earnest: trust, directory and exchange, each with a database, keys and two listeners. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { directory } from "#infrastructure/directory";
import { trust } from "#infrastructure/trust";
import type { Contract } from "#kernel/contract/contract";
import { frontOf } from "#kernel/http/pages";
import { openServer } from "#kernel/http/server";
import type { Principal } from "#kernel/system/act";
import type { Front } from "#kernel/system/context";
import type { System } from "#kernel/system/system";
import { text } from "#lib/language/text";
import { mountDirectory } from "../../src/infrastructure/directory/network/endpoints.ts";
import directorySystem from "../../src/infrastructure/directory/system.ts";
import exchangeSystem from "../../src/infrastructure/exchange/system.ts";
import { certificateRecords, openTrust } from "../../src/infrastructure/trust/ports.ts";
import { mountTrust } from "../../src/infrastructure/trust/status/endpoints.ts";
import trustSystem from "../../src/infrastructure/trust/system.ts";
import { freePort } from "../../src/node/demo/temporary-node.ts";
import {
  awaitAdmission,
  foundDirectory,
  type NodeDescription,
  sendJoining,
} from "../../src/node/network/membership.ts";
import { issuer } from "../../src/node/network/open-directory.ts";
import { type NodeNetwork, openNetwork } from "../../src/node/network/open-network.ts";
import { TEST_NOW, testNode } from "../../src/node/testing.ts";
import { answered } from "../rooms/answers.ts";
import { keyLoss } from "./key-loss.ts";

const HOST = "127.0.0.1";
const FIRST = "0197c7a0-0000-7000-8000-000000000002";
const SECOND = "0197c7a0-0000-7000-8000-000000000003";
const DUTIES = ["directory.administer", "directory.approve", "directory.delegate", "trust.administer", "trust.keys"];

/** One node, of no directory yet. Who is opened last issues certificates for all: a process has one such port. */
export async function joinedNode(rooms: readonly System[]) {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-joined-"));
  const systems = [directorySystem, trustSystem, exchangeSystem, ...rooms];
  let network: NodeNetwork | undefined;
  const opened = () => {
    if (network === undefined) throw new Error("the network is not open yet");
    return network;
  };
  const node = await testNode({
    // A log is one node's.
    ...{ systems, logOrigin: `node-${crypto.randomUUID()}/log` },
    elsewhere: {
      routes: {
        get self() {
          return network?.elsewhere.routes.self ?? "";
        },
        hostOf: (room, division) => network?.elsewhere.routes.hostOf(room, division) ?? { kind: "here" },
        standsInLine: (code) => opened().elsewhere.routes.standsInLine(code),
      },
      transport: { carry: (to, act, call) => opened().exchange.carry(to, act, call) },
    },
  });
  const { kernel } = node;
  const [sitePort, exchangePort] = [await freePort(), await freePort()];
  const [site, exchange] = [`http://${HOST}:${sitePort}`, `https://${HOST}:${exchangePort}`];
  const own = node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
  const keys = await openTrust({
    folder,
    operator: "样本节点",
    at: "2026-01-01T00:00:00Z",
    publicUrl: site,
    database: kernel.database,
  });
  await keys.connect({ authorityName: async () => "样本", demonstration: true, records: certificateRecords(own) });
  let now = TEST_NOW;
  network = await openNetwork({
    ...{ database: kernel.database, keys: keys.nodeKeys, systems, kernelOf: () => kernel, now: () => now },
    ...{ listen: { host: HOST, port: exchangePort }, log: pino({ level: "silent" }), report: () => undefined },
  });
  await network.connect(kernel);
  const { nodes } = network;
  const server = await openServer({ log: pino({ level: "silent" }), trustProxy: false, secure: false });
  const act = (idempotencyKey?: string) => ({
    ...node.act({ kind: "node", room: "directory" }, { purpose: "administration" }),
    idempotencyKey,
  });
  mountDirectory(server, {
    ...{ sql: kernel.database, nodes },
    front: (idempotencyKey) => frontOf(kernel, directory, () => act(idempotencyKey)),
  });
  await mountTrust(server, {
    ...{ trust: keys, front: own, now: () => kernel.now(), publicUrl: site },
    proof: async () => undefined,
  });
  await server.listen({ host: HOST, port: sitePort });
  const official = (id: string): Extract<Principal, { readonly kind: "official" }> => ({
    ...{ kind: "official", id, assurance: 3 },
    post: {
      ...{ id, title: text("管理员", "Administrator"), authority: id, division: "990000" },
      ...{ authorityName: text("样本机构", "Sample"), duties: DUTIES },
    },
  });
  const as = <C extends Contract>(contract: C, principal: Principal): Front<C> =>
    node.as(contract, principal, { purpose: "administration" });
  const place = { kernel, database: kernel.database, keys: keys.nodeKeys };
  return {
    ...{ node, kernel, network, nodes, site, place },
    first: as(directory, official(FIRST)),
    second: as(directory, official(SECOND)),
    trust: as(trust, official(FIRST)),
    ...keyLoss({ kernel, opened: keys, own, officials: [as(trust, official(FIRST)), as(trust, official(SECOND))] }),
    describing: (code: string, division: string, hosts: readonly string[]): NodeDescription => ({
      ...{ code, division, rooms: hosts, name: text(`${code}（样本）`, code), zone: "extranet", site, exchange },
    }),
    /** What of the ledger says what was refused. */
    async refused(): Promise<readonly { readonly actor: string; readonly outcome: string }[]> {
      const { records } = await kernel.ledger.byKind("refused", { limit: 100 });
      return records.map(({ content }) => ({ actor: content?.actor.id ?? "", outcome: content?.outcome ?? "" }));
    },
    setNow(at: string) {
      now = at;
      node.setNow(at);
    },
    async close() {
      await opened().stop();
      await server.close();
      await node.close();
      await rm(folder, { recursive: true });
    },
  };
}

export type JoinedNode = Awaited<ReturnType<typeof joinedNode>>;

/** Begins a directory at the first and lets the others in below it; all answer each other then. */
export async function joinAll(
  centre: { readonly node: JoinedNode; readonly hosts: readonly string[] },
  others: readonly {
    readonly node: JoinedNode;
    readonly code: string;
    readonly division: string;
    readonly hosts: readonly string[];
  }[],
): Promise<void> {
  await foundDirectory(
    centre.node.place,
    centre.node.describing("centre", "000000", centre.hosts),
    issuer(centre.node.kernel),
  );
  await centre.node.nodes.round();
  for (const { node, code, division, hosts } of others) {
    const sent = await sendJoining(node.place, node.describing(code, division, hosts), centre.node.site);
    const { items } = answered(await centre.node.first.listJoinings({}));
    const id = items.find(({ digest }) => digest === sent.digest)?.id ?? "";
    answered(await centre.node.first.proposeJoining({ id, shortCode: sent.shortCode, reason: "电话核对" }));
    answered(await centre.node.second.decideJoining({ id, decision: "approve", reason: "同意" }));
    await centre.node.nodes.round();
    await awaitAdmission(node.place, sent, { signal: AbortSignal.timeout(10_000), intervalMs: 10 });
    await node.nodes.round();
  }
  await settle(centre.node, ...others.map(({ node }) => node));
  for (const node of [centre.node, ...others.map((one) => one.node)]) await node.network.start();
}

/** Until each has what the others published. */
export async function settle(...nodes: readonly JoinedNode[]): Promise<void> {
  for (let round = 0; round < 2; round++) for (const { nodes: one } of nodes) await one.round();
}
