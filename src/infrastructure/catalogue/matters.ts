import type { Sql } from "#kernel/database/sql";
import type { Act } from "#kernel/system/act";
import type { Tables } from "#kernel/system/context";
import { sha256Hex } from "#lib/crypto/digest";
import type { Json } from "#lib/json/canonical";
import { canonicalize } from "#lib/json/canonical";
import { clocksOf, isOverdue, pauseClocks, resumeClocks, startClock, stopClocks } from "./clocks.ts";
import {
  advance,
  isOnOtherSide,
  type Kind,
  MACHINES,
  type Objection,
  SIDE_DUTIES,
  type Side,
  type StepOf,
  type StepRule,
  type Taken,
} from "./machines.ts";
import { note, type Official, officialOf } from "./official.ts";
import type { ClockName } from "./periods.ts";
import type { SharingKind } from "./terms.ts";

/** Something between two authorities. Instants are ISO 8601 UTC. */
export interface Matter {
  readonly number: number;
  readonly kind: Kind;
  readonly root: number;
  readonly about: number | null;
  readonly resource: string;
  readonly provider: string;
  readonly consumer: string;
  readonly coordinator: string;
  readonly government: string;
  readonly content: unknown;
  readonly state: string;
  readonly openedAt: string;
}

export interface Step extends Taken {
  readonly ordinal: number;
  readonly state: string;
  readonly words: string | null;
  readonly detail: unknown;
  readonly at: string;
}

/** What the functions of this room need of a handler's context. */
export interface Room {
  readonly act: Act;
  readonly now: string;
  readonly tables: Tables;
  nextNumber(sequence: string): Promise<number>;
  concerns(subject: { readonly kind: "official"; readonly id: string; readonly attributes: readonly string[] }): void;
}

const COLUMNS = `number, kind, root, about, resource, provider, consumer, coordinator, government, content, state,
  opened_at AS "openedAt"`;
const STEP_COLUMNS = "ordinal, step, side, official, state, words, detail, at";

export async function matterByNumber(sql: Sql, number: number): Promise<Matter | undefined> {
  const [matter] = await sql.query<Matter>(`SELECT ${COLUMNS} FROM catalogue.matter WHERE number = $1`, [number]);
  return matter;
}

export function stepsOf(sql: Sql, number: number): Promise<readonly Step[]> {
  return sql.query<Step>(`SELECT ${STEP_COLUMNS} FROM catalogue.matter_step WHERE matter = $1 ORDER BY ordinal`, [
    number,
  ]);
}

/** Matters of an authority, on whichever side, the newest first. */
export function mattersOf(
  sql: Sql,
  page: {
    readonly authority: string;
    readonly kind: Kind | undefined;
    readonly before: number;
    readonly limit: number;
    readonly about: number | undefined;
    /** Which of them the reader may see. */
    readonly shown: (bind: (value: unknown) => string) => string;
  },
): Promise<readonly Matter[]> {
  const values: unknown[] = [page.authority, page.before, page.kind ?? null, page.limit, page.about ?? null];
  return sql.query<Matter>(
    `SELECT ${COLUMNS} FROM catalogue.matter WHERE number < $2 AND ($3::text IS NULL OR kind = $3)
       AND ($5::int IS NULL OR about = $5) AND $1 IN (provider, consumer, coordinator, government)
       AND ${page.shown((value) => `$${values.push(value)}`)}
     ORDER BY number DESC LIMIT $4`,
    values,
  );
}

/** What an authority is in a matter; undefined where it is none of its business. */
export function sideOf(matter: Matter, authority: string): Exclude<Side, "node"> | undefined {
  const sides = ["consumer", "provider", "coordinator", "government"] as const;
  return sides.find((side) => matter[side] === authority);
}

/** On which sides an official stands: those of his authority whose duty his post has. One authority may coordinate and decide. */
export function sidesOf(matter: Matter, { post }: Official): readonly Side[] {
  return (["consumer", "provider", "coordinator", "government"] as const).filter(
    (side) => matter[side] === post.authority && post.duties.includes(SIDE_DUTIES[side]),
  );
}

interface ClockEffect {
  readonly starts?: ClockName;
  readonly stops?: readonly ClockName[];
}

