/**
 * Keeps typesetting processes warm and hands them documents, one at a time each. A job that takes too long ends its
 * process; the next job starts another. Templates are given once: from then on only data travels.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Fault } from "#kernel/errors/fault";
import "./faults.ts";
import type { TypesettingAnswer, TypesettingJob } from "./typesetting-messages.ts";

const DEFAULT_PROCESSES = 1;
const DEFAULT_TIMEOUT_MS = 20_000;
const MAX_WAITING = 1000;
const MAX_SOURCE_CHARACTERS = 1_000_000;

export interface TypesetterOptions {
  /** Paths of font files. */
  readonly fonts: readonly string[];
  /** Typst sources by absolute path: `/notices/receipt.typ`. */
  readonly sources: Readonly<Record<string, string>>;
  readonly processes?: number;
  /** For one document, the start of its process included. */
  readonly timeoutMs?: number;
}

export interface Typesetter {
  /**
   * Typesets a source with data, which it reads as `json(bytes(sys.inputs.data))`: data is never source.
   * @throws {Fault} ERR_DOCUMENT_TEMPLATE, ERR_DOCUMENT_TIMEOUT, ERR_DOCUMENT_BUSY
   */
  typeset(document: { readonly main: string; readonly data: unknown }): Promise<{ pdf: Uint8Array; pages: number }>;
  /** Starts the processes, so that the first reader does not wait for fonts to load. */
  warm(): Promise<void>;
  /** Ends the processes; what still waits is refused as busy. */
  close(): Promise<void>;
}

type Asked = TypesettingJob extends infer Job ? (Job extends TypesettingJob ? Omit<Job, "id"> : never) : never;

interface Waiting {
  readonly job: Asked;
  readonly resolve: (answer: TypesettingAnswer) => void;
  readonly reject: (fault: Fault) => void;
}

/** Opens a typesetter; its processes start with the first document or with `warm`. */
export function openTypesetter(options: TypesetterOptions): Typesetter {
  const size = Object.values(options.sources).reduce((sum, source) => sum + source.length, 0);
  if (size > MAX_SOURCE_CHARACTERS) throw new RangeError("the templates are too big");
  const press = new Press(options);
  return {
    async typeset({ main, data }) {
      const answer = await press.ask({ kind: "typeset", main, data: JSON.stringify(data) });
      if (answer.kind !== "typeset") throw unexpected(answer);
      return { pdf: answer.pdf, pages: answer.pages };
    },
    warm: () => press.warm(),
    close: () => press.close(),
  };
}

function unexpected(answer: TypesettingAnswer): Fault {
  return new Fault("ERR_DOCUMENT_TEMPLATE", answer.kind === "failed" ? { message: answer.message } : {});
}

class Press {
  readonly #options: TypesetterOptions;
  readonly #workers: Worker[];
  readonly #waiting: Waiting[] = [];
  #closed = false;

  constructor(options: TypesetterOptions) {
    this.#options = options;
    this.#workers = Array.from({ length: options.processes ?? DEFAULT_PROCESSES }, () => new Worker(options));
  }

  ask(job: Asked): Promise<TypesettingAnswer> {
    if (this.#closed || this.#waiting.length >= MAX_WAITING) return Promise.reject(new Fault("ERR_DOCUMENT_BUSY"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#next();
    });
  }

  async warm(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.start()));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(new Fault("ERR_DOCUMENT_BUSY"));
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  #next(): void {
    const worker = this.#workers.find((candidate) => !candidate.busy);
    const waiting = worker === undefined ? undefined : this.#waiting.shift();
    if (worker === undefined || waiting === undefined) return;
    worker
      .work(waiting.job, this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
      .then(waiting.resolve, waiting.reject)
      .finally(() => this.#next());
  }
}

class Worker {
  busy = false;
  readonly #options: TypesetterOptions;
  #process: Promise<ChildProcess> | undefined;
  #lastId = 0;

  constructor(options: TypesetterOptions) {
    this.#options = options;
  }

  async work(job: Asked, timeoutMs: number): Promise<TypesettingAnswer> {
    this.busy = true;
    const deadline = timeout(timeoutMs);
    try {
      return await Promise.race([deadline.passed, this.start().then((child) => this.#exchange(child, job))]);
    } catch (error) {
      await this.stop();
      throw error instanceof Fault ? error : new Fault("ERR_DOCUMENT_TEMPLATE", { cause: error });
    } finally {
      deadline.clear();
      this.busy = false;
    }
  }

  start(): Promise<ChildProcess> {
    this.#process ??= this.#launch();
    return this.#process;
  }

  async stop(): Promise<void> {
    const starting = this.#process;
    this.#process = undefined;
    const child = await starting?.catch(() => undefined);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  async #launch(): Promise<ChildProcess> {
    const program = fileURLToPath(new URL("./typesetting-process.ts", import.meta.url));
    const child = fork(program, [], {
      serialization: "advanced",
      execArgv: [],
      env: childEnvironment(),
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    child.once("exit", () => {
      this.#process = undefined;
    });
    // A node that stops does not wait for its typesetters.
    child.unref();
    child.channel?.unref();
    const { fonts, sources } = this.#options;
    const answer = await this.#exchange(child, { kind: "open", fonts, sources });
    if (answer.kind !== "opened") throw unexpected(answer);
    return child;
  }

  #exchange(child: ChildProcess, job: Asked): Promise<TypesettingAnswer> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        child.off("message", onMessage);
        child.off("exit", onExit);
        child.channel?.unref();
        finish();
      };
      const onMessage = (answer: TypesettingAnswer): void => {
        if (answer.id === id) settle(() => resolve(answer));
      };
      const onExit = (): void =>
        settle(() => reject(new Fault("ERR_DOCUMENT_TEMPLATE", { message: "the typesetter ended" })));
      child.on("message", onMessage);
      child.on("exit", onExit);
      child.channel?.ref();
      child.send({ ...job, id }, (error) => {
        if (error !== null) settle(() => reject(new Fault("ERR_DOCUMENT_TEMPLATE", { cause: error })));
      });
    });
  }
}

/** The child needs no secret of ours; Windows cannot start a process without its root. */
function childEnvironment(): NodeJS.ProcessEnv {
  const root = process.env["SystemRoot"];
  return root === undefined ? {} : { SystemRoot: root };
}

function timeout(timeoutMs: number): { passed: Promise<never>; clear: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Fault("ERR_DOCUMENT_TIMEOUT")), timeoutMs);
  return { passed: promise, clear: () => clearTimeout(timer) };
}
