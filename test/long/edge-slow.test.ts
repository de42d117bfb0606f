import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { HEADERS_TIMEOUT_MS, HELD_BODY_TIMEOUT_MS } from "../../src/infrastructure/exchange/xroad/limits.ts";
import { type EdgeCounty, edgeCounty, type Identity, identity, openFindPerson } from "../rooms/edge-county.ts";

/** A slow loris at the edge for systems that are not ours: it keeps a place for a bounded time, whatever it drips, and others are served meanwhile. */

const LORISES = 100;
const DRIP_MS = 500;
/** What a loaded machine may take beyond the bound: still far below what nobody would look at. */
const LENIENCY_MS = 8_000;
let county: EdgeCounty;
before(async () => {
  county = await edgeCounty();
});
after(() => county.close());

/** Sends the beginning of a request, then a byte now and then, until it is let go; gives how long that took, in milliseconds. */
function drip(beginning: string, as: Identity): Promise<number> {
  return new Promise((resolve) => {
    let sinceMs = performance.now();
    const socket: TLSSocket = connect({
      ...{ host: "127.0.0.1", servername: "localhost", port: county.edge.port, rejectUnauthorized: false },
      ...{ key: as.key, cert: as.certificate },
    });
    const dripping = setInterval(() => socket.write("x"), DRIP_MS);
    socket.on("error", () => undefined);
    socket.on("data", () => undefined);
    socket.on("secureConnect", () => {
      sinceMs = performance.now();
      socket.write(beginning);
    });
    socket.on("close", () => {
      clearInterval(dripping);
      resolve(performance.now() - sinceMs);
    });
  });
}

async function othersAreServed(): Promise<void> {
  const answer = await county.call("/listClients", { headers: { accept: "application/json" } });
  assert.equal(answer.status, 200);
}

test("headers that never end, of strangers", async () => {
  const stranger = await identity("stranger.example");
  const lorises = Promise.all(
    Array.from({ length: LORISES }, () => drip("GET /listClients HTTP/1.1\r\nhost: a\r\nx: ", stranger)),
  );
  await othersAreServed();
  const longest = Math.max(...(await lorises));
  assert.ok(longest < HEADERS_TIMEOUT_MS + LENIENCY_MS, `let go after ${Math.round(longest)} ms`);
});

test("a body that never ends, of a registered system", async () => {
  const target = await openFindPerson(county);
  const head = `POST ${target} HTTP/1.1\r\nhost: a\r\nx-road-client: ${county.client}\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{`;
  const lorises = Promise.all(Array.from({ length: 4 }, () => drip(head, county.system)));
  await othersAreServed();
  const longest = Math.max(...(await lorises));
  assert.ok(longest < HELD_BODY_TIMEOUT_MS + LENIENCY_MS, `let go after ${Math.round(longest)} ms`);
});
