/** One node of `bench/exchange.ts`, in a process of its own. */
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { Exchange } from "../../src/infrastructure/exchange/exchange.ts";
import { openDatabase } from "../../src/kernel/database/database.ts";
import { mountApi } from "../../src/kernel/http/api.ts";
import { openServer } from "../../src/kernel/http/server.ts";
import { checkpointSigner } from "../../src/kernel/ledger/checkpoint-signer.ts";
import type { MessageSigner } from "../../src/kernel/ports.ts";
import { fromBase64, toBase64 } from "../../src/lib/crypto/base64url.ts";
import { international } from "../../src/lib/crypto/international.ts";
import { ed25519FromSeed, privateKeyFromPkcs8, publicKeyOf, spkiOf } from "../../src/lib/crypto/keys.ts";
import { national } from "../../src/lib/crypto/national.ts";
import { sm2PrivateKeyFromPkcs8, sm2SpkiOf } from "../../src/lib/crypto/sm2/key-files.ts";
import type { NodeEntry } from "../../src/lib/directory/entries.ts";
import { documentOf } from "../../src/lib/directory/testing.ts";
import { assemble, type DirectoryView } from "../../src/lib/directory/view.ts";
import { composeKernel } from "../../src/node/compose.ts";
import { READ_ROW, systems } from "./rooms.ts";

interface Settings {
  readonly code: string;
  readonly url: string;
  readonly tls: { readonly key: string; readonly cert: string };
  /** PKCS #8, base64. */
  readonly key: string;
  readonly suite: "international" | "national";
}

const settings = JSON.parse(process.argv[2] ?? "") as Settings;
const database = await openDatabase({ url: settings.url, poolSize: 20, applicationName: settings.code });
let view: DirectoryView | undefined;

function signer(): MessageSigner {
  const der = fromBase64(settings.key) ?? new Uint8Array();
  if (settings.suite === "national") {
    const key = sm2PrivateKeyFromPkcs8(der);
    const publicKey = sm2SpkiOf(key.publicKey);
    return { id: "key", suite: "national", publicKey, sign: async (message) => national.sign({ key, message }) };
  }
  const key = privateKeyFromPkcs8(der);
  const publicKey = spkiOf(publicKeyOf(key));
  return {
    id: "key",
    suite: "international",
    publicKey,
    sign: async (message) => international.sign({ key, message }),
  };
}

const exchange = new Exchange({
  view: () => view,
  signer: async () => signer(),
  tls: () => settings.tls,
  onFault: (error) => console.error(settings.code, error),
});
const kernel = await composeKernel({
  database,
  systems,
  keys: { masterKey: () => new Uint8Array(32).fill(7) },
  checkpointSigner: checkpointSigner("bench.example/log", ed25519FromSeed(new Uint8Array(32).fill(3))),
  filesFolder: await mkdtemp(join(tmpdir(), "zhengtong-bench-")),
  zone: "extranet",
  authorityOf: () => "00000000-0000-4000-8000-000000000001",
  elsewhere: {
    routes: {
      self: settings.code,
      standsInLine: () => true,
      hostOf(room, division) {
        const host = view?.hostOf(room, division ?? "990101");
        return host === undefined || host === settings.code ? { kind: "here" } : { kind: "node", node: host };
      },
    },
    transport: exchange,
  },
});
kernel.ledger.start();
await exchange.connect(kernel);
const port = await exchange.listen({ host: "127.0.0.1", port: 0 });
const server = await openServer({ log: pino({ level: "error" }), trustProxy: false, secure: false });
mountApi(server, { kernel, principals: { session: async () => undefined }, secure: false });
const front = await server.listen({ host: "127.0.0.1", port: 0 });

/** The same provider without anything around it. */
const direct = createServer(async (request, response) => {
  const id = Number(request.url?.slice(1));
  const [row] = await database.query(READ_ROW, [id]);
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(row));
});
await new Promise<void>((resolve) => direct.listen(0, "127.0.0.1", resolve));
process.send?.({
  exchange: port,
  front,
  direct: `http://127.0.0.1:${(direct.address() as AddressInfo).port}`,
  publicKey: toBase64(signer().publicKey),
});

process.on(
  "message",
  (message: { readonly directory?: readonly NodeEntry[]; readonly stop?: true; readonly usage?: true }) => {
    if (message.directory !== undefined) {
      const parts = [
        documentOf("000000", {
          nodes: message.directory,
          hostings: [
            { room: "provider", division: "000000", node: "centre" },
            { room: "asker", division: "990101", node: "county" },
            { room: "noisy", division: "990101", node: "county" },
          ],
        }),
      ];
      const assembled = assemble({ self: settings.code, parts, now: new Date().toISOString(), isPartial: false });
      if ("hostOf" in assembled) view = assembled;
    }
    if (message.usage)
      process.send?.({ cpu: process.cpuUsage(), state: exchange.state, rss: process.memoryUsage.rss() });
    if (message.stop) process.exit(0);
  },
);
