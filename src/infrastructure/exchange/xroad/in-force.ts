import type { PoliciesFrom } from "#kernel/access/live-access";
import { all, context, contextHas, equal, member, type Policies, policy, value } from "#kernel/access/policy-terms";
import { keepLooking } from "#kernel/database/keep-looking";
import type { Database, Sql } from "#kernel/database/sql";
import { text } from "#lib/language/text";
import { roomOfService, serviceOfRoom } from "#lib/xroad/house-names";
import { readService, serviceText } from "#lib/xroad/identifier";
import { LOOK_AGAIN_MS } from "./limits.ts";
import { isOpenable, majorOf } from "./offered.ts";
import { ownRoom } from "./own-rooms.ts";
import { type EdgePorts, edgePorts, type GrantedCalls } from "./ports.ts";
import { registrationsInForce } from "./registration.ts";
import { type Registrations, type Right, registrationsOf } from "./registrations.ts";

/** Whose policies these are, to the access that decides by them. */
export const EDGE_POLICIES = "x-road";
const CHANGED_CHANNEL = "zhengtong_edge";
/** What is in force now holds for acts that began a moment ago as well. */
const FROM_EVER = "1970-01-01T00:00:00.000Z";

const NONE: Registrations = registrationsOf(
  [],
  () => false,
  () => undefined,
);
/** Of each node of this process. */
const current = new WeakMap<Database, Registrations>();

/** What is in force on a node, as it was last read. */
export function registrations(database: Database): Registrations {
  return current.get(database) ?? NONE;
}

/** Processes that share the database look again, once what this transaction wrote is committed. */
export async function announceRegistration(sql: Sql): Promise<void> {
  await sql.query("SELECT pg_notify($1, '')", [CHANGED_CHANNEL]);
}

/**
 * Has the node work by what is registered now. Rights become permits of the access, so that a door refuses what no right allows,
 * whoever asks for the system.
 * @param now ISO 8601
 */
export async function putRegistrationsInForce(database: Database, now: string): Promise<void> {
  const ports = edgePorts(database);
  const isOwn = (client: string) => ownRoom(client, ports) !== undefined;
  const rows = await registrationsInForce(database);
  // What reads and holds documents of others is loaded where there are some.
  const isNeeded = rows.some(({ kind }) => kind === "provider");
  const providerOf = isNeeded ? (await import("./provider-document.ts")).providerOf : () => undefined;
  const granted = (await ports.grantedCalls(now)).flatMap((calls) => rightsOf(ports, calls));
  const next = registrationsOf(rows, isOwn, providerOf, registrations(database), granted);
  const registered = [...next.rights()].filter(({ grant }) => grant === undefined);
  await ports.access.replace(database, EDGE_POLICIES, versionsOf(ports, registered, now));
  current.set(database, next);
}

/** One right a purpose, as the edge looks them up. What a grant lets through it says itself, at the door. */
function rightsOf({ contracts, instance }: EdgePorts, calls: GrantedCalls): readonly Right[] {
  const contract = contracts.find(({ id }) => id === calls.room);
  const operation = contract?.operations[calls.operation];
  if (contract === undefined || operation === undefined || !isOpenable(operation)) return [];
  const { grant, client, room, authorityCode, legalBasis, until } = calls;
  const service = serviceText(serviceOfRoom(instance, { authorityCode, room, major: majorOf(contract) }));
  return calls.purposes.map((purpose) => ({
    ...{ id: `grant ${grant}`, grant, client, service, endpoints: [calls.operation], purpose, until },
    ...{ legalBasis: [...legalBasis], untilMs: Date.parse(until) },
  }));
}

/** What is permitted now, and from each instant at which a right ends. */
function versionsOf(ports: EdgePorts, rights: readonly Right[], now: string): readonly PoliciesFrom[] {
  const nowMs = Date.parse(now);
  const ends = [...new Set(rights.map(({ untilMs }) => untilMs).filter((atMs) => atMs > nowMs))].sort(
    (one, other) => one - other,
  );
  const at = (atMs: number): Policies =>
    Object.assign({}, ...rights.filter(({ untilMs }) => untilMs > atMs).map((right) => permitsOf(ports, right)));
  return [
    { from: FROM_EVER, policies: at(nowMs) },
    ...ends.map((atMs) => ({ from: new Date(atMs).toISOString(), policies: at(atMs) })),
  ];
}

/** One permit an operation of a room. What a foreign service offers is no action of ours: the edge itself decides on it. */
function permitsOf({ contracts, self }: EdgePorts, right: Right): Policies {
  const service = readService(right.service);
  const room = service && roomOfService(service)?.room;
  if (room === undefined) return {};
  const operations = contracts.find(({ id }) => id === room)?.operations ?? {};
  const offered = right.endpoints.filter((name) => Object.hasOwn(operations, name));
  return Object.fromEntries(
    offered.map((name) => [
      `x-road.${right.id}.${name}`,
      policy("permit", {
        words: text(
          `经审批登记，外部系统 ${right.client} 可以办理“${operations[name]?.title.zh ?? name}”。`,
          `By an approved registration the system ${right.client} may do “${operations[name]?.title.en ?? name}”.`,
        ),
        principal: "Node",
        actions: { action: `${room}.${name}` },
        when: all(
          contextHas("origin", "client"),
          equal(originOf("client"), value(right.client)),
          equal(originOf("node"), value(right.node ?? self)),
          contextHas("purpose"),
          equal(context("purpose"), member("Purpose", right.purpose)),
        ),
      }),
    ]),
  );
}

function originOf(attr: "client" | "node") {
  return { ".": { left: context("origin"), attr } };
}

/**
 * Keeps a process up to date with what any process on the same database decides. Gives what stops it.
 * @param onFault a look that failed; what was in force stays so until the next
 */
export async function watchRegistrations(options: {
  readonly database: Database;
  readonly now: () => string;
  readonly onFault: (fault: unknown) => void;
}): Promise<() => Promise<void>> {
  const { database, now, onFault } = options;
  const look = () => putRegistrationsInForce(database, now());
  return keepLooking({ database, channel: CHANGED_CHANNEL, everyMs: LOOK_AGAIN_MS, look, onFault });
}
