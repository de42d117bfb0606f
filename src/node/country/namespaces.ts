/**
 * Linux network namespaces for the nodes of a country: a link of its own between any two that are on a wire, one to whoever started them (the
 * operator's console), and none at all for a node of the intranet. Addresses are of RFC 2544's range for tests of networks, which leads nowhere.
 */
import { spawn } from "node:child_process";
import { type Text, text } from "#lib/language/text";
import { processIdentity } from "../process-identity.ts";
import type { NodePlace, Wires } from "./wires.ts";

const PORTS = { port: 8080, exchangePort: 8443, edgePort: 8444 };
const SLOTS = 254;
const NAME = /^zt(\d{1,3})-(\d+)-(\d+)$/;

/** Namespaces where this machine allows them to us; else why not. */
export async function openNamespaces(plan: {
  /** Nodes that have links. */
  readonly onWire: readonly string[];
  /** Nodes without any. */
  readonly apart: readonly string[];
}): Promise<Namespaces | { readonly why: Text }> {
  if (process.platform !== "linux")
    return { why: text("只有 Linux 有网络命名空间", "only Linux has network namespaces") };
  if (process.getuid?.() !== 0)
    return { why: text("建立网络命名空间需要 root 权限", "making network namespaces takes root") };
  const listed = await run(["netns", "list"]);
  if (listed.code !== 0) return { why: text("没有 ip 命令（iproute2）", "there is no ip command (iproute2)") };
  await sweep(listed.said);
  const slot = await claimSlot();
  if (slot === undefined) return { why: text("系统不允许更改路由", "the system lets no routes be changed") };
  const namespaces = new Namespaces(slot, plan);
  const problem = await namespaces.make();
  if (problem === undefined) return namespaces;
  await namespaces.close();
  return { why: text(`系统不允许建立网络命名空间：${problem}`, `the system lets no namespaces be made: ${problem}`) };
}

/** Removes what countries left whose process was killed. */
async function sweep(listed: string): Promise<void> {
  for (const line of listed.split("\n")) {
    const [name, slot, pid] = NAME.exec(line.split(" ")[0] ?? "") ?? [];
    if (name === undefined || (await processIdentity(Number(pid))) !== undefined) continue;
    await run(["netns", "del", name]);
    await run(["route", "del", "blackhole", `198.18.${slot}.0/24`]);
  }
}

/** A range of addresses that no other country on this machine has: whoever adds its route first has it. */
async function claimSlot(): Promise<number | undefined> {
  for (let slot = 1; slot <= SLOTS; slot++) {
    // What no namespace has must not leave by the machine's own way out.
    const { code } = await run(["route", "add", "blackhole", `198.18.${slot}.0/24`]);
    if (code === 0) return slot;
  }
  return undefined;
}

export class Namespaces implements Wires {
  readonly kind = "namespaces";
  readonly #slot: number;
  readonly #onWire: readonly string[];
  readonly #apart: readonly string[];

  constructor(
    slot: number,
    { onWire, apart }: { readonly onWire: readonly string[]; readonly apart: readonly string[] },
  ) {
    this.#slot = slot;
    this.#onWire = onWire;
    this.#apart = apart;
  }

  get words(): Text {
    const apart = this.#apart.length > 0;
    return text(
      `网络：每个节点有自己的网络命名空间，两两之间各有一条线路${apart ? "；内网节点一条也没有" : ""}`,
      `Network: each node has a network namespace of its own and a link to each other one${apart ? "; the intranet's node has none" : ""}`,
    );
  }

  get #all(): readonly string[] {
    return [...this.#onWire, ...this.#apart];
  }

