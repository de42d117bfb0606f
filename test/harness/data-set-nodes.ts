import { tmpdir } from "node:os";
import { z } from "zod";
import { cite } from "#kernel/contract/citation";
import { defineContract, register } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { openDatabase } from "#kernel/database/database";
import { LONG_TRANSACTION_TIMEOUT_MS } from "#kernel/database/limits";
import type { Database } from "#kernel/database/sql";
import { digestOf } from "#kernel/feeds/feed";
import { checkpointSigner } from "#kernel/ledger/checkpoint-signer";
import type { Transport } from "#kernel/ports";
import { generateEd25519 } from "#kernel/random";
import { namesOf } from "#kernel/registers/definition";
import type { RegisterStore } from "#kernel/registers/register-store";
import type { Act, Principal } from "#kernel/system/act";
import type { Kernel } from "#kernel/system/kernel";
import { defineSystem, type System } from "#kernel/system/system";
import { UnitOfWork } from "#kernel/system/unit-of-work";
import { text } from "#lib/language/text";
import { datasets as contract, PUBLISH, RECEIVE } from "../../src/infrastructure/datasets/contract.ts";
import datasets from "../../src/infrastructure/datasets/system.ts";
import { tendCopy, tendPublications } from "../../src/infrastructure/datasets/tending.ts";
import { composeKernel } from "../../src/node/compose.ts";
import { TEST_NOW, type TestNode, testNode } from "../../src/node/testing.ts";
import { Country } from "./exchange-nodes.ts";

/** A register of residents on one node and a copy of it on another: two kernels, two databases. */

const LAW = text("政务数据共享条例", "Regulation on Government Data Sharing");
export const BASIS = [cite(LAW, "第三条")];

const title = text("属性", "Attribute");
const RESIDENT = register({
  title: text("居民", "Residents"),
  schema: z.object({
    name: field(z.string().trim().min(1).max(100), { title, lookup: "name" }),
    number: field(z.string().regex(/^\d{17}[0-9X]$/), { title, sensitive: true, lookup: "unique" }),
    address: field(z.string().max(200), { title, sensitive: true }),
    division: field(z.string().max(12), { title, lookup: "exact" }),
    note: field(z.string().max(200).optional(), { title }),
  }),
  subject: { kind: "person", by: "key" },
  legalBasis: BASIS,
  retention: "permanent",
});

/** The same with an attribute more. */
const LATER = register({
  ...RESIDENT,
  schema: RESIDENT.schema.extend({ since: field(z.iso.date().optional(), { title }) }),
});

type Version = `${number}.${number}`;

function residentsRoom(version: Version = "1.0") {
  const declaration = version === "1.0" ? RESIDENT : LATER;
  return defineSystem(
    defineContract({
      id: "residents",
      version,
      title: text("居民登记", "Residents"),
      steward: text("清源县公安局", "Public security bureau of Qingyuan"),
      registers: { resident: declaration },
    }),
    {},
  );
}

export const REGISTER = "residents.resident";
export const ALL_ATTRIBUTES = ["name", "number", "address", "division", "note"];

export function official(duty: string): Principal {
  const post = {
    id: "00000000-0000-4000-8000-0000000000a1",
    title: text("数据管理岗", "Data officer"),
    authority: "00000000-0000-4000-8000-000000000001",
    authorityName: text("清源县公安局", "Public security bureau"),
    duties: [duty],
    division: "990102",
  };
  return { kind: "official", id: "00000000-0000-4000-8000-0000000000b1", post, assurance: 2 };
}

/** What is on the wire, and what a test does to it. */
export interface Wire {
  /** Bytes of questions and answers. */
  sent: number;
  calls: number;
  /** Stands between question and answer. */
  between?: ((operation: string, answer: unknown) => unknown) | undefined;
}

export interface DataSetNodes {
  readonly source: TestNode;
  readonly receiver: TestNode;
  store: RegisterStore;
  /** Of the source, as it is asked. */
  answering: Kernel;
  readonly wire: Wire;
  close(): Promise<void>;
}

const SOURCE = "county";
const RECEIVER = "province";

