/** Two nodes on two sides of a ferry, each with officials of its own who sign. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CARRY, LOOK, network, RELEASE } from "#infrastructure/network";
import { trust } from "#infrastructure/trust";
import type { Principal, Zone } from "#kernel/system/act";
import { INTERNATIONAL_CHOICE, type SuiteChoice } from "#lib/crypto/purposes";
import { text } from "#lib/language/text";
import { provideNetworkPorts } from "../../src/infrastructure/network/ports.ts";
import { OFFICIAL_POLICY } from "../../src/infrastructure/trust/certificates/profiles.ts";
import { keyEntry } from "../../src/infrastructure/trust/key-event.ts";
import { certificateRecords, openTrust } from "../../src/infrastructure/trust/ports.ts";
import { doCalls } from "../../src/node/ferry/do-calls.ts";
import { exportPackage, type Media } from "../../src/node/ferry/export-package.ts";
import { importPackage } from "../../src/node/ferry/import-package.ts";
import { findParts } from "../../src/node/ferry/part-files.ts";
import { ROOMS } from "../../src/node/rooms.ts";
import { testNode } from "../../src/node/testing.ts";
import { answered } from "./answers.ts";

const NOW = "2026-11-18T02:00:00.000Z";

export type FerryNode = Awaited<ReturnType<typeof ferryNode>>;

export async function ferryNode(code: string, zone: Zone, suites: SuiteChoice = INTERNATIONAL_CHOICE) {
  const node = await testNode({ systems: ROOMS, zone, now: NOW });
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-ferry-"));
  const opened = await openTrust({ folder, operator: code, at: "2026-01-01T00:00:00Z", suites });
  const machine: Principal = { kind: "node", room: "network" };
  await opened.connect({
    authorityName: async () => code,
    demonstration: true,
    records: certificateRecords(node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" })),
    onKeyEvent: (event) => node.kernel.ledger.append(node.kernel.database, [keyEntry(event)]),
  });
  /** The room's ports are one in a process: whoever acts gives its own. */
  const here = () =>
    provideNetworkPorts({
      node: { code, name: code },
      ...{ suites, signer: opened.signer, roots: opened.hierarchy.roots, officialPolicy: OFFICIAL_POLICY },
      contractOf: (room) => node.kernel.systems.get(room)?.contract,
    });
  const doors = (principal: Principal) => {
    here();
    return node.as(network, principal, { purpose: "administration" });
  };
  const official = (duty: string): Principal => ({
    kind: "official",
    id: node.kernel.newId(),
    post: {
      id: node.kernel.newId(),
      title: text("岗", "Post"),
      authority: node.kernel.newId(),
      authorityName: text(code, code),
      duties: [LOOK, duty],
      division: "990101",
    },
    assurance: 2,
  });
  const [carrier, releaser] = [official(CARRY), official(RELEASE)];
  here();
  answered(await doors(machine).openFerry({}));
  return {
    ...{ node, code, carrier, releaser, folder, here },
    machine: () => doors(machine),
    as: doors,
    official,
    export: (id: string, media: Partial<Media> = {}) => {
      here();
      return exportPackage(node.kernel, id, {
        ...{ folder: join(folder, `media-${id}`), mediaBytes: 4_000, redundancyPercent: 50, ...media },
      });
    },
    async import(paths: readonly string[]) {
      here();
      const outcomes = [];
      for (const parts of await findParts(paths)) outcomes.push(await importPackage(node.kernel, parts));
      return outcomes;
    },
    doCalls() {
      here();
      return doCalls(node.kernel);
    },
    async close() {
      await node.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Each knows the other's card, as two officials have compared it. */
export async function introduced(one: FerryNode, other: FerryNode, outward = false): Promise<string> {
  const { card } = answered(await other.machine().ownCard({}));
  const { id } = answered(await one.as(one.carrier).proposePartner({ card, outward, reason: "会议纪要〔2026〕1号" }));
  answered(await one.as(one.releaser).decidePartner({ id, decision: "confirmed" }));
  return id;
}

/** A package with a document in it, released by two. */
export async function releasedPackage(from: FerryNode, partner: string, content = "清源县经济运行简报".repeat(700)) {
  const { id } = answered(
    await from.as(from.carrier).beginPackage({ partner, purpose: "报送简报", legalBasis: "省府办〔2026〕3号" }),
  );
  answered(
    await from.as(from.carrier).addDocument({
      ...{ package: id, title: "简报", classification: "internal", name: "简报.txt", mediaType: "text/plain" },
      content: Buffer.from(content).toString("base64"),
    }),
  );
  answered(await from.as(from.carrier).proposePackage({ id }));
  answered(await from.as(from.releaser).decidePackage({ id, decision: "released" }));
  return id;
}