const EFFECTS: Readonly<Record<Kind, Readonly<Record<string, ClockEffect>>>> = {
  request: { reopen: { starts: "answer-conditional" } },
  grant: {
    open: { starts: "flow" },
    "confirm-flow": { stops: ["flow"] },
    "propose-end": { starts: "end-negotiation" },
    "answer-end": { stops: ["end-negotiation"] },
    keep: { stops: ["end-negotiation"] },
  },
  correction: { file: { starts: "check" } },
  dispute: {
    raise: { starts: "negotiation" },
    refer: { stops: ["negotiation"], starts: "coordination" },
    coordinate: { stops: ["coordination"] },
    appeal: { starts: "government" },
    "appeal-silence": { stops: ["coordination"], starts: "government" },
  },
};

/** Steps that answer a silence: only when this clock has run out. */
export const AFTER_SILENCE: Readonly<Record<string, ClockName>> = {
  "file-end-unanswered": "end-negotiation",
  "appeal-silence": "coordination",
};

export interface NewMatter extends Omit<Matter, "number" | "root" | "state" | "openedAt" | "content"> {
  readonly root: number | undefined;
  readonly content: Json;
  /** Of a request: which clock its answer has. */
  readonly sharing?: SharingKind;
  readonly words?: string;
}

/**
 * Opens a matter with its first step and clocks, and gives its number; undefined where the official acted for another side of what
 * came from the same request. The ledger's entry of the act names it and its digest.
 */
