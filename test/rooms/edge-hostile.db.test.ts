import assert from "node:assert/strict";
import { request } from "node:https";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { CONNECTIONS_MAX } from "../../src/infrastructure/exchange/xroad/limits.ts";
import { type EdgeCounty, edgeCounty, openFindPerson } from "./edge-county.ts";

/** Whoever means ill at the edge for systems that are not ours. How long it bears a slow one: test/long/edge-slow.test.ts. */

let county: EdgeCounty;
let findPerson = "";
before(async () => {
  county = await edgeCounty();
  findPerson = await openFindPerson(county);
});
after(() => county.close());

const skip = process.platform !== "linux" && "only Linux has more than one loopback address from the start";
test("strangers who open as many connections as there may be from one address leave room for others", {
  skip,
}, async () => {
  const { port } = county.edge;
  const sockets = Array.from({ length: CONNECTIONS_MAX }, () =>
    connect({ host: "127.0.0.1", port, localAddress: "127.0.0.2" }).on("error", () => undefined),
  );
  try {
    await Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve).once("close", resolve))),
    );
    const answer = await county.call("/listClients", { headers: { accept: "application/json" } });
    assert.equal(answer.status, 200);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

/** Sends a body that says how it is packed. */
function bomb(headers: Readonly<Record<string, string>>, body: Uint8Array) {
  const { edge, own, system, client } = county;
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const place = {
      host: "127.0.0.1",
      servername: "localhost",
      port: edge.port,
      path: findPerson,
    };
    const sent = request(
      {
        ...{ ...place, method: "POST", agent: false, ca: own.certificate, key: system.key, cert: system.certificate },
        headers: { "x-road-client": client, "content-type": "application/json", ...headers },
      },
      (response) => {
        let text = "";
        response.on("data", (part) => {
          text += String(part);
        });
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

test("nothing is unpacked: a small body that would become a large one is refused as it came", async () => {
  const zeros = Buffer.alloc(32 * 1024 * 1024);
  const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
  const gzip = gzipSync(zeros, { level: 1 });
  const bombs = { gzip, br: brotliCompressSync(zeros, fast), "gzip, gzip": gzipSync(gzip) };
  const before = process.memoryUsage().arrayBuffers;
  for (const [coding, body] of Object.entries(bombs)) {
    const { status, text } = await bomb({ "content-encoding": coding, "content-length": String(body.length) }, body);
    assert.equal(status, 400, coding);
    assert.match(text, /Client\.BadRequest/);
  }
  // Had one of them been unpacked, its 32 MiB would stand there.
  assert.ok(process.memoryUsage().arrayBuffers - before < zeros.length / 2);
});

test("where the edge itself fails, and where what was called fails, is told apart, and told no more of", async () => {
  const { database } = county.node.kernel;
  const asked = { method: "POST", headers: { "content-type": "application/json" }, body: `{"id":"${county.person}"}` };
  const [table] = await database.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'population' AND tablename LIKE 'person%' ORDER BY tablename LIMIT 1",
  );
  const away = async (name: string, during: () => Promise<void>) => {
    const [schema, plain] = name.split(".");
    await database.execute(`ALTER TABLE ${name} RENAME TO ${plain}_away`);
    try {
      await during();
    } finally {
      await database.execute(`ALTER TABLE ${schema}.${plain}_away RENAME TO ${plain}`);
    }
  };
  const failed = (answer: Awaited<ReturnType<EdgeCounty["call"]>>, type: string) => {
    const { message, detail, ...rest } = JSON.parse(answer.body);
    assert.equal(answer.status, 500);
    assert.equal(answer.headers["x-road-error"], type);
    assert.deepEqual(rest, { type });
    assert.doesNotMatch(message, /SELECT|relation|_away/);
    assert.match(detail, /^[0-9a-f-]{36}$/, "under this number the node's own records tell what it was");
  };
  await away("ledger.entry", async () => {
    failed(
      await county.call("/listClients", { headers: { accept: "application/json" } }),
      "Server.ClientProxy.InternalError",
    );
  });
  await away(`population.${table?.name}`, async () => {
    failed(await county.call(findPerson, asked), "Server.ServerProxy.InternalError");
  });
  const { records } = await county.node.kernel.ledger.byActor({ kind: "node", id: county.client }, { limit: 1 });
  assert.equal(records[0]?.content?.outcome, "Server.ServerProxy.InternalError", "a call that failed is on the record");
  assert.equal(county.faults.length, 2);
  assert.equal((await county.call(findPerson, asked)).status, 200);
});
