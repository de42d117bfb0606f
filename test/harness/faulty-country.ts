/** The country of the demonstration, its four nodes on wire, with whatever can go wrong between and in them. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterAccount } from "../../src/kernel/database/cluster/account.ts";
import { openDatabase } from "../../src/kernel/database/database.ts";
import type { Database } from "../../src/kernel/database/sql.ts";
import { text } from "../../src/lib/language/text.ts";
import { Country } from "../../src/node/country/country.ts";
import { type Namespaces, openNamespaces } from "../../src/node/country/namespaces.ts";
import { CENTRE, CITY, COUNTY, ON_WIRE, PROVINCE } from "../../src/node/country/plan.ts";
import { loopbackWires, type NodePlace, type Wires } from "../../src/node/country/wires.ts";
import { stepTaker } from "../../src/node/demo/progress.ts";
import { freePort } from "../../src/node/demo/temporary-node.ts";
import { archive, book, desk, notebook } from "./book-rooms.ts";
import type { ProxySettings, WireState } from "./fault-proxy-process.ts";

const NODE_PROGRAM = join(import.meta.dirname, "country-node.ts");
const PROXY_PROGRAM = join(import.meta.dirname, "fault-proxy-process.ts");
const SOUND: WireState = { delayMs: 0, lossPerThousand: 0, cutOff: [] };
/** Behind a proxy of namespaces: no other program lives there. */
const SHOWN_PORTS = { site: 9080, exchange: 9443 };
/** Which node keeps which of the rooms that are judged. */
const KEEPS: Readonly<Record<string, readonly string[]>> = {
  [CENTRE.code]: [archive.id],
  [PROVINCE.code]: [book.id],
  [CITY.code]: [notebook.id, desk.id],
  [COUNTY.code]: [desk.id],
};

export class FaultyCountry {
  readonly #wires: Wires;
  readonly #proxies = new Map<string, { readonly child: ChildProcess; state: WireState }>();
  readonly #databases = new Map<string, Database>();
  /** Pairs of nodes that do not hear each other. */
  readonly #cuts = new Set<string>();
  readonly log: string[] = [];
  #country: Country | undefined;
  #disk: string | undefined;

  private constructor(wires: Wires) {
    this.#wires = wires;
  }

  /** In namespaces where the machine allows it and nobody wants it otherwise, else on loopback: `words` says which. */
  static async start(options: { readonly onLoopback: boolean }): Promise<FaultyCountry> {
    const plan = { onWire: ON_WIRE.map(({ code }) => code), apart: [] };
    const opened = options.onLoopback ? { why: text("按要求", "as wanted") } : await openNamespaces(plan);
    const faulty = new FaultyCountry("why" in opened ? loopbackWires(opened.why) : opened);
    try {
      await faulty.#bringUp();
      return faulty;
    } catch (error) {
      await faulty.close();
      throw error;
    }
  }

  async #bringUp(): Promise<void> {
    this.#country = await Country.start({
      ...{ step: stepTaker(() => undefined).step, onLog: (line) => this.log.push(line) },
      ...{ withIntranet: false, wires: this.#wires, program: NODE_PROGRAM },
      further: async (code, place) => ({ rooms: KEEPS[code] ?? [], reached: await this.#shield(code, place) }),
    });
    for (const { code } of ON_WIRE) await this.country.node(code).askFurther("prepareEvents", {});
  }

