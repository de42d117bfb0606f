import { type ChildProcess, fork } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterAccount } from "../../src/kernel/database/cluster/account.ts";
import { findBinaries } from "../../src/kernel/database/cluster/binaries.ts";
import { initialiseCluster, startCluster } from "../../src/kernel/database/cluster/cluster.ts";
import { openDatabase } from "../../src/kernel/database/database.ts";
import { migrate } from "../../src/kernel/database/migrations.ts";
import { migrateJobs } from "../../src/kernel/jobs/jobs.ts";
import { generateEd25519, randomBytes } from "../../src/kernel/random.ts";
import { toBase64 } from "../../src/lib/crypto/base64url.ts";
import { pkcs8Of } from "../../src/lib/crypto/keys.ts";
import { sm2Pkcs8Of } from "../../src/lib/crypto/sm2/key-files.ts";
import { generateSm2Key, SM2_GENERATION_BYTES } from "../../src/lib/crypto/sm2/keys.ts";
import { nodeOf } from "../../src/lib/directory/testing.ts";
import { migrationSets } from "../../src/node/migration-sets.ts";
import processSettings from "../../src/node/process-settings.json" with { type: "json" };
import { type Identity, identityOf } from "../../test/harness/exchange-nodes.ts";
import { ROWS } from "./rooms.ts";

/** Two nodes that ask each other, in processes of their own, with a durable PostgreSQL; and what calls them. */

export interface Place {
  readonly exchange: number;
  readonly front: string;
  readonly direct: string;
  readonly publicKey: string;
}

export interface Usage {
  readonly cpu: { readonly user: number; readonly system: number };
  readonly rss: number;
  readonly state: unknown;
}

export class Child {
  readonly #child: ChildProcess;

  constructor(settings: object) {
    this.#child = fork(join(import.meta.dirname, "node.ts"), [JSON.stringify(settings)], {
      // As the launcher starts a node: what costs memory there must not be had for nothing here.
      execArgv: [
        ...processSettings.flags,
        ...(process.env["ZHENGTONG_BENCH_PROFILE"]
          ? ["--cpu-prof", `--cpu-prof-dir=${process.env["ZHENGTONG_BENCH_PROFILE"]}`]
          : []),
      ],
      env: { ...process.env, ...processSettings.environment },
    });
  }

  next<T>(message?: object): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#child.once("message", (answer) => resolve(answer as T));
      this.#child.once("exit", () => reject(new Error("the node ended")));
      if (message) this.#child.send(message);
    });
  }

  tell(message: object): void {
    this.#child.send(message);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.send({ stop: true });
    await ended;
  }
}

/** One connection that sends a request, waits for its answer, and sends the next. Milliseconds of each. */
export async function client(options: {
  readonly url: string;
  readonly request: (n: number) => string;
  readonly isOver: () => boolean;
  readonly first: number;
}): Promise<readonly number[]> {
  const { hostname, port } = new URL(options.url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const times: number[] = [];
  await new Promise<void>((resolve, reject) => {
    let began = 0;
    let n = options.first;
    let text = "";
    const send = () => {
      if (options.isOver()) {
        socket.destroy();
        resolve();
        return;
      }
      n = (n * 48_271) % 2_147_483_647;
      began = performance.now();
      socket.write(options.request(1 + (n % ROWS)));
    };
    socket.on("connect", send);
    socket.on("error", reject);
    socket.on("data", (part) => {
      text += part.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = /content-length: (\d+)/i.exec(text);
      const isWhole = length ? text.length >= head + 4 + Number(length[1]) : text.endsWith("0\r\n\r\n");
      if (!isWhole) return;
      if (!text.startsWith("HTTP/1.1 200")) return reject(new Error(text.slice(0, 500)));
      times.push(performance.now() - began);
      text = "";
      send();
    });
  });
  return times;
}

/** What a client of the asking node sends. */
export const askRequest = (id: number, room = "asker") => {
  const body = JSON.stringify({ id });
  return `POST /api/${room}/v1/ask HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nzhengtong-purpose: public-information\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
};
export const directRequest = (id: number) => `GET /${id} HTTP/1.1\r\nhost: a\r\n\r\n`;

export async function withCluster<T>(work: (urlOf: (name: string) => string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-bench-exchange-"));
  await chmod(folder, 0o711);
  const account = await clusterAccount();
  const place = {
    account,
    folder: join(folder, "cluster"),
    binaries: await findBinaries(account, join(folder, "binaries")),
  };
  await initialiseCluster(place, randomBytes(16).toHex());
  const cluster = await startCluster(place, { settings: { max_connections: "100", shared_buffers: "256MB" } });
  try {
    return await work((name) => cluster.url(name));
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One of the two. */
export interface RunningNode {
  readonly code: string;
  /** Of its database. */
  readonly name: string;
  readonly child: Child;
  readonly place: Place;
}

/** Starts both: the centre keeps the provider, the county asks. */
export async function startNodes(
  suite: "international" | "national",
  urlOf: (name: string) => string,
): Promise<{ readonly centre: RunningNode; readonly county: RunningNode }> {
  const sets = await migrationSets();
  const codes = ["centre", "county"] as const;
  await using main = await openDatabase({ url: urlOf("postgres") });
  const nodes: (RunningNode & { readonly identity: Identity })[] = [];
  for (const code of codes) {
    const name = `${code}_${suite}`;
    await main.execute(`CREATE DATABASE ${name}`);
    await using database = await openDatabase({ url: urlOf(name) });
    await migrate(database, sets);
    await migrateJobs(urlOf(name));
    if (code === "centre") {
      await database.execute("CREATE TABLE bench_row (id int PRIMARY KEY, value text NOT NULL)");
      await database.execute(
        `INSERT INTO bench_row SELECT n, repeat(md5(n::text), 3) FROM generate_series(1, ${ROWS}) n`,
      );
      await database.execute("ANALYZE bench_row");
    }
    const identity = await identityOf(code);
    const key =
      suite === "national" ? sm2Pkcs8Of(generateSm2Key(randomBytes(SM2_GENERATION_BYTES))) : pkcs8Of(generateEd25519());
    const child = new Child({ code, url: urlOf(name), tls: identity.tls, key: toBase64(key), suite });
    nodes.push({ code, name, identity, child, place: await child.next<Place>() });
  }
  const directory = nodes.map(({ code, identity, place }) =>
    nodeOf(code, code === "centre" ? "000000" : "990101", {
      exchange: `https://127.0.0.1:${place.exchange}`,
      certificates: [identity.fingerprint],
      signingKeys: [{ id: "key", suite, publicKey: place.publicKey }],
    }),
  );
  for (const { child } of nodes) child.tell({ directory });
  const [centre, county] = nodes;
  if (centre === undefined || county === undefined) throw new Error("two nodes");
  return { centre, county };
}