export async function openMatter(
  room: Room,
  official: Official,
  side: Side,
  matter: NewMatter,
): Promise<number | undefined> {
  const { first } = MACHINES[matter.kind];
  const number = await room.nextNumber("matter");
  const sql = await room.tables.write();
  if (
    matter.root !== undefined &&
    isOnOtherSide(await relatedSteps(sql, matter.root), { official: official.id, side })
  ) {
    return undefined;
  }
  const digest = sha256Hex(canonicalize(matter.content));
  await sql.execute(
    `INSERT INTO catalogue.matter (number, kind, root, about, resource, provider, consumer, coordinator, government, content,
       digest, state, opened_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      number,
      matter.kind,
      matter.root ?? number,
      matter.about,
      matter.resource,
      matter.provider,
      matter.consumer,
      matter.coordinator,
      matter.government,
      JSON.stringify(matter.content),
      digest,
      first.state,
      room.now,
    ],
  );
  await insertStep(sql, number, {
    ordinal: 1,
    ...{ step: first.step, side, official: official.id, post: official.post.id, state: first.state },
    ...{ words: matter.words ?? null, detail: null, at: room.now },
  });
  if (matter.kind === "request") {
    const clock = matter.sharing === "unconditional" ? "answer-unconditional" : "answer-conditional";
    await startClock(sql, number, clock, room.now);
  }
  await runClocks(sql, number, matter.kind, first.step, room.now);
  note(room, official.id, [`${matter.kind} ${number}`, `sha256 ${digest}`]);
  return number;
}

export type TakenStep =
  | {
      /** As it was before. */
      readonly matter: Matter;
      /** Where it is now. */
      readonly state: string;
      readonly official: Official;
      readonly side: Side;
      readonly sql: Sql;
    }
  | { readonly code: "no-post" | "not-found" | "not-now" | "barred" };

/** What a step says beyond that it was taken. */
export interface StepWords {
  readonly words?: string | undefined;
  readonly detail?: Json;
}

/** Takes a step of a matter as the official who acts; locks what came from the same request until the act commits. */
export async function takeStep<K extends Kind>(
  room: Room,
  step: { readonly kind: K; readonly step: StepOf<K>; readonly number: number } & StepWords,
): Promise<TakenStep> {
  const official = officialOf(room.act);
  if (!official) return { code: "no-post" };
  const sql = await room.tables.write();
  const matter = await lockedMatter(sql, step.number);
  if (matter?.kind !== step.kind) return { code: "not-found" };
  if (sideOf(matter, official.post.authority) === undefined) return { code: "not-found" };
  const sides = sidesOf(matter, official);
  let objection: Objection | undefined;
  for (const side of sides) {
    const outcome = await tryStep(sql, matter, { ...step, side, official, at: room.now });
    if ("state" in outcome) {
      note(room, official.id, [`${matter.kind} ${matter.number}`, step.step]);
      return { matter, state: outcome.state, official, side, sql };
    }
    objection = objection === "barred" ? objection : outcome.objection;
  }
  return { code: objection ?? "not-found" };
}

/** What follows by itself, in the transaction of the step from which it follows. */
export async function takeStepAsNode<K extends Kind>(
  sql: Sql,
  step: { readonly kind: K; readonly step: StepOf<K>; readonly number: number; readonly at: string } & StepWords,
): Promise<boolean> {
  const matter = await lockedMatter(sql, step.number);
  if (matter?.kind !== step.kind) return false;
  return "state" in (await tryStep(sql, matter, { ...step, side: "node", official: undefined }));
}

/** Locks a matter, after the request from which it came: whoever acts on the same request waits. */
async function lockedMatter(sql: Sql, number: number): Promise<Matter | undefined> {
  await sql.query(
    "SELECT FROM catalogue.matter WHERE number = (SELECT root FROM catalogue.matter WHERE number = $1) FOR UPDATE",
    [number],
  );
  const [matter] = await sql.query<Matter>(`SELECT ${COLUMNS} FROM catalogue.matter WHERE number = $1 FOR UPDATE`, [
    number,
  ]);
  return matter;
}

async function tryStep(
  sql: Sql,
  matter: Matter,
  next: StepWords & {
    readonly step: string;
    readonly side: Side;
    readonly official: Official | undefined;
    readonly at: string;
  },
): Promise<ReturnType<typeof advance>> {
  const taken = await stepsOf(sql, matter.number);
  const related = await relatedSteps(sql, matter.root);
  const official = next.official?.id ?? null;
  const outcome = advance(matter.kind, { state: matter.state, taken, related }, { ...next, official });
  if ("objection" in outcome) return outcome;
  const silent = AFTER_SILENCE[next.step];
  if (silent !== undefined) {
    const clocks = await clocksOf(sql, [matter.number]);
    if (!clocks.some((clock) => clock.name === silent && isOverdue(clock, next.at))) return { objection: "not-now" };
  }
  await insertStep(sql, matter.number, {
    ordinal: taken.length + 1,
    ...{ step: next.step, side: next.side, official, post: next.official?.post.id ?? null, state: outcome.state },
    ...{ words: next.words ?? null, detail: next.detail ?? null, at: next.at },
  });
  if (outcome.state !== matter.state) {
    await sql.execute("UPDATE catalogue.matter SET state = $2 WHERE number = $1", [matter.number, outcome.state]);
  }
  await runClocks(sql, matter.number, matter.kind, next.step, next.at, outcome.state);
  return outcome;
}

/** Who acted for which side of anything that came from a request. */
function relatedSteps(sql: Sql, root: number): Promise<readonly Pick<Taken, "side" | "official">[]> {
  return sql.query(
    `SELECT DISTINCT s.side, s.official FROM catalogue.matter_step s JOIN catalogue.matter m ON m.number = s.matter
     WHERE m.root = $1 AND s.official IS NOT NULL`,
    [root],
  );
}

/** A step's clocks: what it pauses, stops and starts. The end of a matter stops them all. */
async function runClocks(
  sql: Sql,
  number: number,
  kind: Kind,
  step: string,
  at: string,
  state?: string,
): Promise<void> {
  const machine = MACHINES[kind];
  const rules: Readonly<Record<string, StepRule>> = machine.steps;
  const { starts, stops } = EFFECTS[kind][step] ?? {};
  if (rules[step]?.pauses) await pauseClocks(sql, number, at, step);
  if (rules[step]?.resumes) await resumeClocks(sql, number, at);
  if (state !== undefined && (machine.final as readonly string[]).includes(state)) await stopClocks(sql, number, at);
  else if (stops) await stopClocks(sql, number, at, stops);
  if (starts) await startClock(sql, number, starts, at);
}

async function insertStep(sql: Sql, matter: number, step: Step & { readonly post: string | null }): Promise<void> {
  await sql.execute(
    `INSERT INTO catalogue.matter_step (matter, ordinal, step, side, official, post, state, words, detail, at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      matter,
      step.ordinal,
      step.step,
      step.side,
      step.official,
      step.post,
      step.state,
      step.words,
      step.detail === null ? null : JSON.stringify(step.detail),
      step.at,
    ],
  );
}