  /** Puts proxies in front of a node that is about to start. */
  async #shield(code: string, { host, port, exchangePort }: NodePlace) {
    const isAlone = this.#wires.kind === "namespaces";
    const shown = isAlone ? SHOWN_PORTS : { site: await freePort(), exchange: await freePort() };
    const settings: ProxySettings = {
      host,
      ports: [
        [shown.site, port],
        [shown.exchange, exchangePort],
      ],
      peersBy: isAlone ? "address" : "process",
    };
    const [command, ...args] = this.#wires.startingAt(code, [PROXY_PROGRAM, JSON.stringify(settings)]);
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    await once(child, "message");
    this.#proxies.set(code, { child, state: SOUND });
    return { site: `http://${host}:${shown.site}`, exchange: `https://${host}:${shown.exchange}` };
  }

  get country(): Country {
    if (this.#country === undefined) throw new Error("the country has not started");
    return this.#country;
  }

  get words(): string {
    const proxies = this.#wires.kind === "namespaces" ? "links are cut" : "the fault proxy cuts";
    return `${this.#wires.words.en}; ${proxies}; delays and losses are made by a proxy of TCP connections in front of each node: a lost packet is a connection that breaks`;
  }

  /** Of a node, as an auditor would read it. */
  async database(code: string): Promise<Database> {
    let database = this.#databases.get(code);
    if (database === undefined) {
      database = await openDatabase({ url: this.country.node(code).setting.databaseUrl, poolSize: 2 });
      this.#databases.set(code, database);
    }
    return database;
  }

  /** What the wire into a node does from now on. */
  async spoil(code: string, state: Partial<Omit<WireState, "cutOff">>): Promise<void> {
    await this.#tell(code, { ...this.#proxies.get(code)?.state, ...SOUND, ...state });
  }

  async #tell(code: string, state: WireState): Promise<void> {
    const proxy = this.#proxies.get(code);
    if (proxy === undefined) throw new RangeError(`no proxy before ${code}`);
    proxy.state = state;
    const done = once(proxy.child, "message");
    proxy.child.send(state);
    await done;
  }

  /** Two nodes hear nothing of each other: their link is down, or the proxies of both cut the other off. */
  async cut(one: string, other: string): Promise<void> {
    if (this.#wires.kind === "namespaces") return (this.#wires as Namespaces).cut(one, other);
    this.#cuts.add(nameOf(one, other));
    await this.#applyCuts();
  }

  async heal(one: string, other: string): Promise<void> {
    if (this.#wires.kind === "namespaces") return (this.#wires as Namespaces).heal(one, other);
    this.#cuts.delete(nameOf(one, other));
    await this.#applyCuts();
  }

  async #applyCuts(): Promise<void> {
    for (const [code, { state }] of this.#proxies) {
      const others = ON_WIRE.filter((other) => this.#cuts.has(nameOf(code, other.code)));
      const cutOff = others.map((other) => String(this.country.node(other.code).pid));
      await this.#tell(code, { ...state, cutOff });
    }
  }

  async kill(code: string): Promise<void> {
    await this.country.node(code).kill();
  }

  async restart(code: string): Promise<void> {
    await this.country.restart(code);
    if (this.#cuts.size > 0) await this.#applyCuts();
  }

  /**
   * Moves a node's database to a file system of its own with little room.
   * @returns why that cannot be had here, if so
   */
  async moveToSmallDisk(code: string, spareMebibytes: number): Promise<string | undefined> {
    const disk = await mkdtemp(join(tmpdir(), "zhengtong-small-"));
    const [row] = await (await this.database(code)).query<{ bytes: number }>(
      "SELECT pg_database_size(current_database())::float8 AS bytes",
    );
    const mebibytes = Math.ceil((row?.bytes ?? 0) / 1024 / 1024) + spareMebibytes;
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", disk]);
    if (status !== 0) {
      await rm(disk, { recursive: true, force: true });
      return "no file system can be mounted here";
    }
    this.#disk = disk;
    const account = await clusterAccount();
    if (account !== undefined) await chown(disk, account.uid, account.gid);
    await this.kill(code);
    await this.#forget(code);
    const url = new URL(this.country.node(code).setting.databaseUrl);
    const name = url.pathname.slice(1);
    url.pathname = "/zhengtong";
    await using cluster = await openDatabase({ url: url.href, poolSize: 1 });
    await cluster.execute(`CREATE TABLESPACE small LOCATION '${disk}'`);
    await cluster.execute(
      `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`,
    );
    await cluster.execute(`ALTER DATABASE ${name} SET TABLESPACE small`);
    await this.restart(code);
    return undefined;
  }

  async #forget(code: string): Promise<void> {
    const database = this.#databases.get(code);
    this.#databases.delete(code);
    await database?.close();
  }

  /** Takes all that is left of the small disk; gives what gives it back. */
  async fillSmallDisk(): Promise<() => Promise<void>> {
    const disk = this.#disk ?? "";
    const path = join(disk, "ballast");
    await using file = await open(path, "w");
    const block = Buffer.alloc(1024 * 1024);
    for (;;) {
      const { bavail, bsize } = await statfs(disk);
      if (bavail === 0) break;
      await file.write(block.subarray(0, Math.min(block.length, bavail * bsize))).catch(() => undefined);
    }
    return () => rm(path);
  }

  async close(): Promise<void> {
    for (const code of [...this.#databases.keys()]) await this.#forget(code);
    if (this.#country === undefined) await this.#wires.close();
    await this.#country?.stop();
    for (const { child } of this.#proxies.values()) child.kill();
    if (this.#disk === undefined) return;
    spawnSync("umount", [this.#disk]);
    await rm(this.#disk, { recursive: true, force: true });
  }
}

function nameOf(one: string, other: string): string {
  return [one, other].sort().join(" ");
}
