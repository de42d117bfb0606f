import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { directory } from "#infrastructure/directory";
import { trust } from "#infrastructure/trust";
import { text } from "#lib/language/text";
import { certificateRecords, openTrust } from "../../src/infrastructure/trust/ports.ts";
import { foundDirectory } from "../../src/node/network/membership.ts";
import { issuer } from "../../src/node/network/open-directory.ts";
import { answered } from "./answers.ts";
import { edgeCounty } from "./edge-county.ts";

const county = await edgeCounty();
const folder = await mkdtemp(join(tmpdir(), "zhengtong-merged-"));
after(async () => {
  await county.close();
  await rm(folder, { recursive: true });
});
const { node, client, person, doors, keeperRegistrar, keeperDecider, approve, call, government, publicSecurity } =
  county;

test("an authority that was merged is still called by its code, and the rights that name it count on", async () => {
  const service = "ZT/GOV/990101-ga/population/v1";
  const right = {
    ...{ client, service, endpoints: ["findPersonForCase"], purpose: "case" as const, reason: "办理许可" },
    legalBasis: [{ law: { zh: "食品安全法", en: "Food Safety Law" }, article: "第三十五条" }],
    until: "2027-11-18T00:00:00.000Z",
  };
  await approve(answered(await doors(keeperRegistrar).proposeRight(right)).id, keeperDecider);
  await county.lookAgain();
  const found = () =>
    call(`/r1/${service}/findPersonForCase`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-road-issue": "0192f1c4-5d4e-7c3a-9f00-2b6a1f0c9d11" },
      body: JSON.stringify({ id: person }),
    });
  assert.equal((await found()).status, 200);

  const own = node.as(trust, { kind: "node", room: "trust" }, { purpose: "administration" });
  const keys = await openTrust({ folder, operator: "样本", at: "2026-01-01T00:00:00Z" });
  await keys.connect({ authorityName: async () => "样本", demonstration: true, records: certificateRecords(own) });
  const place = { kernel: node.kernel, database: node.kernel.database, keys: keys.nodeKeys };
  const name = text("中央节点（样本）", "Centre");
  await foundDirectory(place, { code: "centre", name, zone: "extranet", rooms: [] }, issuer(node.kernel));
  const [first, second] = [
    await county.official(government, "directory.administer"),
    await county.official(government, "directory.approve"),
  ];
  const as = (official: typeof first) => node.as(directory, official, { purpose: "administration" });
  const merger = { authority: "990101-ga", into: "990101-zf", reason: "机构改革" };
  const { id } = answered(await as(first).proposeAuthorityMerger(merger));
  answered(await as(second).decideDirectoryChange({ id, decision: "approve", reason: "同意" }));
  assert.equal(answered(await as(first).findAuthority({ id: publicSecurity })).mergedInto, government);

  // The successor keeps the room from now on; what was known of codes a moment ago is asked anew.
  county.keeps("population", government);
  node.setNow(Temporal.Instant.from(node.kernel.now()).add({ seconds: 10 }).toString());
  const got = await found();
  assert.equal(got.status, 200, got.body);
});
