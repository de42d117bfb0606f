import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  registerRight,
  registerService,
  registerSystem,
  startForeignSystem,
} from "../../src/node/country/foreign-system.ts";
import { Visitor } from "../../src/node/demo/visitor.ts";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { generateCounty } from "../../src/node/demonstration/generate.ts";
import { DEFAULT_INSTANCE, EDGE_CERTIFICATE_FILE } from "../../src/node/edge.ts";
import { targetNode } from "../adversarial/target-node.ts";

const SERVICE = "ZT/GOV/990101-scjg/legal-entities/v1";
const WAIT_MS = 60_000;

const node = await targetNode({ edge: { host: "127.0.0.1", port: 0, name: "localhost" } });
after(node.close);
const system = await startForeignSystem({
  edgeCertificate: await readFile(join(node.dataFolder, EDGE_CERTIFICATE_FILE), "utf8"),
  instance: DEFAULT_INSTANCE,
  at: new Date().toISOString(),
});
after(() => system.stop());
const edge = `https://localhost:${node.node.edge?.port}`;

async function official(signInName: string): Promise<Visitor> {
  const visitor = new Visitor(node.address);
  await visitor.open("/sign-in");
  await visitor.submit(/^\/sign-in$/, { signInName, password: DEMONSTRATION_PASSWORD });
  return visitor;
}

test("a system in a process of its own joins: it asks a room, and is asked", async () => {
  const [company] = generateCounty().organizations;
  const body = JSON.stringify({ creditCode: company?.value.creditCode });
  const find = () =>
    system.call({
      edge,
      target: `/r1/${SERVICE}/findByCode`,
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
  assert.equal((await find()).headers["x-road-error"], "Server.ClientProxy.SslAuthenticationFailed");
  const registrars = { proposer: await official("registrar"), decider: await official("head") };
  await registerSystem(registrars, system);
  await registerService(registrars, system);
  await registerRight(registrars, { client: system.client, service: SERVICE, endpoints: ["findByCode"] });
  await registerRight(registrars, { client: system.client, service: system.service, endpoints: ["GET /orders/{id}"] });
  const order = (id: number) => system.call({ edge, target: `/r1/${system.service}/orders/${id}` });
  // What was approved reaches the edge by a notification.
  const endsAt = Date.now() + WAIT_MS;
  while ((await order(42)).status !== 200) assert.ok(Date.now() < endsAt, "the right did not come into force");
  const found = await find();
  assert.equal(found.status, 200, found.body);
  assert.equal(JSON.parse(found.body).name, company?.value.name);
  const shipped = await order(43);
  assert.equal(JSON.parse(shipped.body).state, "shipped");
  assert.ok(shipped.served >= 2, "its own process served it");
  assert.equal((await order(44)).status, 404);
});
