import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { newConnectionKey, selfSigned } from "../../infrastructure/trust/keys/self-signed.ts";
import type { Visitor } from "../demo/visitor.ts";

/** What the foreign system's process is told first. */
export interface ForeignSettings {
  readonly key: string;
  readonly certificate: string;
  /** Of the edge that it calls and that calls it, PEM. */
  readonly edgeCertificate: string;
  /** Its identifier: `ZT/COM/91990101MA0000001X/orders`. */
  readonly client: string;
  readonly port?: number;
}

export interface ForeignCall {
  readonly number: number;
  /** `https://localhost:8443` */
  readonly edge: string;
  /** `/r1/…` or `/listClients`. */
  readonly target: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ForeignAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How many requests it has served so far. */
  readonly served: number;
}

/** A system that is not ours, running in a process of its own. */
export interface ForeignSystem {
  /** What it shows as client and as server, PEM. */
  readonly certificate: string;
  readonly memberCode: string;
  readonly subsystem: string;
  readonly client: string;
  /** What it offers: `client/orders`, described by `document`, at `address`. */
  readonly service: string;
  readonly address: string;
  readonly document: string;
  /** Asks through an edge. @throws Error where no answer comes */
  call(asked: Omit<ForeignCall, "number" | "headers" | "method"> & Partial<ForeignCall>): Promise<ForeignAnswer>;
  stop(): Promise<void>;
}

const MEMBER_CODE = "91990101MA0000001X";
const SUBSYSTEM = "orders";
const STOP_TIMEOUT_MS = 5_000;

const DOCUMENT = JSON.stringify({
  openapi: "3.1.0",
  info: { title: "订货系统 Orders", version: "1.0" },
  paths: {
    "/orders/{id}": {
      get: {
        summary: "查询订单 One order",
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer", minimum: 1 } }],
        responses: {
          "200": {
            description: "The order",
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  required: ["id", "state"],
                  additionalProperties: false,
                  properties: {
                    id: { type: "integer" },
                    state: { enum: ["open", "shipped"] },
                    goods: { type: "string", maxLength: 100 },
                  },
                },
              },
            },
          },
          "404": { description: "No such order" },
        },
      },
    },
  },
});

/** Starts the foreign system. Its key is made here and given to its process alone. */
export async function startForeignSystem(options: {
  readonly edgeCertificate: string;
  readonly instance: string;
  /** ISO 8601 */
  readonly at: string;
}): Promise<ForeignSystem> {
  const key = newConnectionKey();
  const certificate = await selfSigned({ privateKey: key, host: "localhost", at: options.at });
  const client = `${options.instance}/COM/${MEMBER_CODE}/${SUBSYSTEM}`;
  const program = fileURLToPath(new URL("./foreign-system-process.ts", import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = new Map<number, PromiseWithResolvers<ForeignAnswer>>();
  const ready = Promise.withResolvers<number>();
  const fail = () => {
    const gone = new Error("the foreign system has ended");
    ready.reject(gone);
    for (const one of waiting.values()) one.reject(gone);
    waiting.clear();
  };
  child.once("error", fail);
  child.once("exit", fail);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const said = JSON.parse(line) as { port?: number; number?: number; error?: string } & ForeignAnswer;
    if (said.port !== undefined) return ready.resolve(said.port);
    const one = waiting.get(said.number ?? -1);
    waiting.delete(said.number ?? -1);
    if (said.error === undefined) one?.resolve(said);
    else one?.reject(new Error(said.error));
  });
  const tell = (line: object) => void child.stdin.write(`${JSON.stringify(line)}\n`);
  child.stdin.on("error", () => undefined);
  tell({ key, certificate, edgeCertificate: options.edgeCertificate, client } satisfies ForeignSettings);
  const port = await ready.promise;
  let number = 0;
  return {
    ...{
      certificate,
      memberCode: MEMBER_CODE,
      subsystem: SUBSYSTEM,
      client,
      service: `${client}/orders`,
      document: DOCUMENT,
    },
    address: `https://127.0.0.1:${port}`,
    call(asked) {
      number += 1;
      const answer = Promise.withResolvers<ForeignAnswer>();
      waiting.set(number, answer);
      tell({ method: "GET", headers: {}, ...asked, number } satisfies ForeignCall);
      return answer.promise;
    },
    stop: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(timer);
}

/** Two officials at a node's workbench, signed in: one proposes, the other decides. */
export interface Registrars {
  readonly proposer: Visitor;
  readonly decider: Visitor;
}

/** Has the foreign system registered, with its certificate. */
export async function registerSystem(registrars: Registrars, system: ForeignSystem): Promise<void> {
  await propose(registrars, "system", {
    ...{
      memberClass: "COM",
      memberCode: system.memberCode,
      subsystem: system.subsystem,
      nameZh: "订货系统",
      nameEn: "Orders",
    },
    ...{ contact: "0999-990-0100", certificate: system.certificate, perMinute: "6000", reason: "接入外部系统" },
  });
}

/** Has the service registered that it offers. */
export async function registerService(registrars: Registrars, system: ForeignSystem): Promise<void> {
  await propose(
    registrars,
    "provider",
    {
      ...{
        client: system.client,
        serviceCode: "orders",
        nameZh: "订单查询",
        nameEn: "Orders",
        baseUrl: system.address,
      },
      ...{ certificate: system.certificate, reason: "提供订单查询" },
    },
    system.document,
  );
}

/** Has a right registered, to a room's operations or to what the system itself offers. */
export async function registerRight(
  registrars: Registrars,
  right: { readonly client: string; readonly service: string; readonly endpoints: readonly string[] },
): Promise<void> {
  await propose(registrars, "right", {
    ...{ client: right.client, service: right.service, endpoints: right.endpoints.join("\n"), purpose: "verification" },
    ...{ lawZh: "优化营商环境条例", lawEn: "Regulation on Optimizing the Business Environment", article: "第三十七条" },
    ...{ "untilDay-year": "2099", "untilDay-month": "12", "untilDay-day": "31", reason: "核验企业信息" },
  });
}

async function propose(
  { proposer, decider }: Registrars,
  kind: string,
  given: Readonly<Record<string, string>>,
  document?: string,
): Promise<void> {
  await proposer.open(`/workbench/systems/new/${kind}`);
  const file = { field: "document", name: "orders.json", mediaType: "application/json" };
  await proposer.submit(
    /systems\/new/,
    given,
    document === undefined ? [] : [{ ...file, bytes: Buffer.from(document) }],
  );
  const problem = /class="govuk-error-summary/.test(proposer.page?.text ?? "");
  if (problem) throw new Error(`${kind} was not taken`);
  await decider.open("/workbench/systems");
  const waiting = decider.links().filter(({ href }) => /\/workbench\/systems\/[0-9a-f-]{36}$/.test(href));
  for (const { href } of waiting) {
    await decider.open(href);
    if (decider.hasForm(/\/workbench\/systems\//)) {
      await decider.submit(/\/workbench\/systems\//, { do: "decide", decision: "approved", reason: "材料齐全" });
    }
  }
}