/** @param more rooms of the source beside the residents', and who keeps what there */
export async function dataSetNodes(
  more: { readonly systems?: readonly System[]; readonly authorityOf?: (room: string) => string } = {},
): Promise<DataSetNodes> {
  const { systems = [], authorityOf } = more;
  const wire: Wire = { sent: 0, calls: 0 };
  let made: DataSetNodes | undefined;
  const transport: Transport = {
    async carry(node, act, call) {
      if (made === undefined || node !== SOURCE) throw new Error(`no node ${node}`);
      const asked = JSON.stringify({ act, call });
      const answer = await made.answering.perform({ ...act, origin: { node: RECEIVER } }, JSON.parse(asked).call);
      wire.sent += asked.length + JSON.stringify(answer).length;
      wire.calls += 1;
      return wire.between === undefined ? answer : wire.between(call.operation, answer);
    },
  };
  const source = await testNode({
    systems: [...systems, residentsRoom(), datasets],
    ...(authorityOf && { authorityOf }),
    keys: { masterKey: () => SOURCE_MASTER_KEY },
    elsewhere: { routes: routesOf(SOURCE), transport: NOWHERE },
  });
  const receiver = await testNode({
    systems: [datasets],
    keys: { masterKey: () => RECEIVER_MASTER_KEY },
    elsewhere: { routes: routesOf(RECEIVER), transport },
  });
  made = {
    ...{ source, receiver, wire, store: storeOf(source.kernel), answering: source.kernel },
    async close() {
      await source.close();
      await receiver.close();
    },
  };
  return made;
}

/** The same two nodes with the exchange between them: mutual TLS, signed frames, both ledgers. */
export async function dataSetNodesOverExchange(): Promise<DataSetNodes> {
  const country = await Country.open(
    { code: RECEIVER, division: "000000", systems: [datasets], hosts: [] },
    { code: SOURCE, division: "990000", systems: [residentsRoom(), datasets], hosts: ["residents"] },
  );
  const [source, receiver] = [country.nodes.get(SOURCE), country.nodes.get(RECEIVER)];
  if (source === undefined || receiver === undefined) throw new Error("the nodes are not open");
  return {
    ...{ source, receiver, store: storeOf(source.kernel), answering: source.kernel, wire: { sent: 0, calls: 0 } },
    close: () => country.close(),
  };
}

/** The same in each process of a test. */
const SOURCE_MASTER_KEY = new Uint8Array(32).fill(7);
const RECEIVER_MASTER_KEY = new Uint8Array(32).fill(8);
const NOWHERE: Transport = { carry: () => Promise.reject(new Error("the source asks nobody")) };

function routesOf(self: string) {
  return { self, hostOf: () => ({ kind: "here" }) as const, standsInLine: (node: string) => node !== "beside" };
}

/** The source as another version of its room: on the same database. */
export async function upgrade(nodes: DataSetNodes, version: Version): Promise<void> {
  nodes.answering = await sourceKernel(nodes.source.kernel.database, version);
  nodes.store = storeOf(nodes.answering);
}

function sourceKernel(database: Database, version?: Version): Promise<Kernel> {
  return kernelOn(database, {
    ...{ self: SOURCE, systems: [residentsRoom(version), datasets], masterKey: SOURCE_MASTER_KEY, transport: NOWHERE },
  });
}

function kernelOn(
  database: Database,
  node: {
    readonly self: string;
    readonly systems: readonly System[];
    readonly masterKey: Uint8Array;
    readonly transport: Transport;
  },
): Promise<Kernel> {
  const { self, systems, masterKey, transport } = node;
  return composeKernel({
    ...{ database, systems, filesFolder: tmpdir(), zone: "extranet", now: () => TEST_NOW },
    keys: { masterKey: () => masterKey },
    checkpointSigner: checkpointSigner("later.zhengtong.example/log", generateEd25519()),
    authorityOf: () => "00000000-0000-4000-8000-000000000001",
    elsewhere: { routes: routesOf(self), transport },
  });
}

/** Both nodes in another process, on the databases of a test. @returns what takes steps with a copy */
export async function keeperOf(urls: {
  readonly source: string;
  readonly receiver: string;
}): Promise<(copy: number, steps: number) => Promise<string | undefined>> {
  const [there, here] = [await openDatabase({ url: urls.source }), await openDatabase({ url: urls.receiver })];
  const source = await sourceKernel(there);
  const transport: Transport = {
    carry: (_, act, call) => source.perform({ ...act, origin: { node: RECEIVER } }, call),
  };
  const receiver = await kernelOn(here, {
    ...{ self: RECEIVER, systems: [datasets], masterKey: RECEIVER_MASTER_KEY, transport },
  });
  return (copy, steps) => tendCopy(receiver, copy, steps);
}

