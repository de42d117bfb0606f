/** One node of `exchange-nodes.ts` in a process of its own, on a database that outlives it: for tests that kill it. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Exchange } from "../../src/infrastructure/exchange/exchange.ts";
import { openDatabase } from "../../src/kernel/database/database.ts";
import { checkpointSigner } from "../../src/kernel/ledger/checkpoint-signer.ts";
import { fromBase64 } from "../../src/lib/crypto/base64url.ts";
import { international } from "../../src/lib/crypto/international.ts";
import { ed25519FromSeed, publicKeyOf, spkiOf } from "../../src/lib/crypto/keys.ts";
import type { Hosting, NodeEntry } from "../../src/lib/directory/entries.ts";
import { authorityOf, documentOf } from "../../src/lib/directory/testing.ts";
import { assemble } from "../../src/lib/directory/view.ts";
import { composeKernel } from "../../src/node/compose.ts";
import { systems } from "./exchange-rooms.ts";

/** What the process is told, as JSON in its first argument. */
export interface ProcessSettings {
  readonly code: string;
  readonly url: string;
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string };
  /** Of the key that signs its messages, base64. */
  readonly seed: string;
  readonly keyId: string;
  readonly nodes: readonly NodeEntry[];
  readonly hostings: readonly Hosting[];
  readonly now: string;
}

const settings = JSON.parse(process.argv[2] ?? "") as ProcessSettings;
const { code, url, nodes, hostings, now } = settings;
const authorities = [authorityOf(1, "990101")];
const view = assemble({
  now: new Date().toISOString(),
  self: code,
  parts: [documentOf("000000", { nodes, hostings, authorities })],
  isPartial: false,
});
if (!("hostOf" in view)) throw new Error(JSON.stringify(view));
const key = ed25519FromSeed(fromBase64(settings.seed) ?? new Uint8Array());
const exchange = new Exchange({
  view: () => view,
  signer: async () => ({
    ...{ id: settings.keyId, suite: "international", publicKey: spkiOf(publicKeyOf(key)) },
    sign: async (message) => international.sign({ key, message }),
  }),
  tls: () => settings.tls,
});
const kernel = await composeKernel({
  database: await openDatabase({ url, poolSize: 10, applicationName: code }),
  systems,
  keys: { masterKey: () => new Uint8Array(32).fill(7) },
  checkpointSigner: checkpointSigner(`${code}.zhengtong.example/log`, ed25519FromSeed(new Uint8Array(32).fill(3))),
  filesFolder: await mkdtemp(join(tmpdir(), "zhengtong-test-files-")),
  zone: "extranet",
  authorityOf: () => "00000000-0000-4000-8000-000000000001",
  now: () => now,
  elsewhere: {
    routes: { self: code, hostOf: () => ({ kind: "here" }), standsInLine: () => true },
    transport: exchange,
  },
});
kernel.ledger.start();
await exchange.connect(kernel);
await exchange.listen({ host: "127.0.0.1", port: settings.port });
process.send?.("ready");
