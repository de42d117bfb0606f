/** The part of the exchange's contract by which whoever runs it sees what goes on. */
import { z } from "zod";
import { query } from "#kernel/contract/contract";
import { text } from "#lib/language/text";

/** The right to see nodes, routes, traffic and the log of exchanges; of calls it shows who asked what and how it ended, never what was said. */
export const WATCH = "exchange.watch";
const ROWS_MAX = 300;
const NODES_MAX = 500;

const NodeCode = z.string().max(63);
const TraceId = z.string().regex(/^[0-9a-f]{32}$/);
const STEPS_MAX = 2_000;
/** One thing that happened, by the clock of the node that tells of it. What was said is in none. */
const Step = z.object({
  at: z.string(),
  act: z.string(),
  kind: z.enum(["frame", "entry", "message"]),
  /** Of a frame: which way, with whom, which message of how many, and its SHA-256. */
  direction: z.enum(["calls-out", "calls-in", "answers-out", "answers-in"]).optional(),
  peer: NodeCode.optional(),
  frame: z.uuid().optional(),
  place: z.int().optional(),
  messages: z.int().optional(),
  leaf: z.string().optional(),
  /** Of an entry of the ledger: its number, what it is about, how it ended, by which policies. */
  entry: z.int().optional(),
  type: z.string().optional(),
  operation: z.string().optional(),
  outcome: z.string().optional(),
  from: z.string().optional(),
  policies: z.array(z.string()).optional(),
  /** Of a command to another room: waiting, done, refused or dead, and how often it failed. */
  state: z.string().optional(),
  failures: z.int().optional(),
});
const Name = z.string().min(1).max(300);
const watching = { audience: ["official", "node"], duty: WATCH, legalBasis: [] } as const;

export const watchOperations = {
  watchNodes: query({
    unfiltered: "arrangement",
    ...watching,
    title: text("节点与链路", "Nodes and routes"),
    input: z.object({}),
    output: z.object({
      /** Absent where the node belongs to no directory, or that ended. */
      self: NodeCode.optional(),
      nodes: z
        .array(
          z.object({
            code: NodeCode,
            name: z.object({ zh: z.string(), en: z.string() }),
            zone: z.enum(["internet", "extranet", "intranet"]),
            division: z.string(),
            above: NodeCode.optional(),
            state: z.enum(["active", "leaving", "left"]),
            rooms: z.array(z.string()),
            /** Names of its log, as the keys that the directory lists give them. */
            logs: z.array(z.string()),
            /** Of the way there from this process; absent where it was not used. */
            route: z
              .object({
                circuit: z.enum(["closed", "open", "trying"]),
                waiting: z.int(),
                underWay: z.int(),
                /** Calls for which there was no room, here or there, since the process began. */
                busy: z.int().optional(),
              })
              .optional(),
            /** When the certificate ends that it shows (ISO 8601); absent while it has shown none to this process. */
            certificateUntil: z.string().optional(),
          }),
        )
        .max(NODES_MAX),
      refused: z.record(z.string(), z.int()),
    }),
    refusals: {},
  }),
  traceExchange: query({
    ...watching,
    title: text("一次交换的经过", "The course of one exchange"),
    // A node tells another about what that one was itself a part of.
    fromItsLike: true,
    unfiltered: "arrangement",
    input: z.object({ act: z.uuid().optional(), trace: TraceId.optional() }),
    output: z.object({
      /** Absent where the node belongs to no directory. */
      node: NodeCode.optional(),
      acts: z.array(z.uuid()),
      trace: TraceId.optional(),
      steps: z.array(Step).max(STEPS_MAX),
    }),
    refusals: { "which-exchange": text("请给出操作编号或调用链编号之一", "Give the number of an act, or of a trace") },
  }),
  searchExchanges: query({
    unfiltered: "arrangement",
    ...watching,
    title: text("查询交换日志", "Search the log of exchanges"),
    input: z.object({
      /** An act, a frame, or a trace: then nothing else counts. */
      id: z.union([z.uuid(), TraceId]).optional(),
      /** Another node, or a foreign system. */
      peer: Name.optional(),
      room: Name.optional(),
      operation: Name.optional(),
      outcome: Name.optional(),
      from: z.iso.datetime().optional(),
      until: z.iso.datetime().optional(),
      before: z.int().min(1).optional(),
    }),
    output: z.object({
      items: z
        .array(
          z.object({
            entry: z.int(),
            at: z.string(),
            act: z.string(),
            direction: z.enum(["in", "out"]),
            peer: z.string(),
            room: z.string(),
            operation: z.string(),
            outcome: z.string(),
            call: z.string().optional(),
          }),
        )
        .max(ROWS_MAX),
      next: z.int().optional(),
    }),
    refusals: {},
  }),
  watchClients: query({
    unfiltered: "arrangement",
    ...watching,
    title: text("外部系统的配额和证书", "Quotas and certificates of foreign systems"),
    input: z.object({}),
    output: z.object({
      items: z
        .array(
          z.object({
            client: z.string(),
            name: z.object({ zh: z.string(), en: z.string() }),
            perMinute: z.int(),
            /** What is left of what it may call at once; absent where it has not called. */
            left: z.int().optional(),
            /** Since the process began: its minute was used up; there was no place for one more. */
            overQuota: z.int(),
            busy: z.int(),
            /** When its certificate ends (ISO 8601), of several the last; absent where it has none. */
            certificateUntil: z.string().optional(),
          }),
        )
        .max(ROWS_MAX),
    }),
    refusals: {},
  }),
  watchTraffic: query({
    unfiltered: "arrangement",
    ...watching,
    title: text("交换流量", "Traffic by contract"),
    input: z.object({}),
    output: z.object({
      rows: z
        .array(
          z.object({
            peer: z.string(),
            direction: z.enum(["in", "out"]),
            room: z.string(),
            operation: z.string(),
            calls: z.int(),
            refused: z.int(),
            failed: z.int(),
            lately: z.int(),
            p50Ms: z.number().optional(),
            p95Ms: z.number().optional(),
          }),
        )
        .max(ROWS_MAX),
    }),
    refusals: {},
  }),
};

export const WATCH_ROWS_MAX = ROWS_MAX;
export const WATCH_NODES_MAX = NODES_MAX;