function storeOf(kernel: Kernel): RegisterStore {
  const store = kernel.registers.get(REGISTER);
  if (store === undefined) throw new Error("the register is not open");
  return store;
}

/** Many residents at once. @returns their keys */
export async function bring({ source, store }: DataSetNodes, count: number): Promise<readonly string[]> {
  const keys: string[] = [];
  const act = source.act({ kind: "node", room: "residents" }, { legalBasis: BASIS, at: "2026-11-01T00:00:00.000Z" });
  await source.kernel.database.transaction(
    (tx) =>
      store.importEntries(
        { tx, act, authority: "清源县公安局" },
        Array.from({ length: count }, () => ({ value: resident() })),
        { subject: (id) => keys.push(id) },
      ),
    { retries: 0, timeoutMs: LONG_TRANSACTION_TIMEOUT_MS },
  );
  return keys;
}

/** Publishes the register and agrees on both sides. @returns the id of the copy */
export async function agree(
  nodes: DataSetNodes,
  about: { readonly division?: string; readonly divided?: boolean; readonly attributes?: readonly string[] } = {},
): Promise<number> {
  const { division = "", divided = true, attributes = ALL_ATTRIBUTES } = about;
  const there = nodes.source.as(contract, official(PUBLISH));
  await there.publish({ register: REGISTER, ...(divided && { divisionAttribute: "division" }) });
  await tendPublications(nodes.source.kernel);
  const agreed = { register: REGISTER, division, attributes: [...attributes], basis: BASIS };
  await there.offer({ ...agreed, node: RECEIVER, endsOn: "2027-12-31" });
  const made = await nodes.receiver.as(contract, official(RECEIVE)).subscribe({ ...agreed, node: SOURCE });
  if (!("id" in made)) throw new Error(JSON.stringify(made));
  return made.id;
}

export function tend(nodes: DataSetNodes, id: number, steps?: number): Promise<string | undefined> {
  return tendCopy(nodes.receiver.kernel, id, steps);
}

let acts = 0;

/** Writes to the register, as its room would. Acts are a millisecond apart. */
export async function write<T>(
  { source, store }: DataSetNodes,
  work: (handle: ReturnType<RegisterStore["handle"]>) => Promise<T>,
): Promise<T> {
  acts += 1;
  const unit = new UnitOfWork(source.kernel.database);
  const act: Act = source.act(
    { kind: "node", room: "residents" },
    { legalBasis: BASIS, at: new Date(Date.parse("2026-11-18T02:00:00.000Z") + acts).toISOString() },
  );
  const handle = store.handle({
    reader: () => unit.reader(),
    writer: () => unit.writer(),
    act,
    authority: "清源县公安局",
    note: () => undefined,
  });
  const value = await work(handle);
  await unit.commit();
  return value;
}

let numbers = 0;

export function resident(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  numbers += 1;
  return {
    name: `王${numbers}\t\\`,
    number: `99010219${String(numbers).padStart(9, "0")}X`,
    address: "清源县中山路1号",
    division: "990102",
    ...over,
  };
}

/** What stands on both sides, looked at in the tables. */
export async function bothSides(
  { source, receiver, store }: DataSetNodes,
  copy: number,
  scope = "",
): Promise<{ readonly there: readonly string[]; readonly here: readonly string[] }> {
  const there = await source.kernel.database.query<{ name: string }>(
    `SELECT v.key || ' ' || encode(${digestOf("f.salt")}, 'hex') AS name
       FROM ${namesOf(store.shape).current} v, feed.feed f WHERE starts_with(v.data ->> 'division', $1) ORDER BY 1`,
    [scope],
  );
  const here = await receiver.kernel.database.query<{ name: string }>(
    "SELECT key || ' ' || encode(digest, 'hex') AS name FROM datasets.version WHERE copy = $1 ORDER BY 1",
    [copy],
  );
  return { there: there.map(({ name }) => name), here: here.map(({ name }) => name) };
}
