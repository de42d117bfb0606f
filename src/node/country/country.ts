/** The country: a process for each node, a database for each, one cluster under them so that a laptop carries it. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "#kernel/database/database";
import { migrate } from "#kernel/database/migrations";
import { migrateJobs } from "#kernel/jobs/jobs";
import { type Text, text } from "#lib/language/text";
import type { TakeStep } from "../demo/progress.ts";
import type { DemonstrationFacts } from "../demonstration/ensure.ts";
import { type EmbeddedPostgres, removeEmbeddedPostgres, startEmbeddedPostgres } from "../embedded-postgres.ts";
import { migrationSets } from "../migration-sets.ts";
import type { NodeSetting } from "./ask.ts";
import { type CountryNode, INTRANET, ON_WIRE } from "./plan.ts";
import { NODE_PROGRAM, RunningNode } from "./running-node.ts";
import type { NodePlace, Wires } from "./wires.ts";

const TEMPLATE = "country_template";
const LOOKS_MAX = 10;

export interface CountryOptions {
  readonly step: TakeStep;
  readonly onLog: (line: string) => void;
  /** Without the node of the intranet it starts sooner. */
  readonly withIntranet: boolean;
  /** Closed with the country. */
  readonly wires: Wires;
  /** Another program for its nodes; that of the product where absent. */
  readonly program?: string;
  /** What a node has beside what the plan and the wires say. */
  readonly further?: (code: string, place: NodePlace) => Promise<Partial<Pick<NodeSetting, "reached" | "rooms">>>;
  /** What follows the name of a node's new database in SQL. */
  readonly storage?: (code: string) => string;
}

export class Country {
  readonly #options: CountryOptions;
  readonly #nodes = new Map<string, RunningNode>();
  readonly #facts = new Map<string, DemonstrationFacts>();
  #base = "";
  #cluster: EmbeddedPostgres | undefined;

  private constructor(options: CountryOptions) {
    this.#options = options;
  }

  /** Starts it: founds the directory, lets each node in, loads what each has. What was started is stopped on a fault. */
  static async start(options: CountryOptions): Promise<Country> {
    const country = new Country(options);
    try {
      await country.#bringUp();
      return country;
    } catch (error) {
      await country.stop();
      throw error;
    }
  }

  node(code: string): RunningNode {
    const found = this.#nodes.get(code);
    if (found === undefined) throw new RangeError(`no node ${code}`);
    return found;
  }

  get nodes(): readonly RunningNode[] {
    return [...this.#nodes.values()];
  }

  facts(code: string): DemonstrationFacts {
    const found = this.#facts.get(code);
    if (found === undefined) throw new RangeError(`${code} has loaded nothing`);
    return found;
  }

  /** Starts a node again that was killed, on what it kept. */
  async restart(code: string): Promise<void> {
    const { setting } = this.node(code);
    await this.#begin(setting);
    await this.node(code).ask("look", {});
  }

  get wires(): Wires {
    return this.#options.wires;
  }

  get folder(): string {
    return this.#base;
  }

  async stop(): Promise<void> {
    // The lower ones first: what they still ask is answered.
    for (const node of [...this.#nodes.values()].reverse()) await node.stop().catch(() => node.kill());
    this.#nodes.clear();
    await this.#options.wires.close();
    await this.#cluster?.stop();
    if (this.#base === "") return;
    await removeEmbeddedPostgres(join(this.#base, "cluster"));
    await rm(this.#base, { recursive: true, force: true });
  }

  async #bringUp(): Promise<void> {
    const { step, withIntranet } = this.#options;
    const plans = withIntranet ? [...ON_WIRE, INTRANET] : ON_WIRE;
    const operator = text("运维人员", "Operator");
    await step(operator, text("启动数据库，每个节点一个", "starts a database for each node"), () =>
      this.#makeDatabases(plans),
    );
    await step(operator, text(`启动 ${plans.length} 个节点`, `starts ${plans.length} nodes`), async () => {
      const settings: NodeSetting[] = [];
      for (const plan of plans) settings.push(await this.#settingOf(plan));
      await Promise.all(settings.map((setting) => this.#begin(setting)));
    });
    const [centre, ...others] = ON_WIRE as [CountryNode, ...CountryNode[]];
    await step(centre.name, text("建立节点目录", "founds the directory"), () =>
      this.node(centre.code).ask("found", {}),
    );
    for (const plan of others) {
      await step(
        plan.name,
        text("加入上级节点的目录，上级两人办理", "joins; two officials of the node above let it in"),
        () => this.#join(plan),
      );
    }
    await this.#settle();
    for (const { code, name } of plans) {
      const load = () => this.node(code).ask("load", {});
      this.#facts.set(code, await step(name, text("装入演示数据", "has its demonstration data"), load));
    }
    await this.#settle();
  }

  async #makeDatabases(plans: readonly CountryNode[]): Promise<void> {
    this.#base = await mkdtemp(join(tmpdir(), "zhengtong-country-"));
    const dataFolder = join(this.#base, "cluster");
    await mkdir(dataFolder, { mode: 0o700 });
    this.#cluster = await startEmbeddedPostgres({ dataFolder });
    await using cluster = await openDatabase({ url: this.#cluster.url, poolSize: 1 });
    await cluster.execute(`CREATE DATABASE ${TEMPLATE}`);
    const url = this.#urlOf(TEMPLATE);
    await using database = await openDatabase({ url });
    await migrate(database, await migrationSets());
    await migrateJobs(url);
    await database.close();
    for (const plan of plans) {
      const storage = this.#options.storage?.(plan.code) ?? "";
      await cluster.execute(`CREATE DATABASE ${databaseOf(plan)} TEMPLATE ${TEMPLATE} ${storage}`);
    }
  }

  async #settingOf(plan: CountryNode): Promise<NodeSetting> {
    const { wires, further } = this.#options;
    const place = await wires.placeOf(plan.code);
    return {
      ...{ code: plan.code, place, rooms: [] },
      ...{ databaseUrl: this.#urlOf(databaseOf(plan)), dataFolder: join(this.#base, plan.code) },
      ...(await further?.(plan.code, place)),
    };
  }

  async #begin(setting: NodeSetting): Promise<void> {
    const { onLog, wires, program = NODE_PROGRAM } = this.#options;
    const report = ({ zh, en }: Text) => onLog(`${setting.code}: ${zh}  ${en}`);
    this.#nodes.set(setting.code, await RunningNode.start({ setting, wires, program, report, onLog }));
  }

  async #join({ code, above }: CountryNode): Promise<void> {
    const [joining, upper] = [this.node(code), this.node(above ?? "")];
    const sent = await joining.ask("join", { above: upper.address });
    await upper.ask("admit", { sent });
    await joining.ask("enter", { sent });
  }

  /** Until every node lists every other one. */
  async #settle(): Promise<void> {
    const codes = ON_WIRE.map(({ code }) => code);
    for (let look = 0; look < LOOKS_MAX; look++) {
      const known: (readonly string[])[] = [];
      for (const code of [...codes].reverse()) known.push(await this.node(code).ask("look", {}));
      if (known.every((list) => codes.every((code) => list.includes(code)))) return;
    }
    throw new Error("the nodes did not learn of each other");
  }

  #urlOf(database: string): string {
    const url = new URL(this.#cluster?.url ?? "");
    url.pathname = `/${database}`;
    return url.href;
  }
}

function databaseOf({ code }: CountryNode): string {
  return `country_${code.replaceAll("-", "_")}`;
}