  #index(code: string): number {
    const index = this.#all.indexOf(code);
    if (index < 0) throw new RangeError(`no namespace for ${code}`);
    return index + 1;
  }

  #name(code: string): string {
    return `zt${this.#slot}-${process.pid}-${this.#index(code)}`;
  }

  addressOf(code: string): string {
    return `198.18.${this.#slot}.${this.#index(code)}`;
  }

  #consoleOf(code: string): { readonly link: string; readonly address: string } {
    const index = this.#index(code);
    return { link: `ztc${this.#slot}x${index}`, address: `198.19.${this.#slot}.${index}` };
  }

  async placeOf(code: string): Promise<NodePlace> {
    return { host: this.addressOf(code), ...PORTS };
  }

  startingAt(code: string, program: readonly string[]): readonly [string, ...string[]] {
    return ["ip", "netns", "exec", this.#name(code), process.execPath, ...process.execArgv, ...program];
  }

  /** @returns what went wrong, if something did */
  async make(): Promise<string | undefined> {
    const outside = this.#all.map((code) => `netns add ${this.#name(code)}`);
    for (const code of this.#onWire) {
      const { link, address } = this.#consoleOf(code);
      outside.push(
        `link add ${link} type veth peer name console netns ${this.#name(code)}`,
        `addr add ${address}/32 dev ${link}`,
        `link set ${link} up`,
        `route add ${this.addressOf(code)}/32 dev ${link} src ${address}`,
      );
    }
    for (const [one, other] of this.#pairs()) {
      const ends = [
        `to${this.#index(other)} netns ${this.#name(one)}`,
        `to${this.#index(one)} netns ${this.#name(other)}`,
      ];
      outside.push(`link add ${ends[0]} type veth peer name ${ends[1]}`);
    }
    const problem = await batch([], outside);
    if (problem !== undefined) return problem;
    for (const code of this.#all) {
      const inside = await batch(["-n", this.#name(code)], this.#insideOf(code));
      if (inside !== undefined) return inside;
    }
    return undefined;
  }

  #insideOf(code: string): readonly string[] {
    const own = this.addressOf(code);
    const commands = ["link set lo up", `addr add ${own}/32 dev lo`];
    if (this.#apart.includes(code)) return commands;
    const { address } = this.#consoleOf(code);
    commands.push("link set console up", `route add ${address}/32 dev console src ${own}`);
    for (const other of this.#onWire) if (other !== code) commands.push(...this.#linking(code, other));
    return commands;
  }

  #linking(from: string, to: string): readonly string[] {
    const link = `to${this.#index(to)}`;
    return [`link set ${link} up`, `route replace ${this.addressOf(to)}/32 dev ${link} src ${this.addressOf(from)}`];
  }

  *#pairs(): Generator<readonly [string, string]> {
    for (const [place, one] of this.#onWire.entries()) {
      for (const other of this.#onWire.slice(place + 1)) yield [one, other];
    }
  }

  /** Takes the link between two nodes down. The one has no route any more, the other talks into nothing. */
  async cut(one: string, other: string): Promise<void> {
    const problem = await batch(["-n", this.#name(one)], [`link set to${this.#index(other)} down`]);
    if (problem !== undefined) throw new Error(problem);
  }

  async heal(one: string, other: string): Promise<void> {
    const problem = await batch(["-n", this.#name(one)], this.#linking(one, other));
    if (problem !== undefined) throw new Error(problem);
  }

  async close(): Promise<void> {
    // With a namespace its links go, both ends of each.
    for (const code of this.#all) await run(["netns", "del", this.#name(code)]);
    await run(["route", "del", "blackhole", `198.18.${this.#slot}.0/24`]);
  }
}

interface Ran {
  readonly code: number | null;
  readonly said: string;
  readonly complained: string;
}

/** Runs `ip`. Never rejects: without the program the code is null. */
function run(args: readonly string[], input = ""): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn("ip", args, { stdio: ["pipe", "pipe", "pipe"] });
    let [said, complained] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      said += part;
    });
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      complained += part;
    });
    child.once("error", () => resolve({ code: null, said, complained }));
    child.once("close", (code) => resolve({ code, said, complained }));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

async function batch(options: readonly string[], commands: readonly string[]): Promise<string | undefined> {
  const { code, complained } = await run([...options, "-batch", "-"], `${commands.join("\n")}\n`);
  return code === 0 ? undefined : complained.trim().split("\n")[0];
}
