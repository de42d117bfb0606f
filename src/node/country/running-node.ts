import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Text } from "#lib/language/text";
import type { Asked, NodeSetting, Question, Questions, Told } from "./ask.ts";
import type { Wires } from "./wires.ts";

export const NODE_PROGRAM = join(import.meta.dirname, "node-process.ts");
const STOP_TIMEOUT_MS = 40_000;

export interface RunningNodeOptions {
  readonly setting: NodeSetting;
  readonly wires: Wires;
  /** The program of the process; another one answers further questions. */
  readonly program: string;
  readonly report: (progress: Text) => void;
  /** What it writes to its log. */
  readonly onLog: (line: string) => void;
}

/** One node of the country, in a process of its own. */
export class RunningNode {
  readonly setting: NodeSetting;
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #number = 0;

  private constructor(setting: NodeSetting, address: string, child: ChildProcess) {
    [this.setting, this.address, this.#child] = [setting, address, child];
    child.on("message", (message) => this.#told(message as Told));
    child.once("exit", (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${setting.code} ended: ${signal ?? code}`));
      this.#waiting.clear();
    });
  }

  static async start({ setting, wires, program, report, onLog }: RunningNodeOptions): Promise<RunningNode> {
    const [command, ...args] = wires.startingAt(setting.code, [program, JSON.stringify(setting)]);
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: ownEnvironment(),
      // The terminal's Ctrl-C goes to the country alone, which stops its nodes in order.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => onLog(chunk.trimEnd()));
    }
    const address = await new Promise<string>((resolve, reject) => {
      const look = (message: unknown) => {
        const told = message as Told;
        if (told.kind === "progress") report(told.words);
        if (told.kind !== "ready") return;
        child.off("message", look);
        resolve(setting.reached?.site ?? told.address);
      };
      child.on("message", look);
      child.once("error", reject);
      child.once("exit", (code, signal) => reject(new Error(`${setting.code} did not start: ${signal ?? code}`)));
    });
    return new RunningNode(setting, address, child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  ask<Q extends Question>(question: Q, asked: Questions[Q]["asked"]): Promise<Questions[Q]["answer"]> {
    return this.askFurther(question, asked) as Promise<Questions[Q]["answer"]>;
  }

  /** Asks what a program of one's own answers. */
  askFurther(question: string, asked: unknown): Promise<unknown> {
    const number = ++this.#number;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(number, waiting);
    const message: Asked = { number, question, asked };
    this.#child.send(message, (error) => {
      if (error !== null) waiting.reject(error);
    });
    return waiting.promise.finally(() => this.#waiting.delete(number));
  }

  /** In order; by force where that takes too long. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const ended = once(this.#child, "exit");
    const force = setTimeout(() => this.#child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await this.ask("stop", {}).catch(() => this.#child.kill("SIGKILL"));
    await ended;
    clearTimeout(force);
  }

  /** As a power cut: nothing is finished. */
  async kill(): Promise<void> {
    if (!this.isRunning) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  #told(told: Told): void {
    if (told.kind !== "answer" && told.kind !== "failed") return;
    const waiting = this.#waiting.get(told.number);
    if (told.kind === "answer") waiting?.resolve(told.answer);
    else waiting?.reject(new Error(`${this.setting.code}: ${told.why}`));
  }
}

/** Settings of the node that starts the country are not those of its nodes. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("ZHENGTONG_") && name !== "DATABASE_URL",
  );
  return Object.fromEntries(entries);
}
