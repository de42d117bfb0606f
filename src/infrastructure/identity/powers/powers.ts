import type { z } from "zod";
import { isRefusal } from "#kernel/contract/refusal";
import { PERSON_RIGHTS, type PersonRight } from "#kernel/system/act";
import type { Registers, Rooms } from "../implement.ts";
import { MANDATE_YEARS_MAX, POWERS_MAX, type Power, type PowerBasis } from "./power-contract.ts";

type PowerValue = z.output<typeof Power>;

/** On what each kind may rest. 民法典 §28, §31, §33 (guardians of adults); §1121 ff. (heirs); §165 (agents). */
const BASES: Readonly<Record<PersonRight, readonly PowerBasis[]>> = {
  guardian: ["judgment", "designation", "agreement"],
  heir: ["notarized", "judgment", "kinship"],
  agent: ["mandate"],
};

/** Whether kind, what it rests on, and whether the person lives go together. */
export function isFitting(kind: PersonRight, basis: PowerBasis, alive: boolean): boolean {
  return BASES[kind].includes(basis) && servesLife(kind, alive);
}

/** A mandate and a guardianship end with a death (民法典 §39, §173); an heir's right begins with it (§1121). */
function servesLife(kind: PersonRight, alive: boolean): boolean {
  return kind === "heir" ? !alive : alive;
}

/** Whether a power holds on a day, both ends included. */
export function holdsOn({ status, from, to }: PowerValue, day: string): boolean {
  return status === "in-force" && from <= day && day <= to;
}

/** What of a power's own terms is wrong; undefined where nothing is. */
export function faultOfTerms(
  { scope, service, from, to }: Pick<PowerValue, "scope" | "service" | "from" | "to">,
  today: string,
): "bad-service" | "bad-period" | undefined {
  if ((scope === "one-service") !== (service !== undefined)) return "bad-service";
  const latest = Temporal.PlainDate.from(from).add({ years: MANDATE_YEARS_MAX }).toString();
  return to < from || to < today || to > latest ? "bad-period" : undefined;
}

/** Whether the same is given already, or waits to be decided. */
export async function isGiven(
  registers: Registers,
  asked: Pick<PowerValue, "principal" | "agent" | "kind" | "scope" | "service" | "to">,
  today: string,
): Promise<boolean> {
  const { principal, agent, kind, scope, service, to } = asked;
  const { items } = await registers.power.find({ principal, agent }, { limit: POWERS_MAX });
  return items.some(
    ({ value }) =>
      value.kind === kind &&
      value.scope === scope &&
      value.service === service &&
      (value.status === "asked" || (value.status === "in-force" && value.to >= to && value.to >= today)),
  );
}

/** Somebody's name, where he lives or lived. */
export async function personOf(rooms: Rooms, id: string) {
  const known = await rooms.population.nameOf({ id });
  return isRefusal(known) ? undefined : { name: known.name, alive: known.lifeStatus === "alive" };
}

/** By which right one person acts for another on a day; undefined where he has none. */
export async function rightOver(
  { registers, rooms, today }: { readonly registers: Registers; readonly rooms: Rooms; readonly today: string },
  { person, principal }: { readonly person: string; readonly principal: string },
): Promise<{ name: string; right: PersonRight; services?: string[] } | undefined> {
  const [self, whose] = [await personOf(rooms, person), await personOf(rooms, principal)];
  if (!self?.alive || !whose) return undefined;
  const guardians = await rooms.population.guardiansOf({ ward: principal });
  if (!isRefusal(guardians) && guardians.items.some(({ id }) => id === person)) {
    return { name: whose.name, right: "guardian" };
  }
  const { items } = await registers.power.find({ principal, agent: person }, { limit: POWERS_MAX });
  const held = items
    .map(({ value }) => value)
    .filter((one) => holdsOn(one, today) && servesLife(one.kind, whose.alive))
    .toSorted((one, other) => PERSON_RIGHTS.indexOf(one.kind) - PERSON_RIGHTS.indexOf(other.kind));
  const whole = held.find(({ scope }) => scope === "all-services");
  if (whole) return { name: whose.name, right: whole.kind };
  const [first] = held;
  if (!first) return undefined;
  // One right at a time, and its own services alone: an agent for one is not a guardian there because he is it elsewhere.
  const own = held.filter(({ kind }) => kind === first.kind);
  return { name: whose.name, right: first.kind, services: own.map(({ service }) => service ?? "") };
}
