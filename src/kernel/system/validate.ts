import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Contract, ObjectSchema } from "../contract/contract.ts";
import { unwrapped } from "../contract/field.ts";
import { contractProblems } from "./contract-problems.ts";
import { at, type Problem, repeated, type Say, when } from "./problem.ts";
import type { System } from "./system.ts";

/** Validates the whole set of rooms before a node starts; reports everything that is wrong at once. */
export function validateRooms(systems: readonly System[]): readonly Problem[] {
  return [
    ...duplicates(systems),
    ...systems.flatMap(({ contract }) => contractProblems(contract)),
    ...systems.flatMap((system) => implementationProblems(system, systems)),
    ...circles(systems),
  ];
}

/** One line for each problem, for the log of a node that does not start. */
export function problemLines(problems: readonly Problem[]): string {
  return problems.map(({ where, message }) => `${where}: ${message}`).join("\n");
}

function duplicates(systems: readonly System[]): readonly Problem[] {
  const prefixes = systems.flatMap(({ contract }) =>
    Object.entries(contract.services).map(
      ([name, service]) => [service.numberPrefix, `${contract.id}.${name}`] as const,
    ),
  );
  return [
    ...repeated(systems.map(({ contract }) => contract.id)).map((id) => at(id)("two rooms have this id")),
    ...repeated(prefixes.map(([prefix]) => prefix)).flatMap((prefix) =>
      prefixes
        .filter(([own]) => own === prefix)
        .map(([, where]) => at(where)(`the number prefix ${prefix} is used twice`)),
    ),
  ];
}

/** What is wrong with what keeps a contract. */
function implementationProblems(system: System, systems: readonly System[]): readonly Problem[] {
  const { contract } = system;
  const say = at(contract.id);
  const rooms = new Map(systems.map((other) => [other.contract.id, other.contract]));
  return [
    ...when(
      system.migrations !== undefined && !existsSync(fileURLToPath(system.migrations)),
      say(`there is no folder of migrations at ${system.migrations}`),
    ),
    ...sameNames(say, "operations", Object.keys(contract.operations), Object.keys(system.operations)),
    ...sameNames(say, "services", Object.keys(contract.services), Object.keys(system.services)),
    ...Object.values(system.uses).flatMap((used) => {
      const present = rooms.get(used.id);
      if (!present) return [say(`it uses the room ${used.id}, which is not there`, "uses")];
      return when(
        major(present) !== major(used),
        say(`it uses ${used.id} ${used.version}; there is ${present.version}`, "uses"),
      );
    }),
    ...Object.keys(contract.services).flatMap((name) => slotProblems(system, name)),
  ];
}

function major(contract: Contract): string | undefined {
  return contract.version.split(".")[0];
}

function sameNames(say: Say, part: string, promised: readonly string[], kept: readonly string[]): readonly Problem[] {
  return [
    ...promised
      .filter((name) => !kept.includes(name))
      .map((name) => say("it is promised, and nothing keeps it", part, name)),
    ...kept
      .filter((name) => !promised.includes(name))
      .map((name) => say("it is kept, and was never promised", part, name)),
  ];
}

/** Each slot is bound to an operation of the same room that takes a case, from the node. */
function slotProblems(system: System, name: string): readonly Problem[] {
  const { contract } = system;
  const bound = (system.services[name]?.slots ?? {}) as Readonly<Record<string, string>>;
  const slots = Object.keys(contract.services[name]?.procedure.slots ?? {});
  const say = at(contract.id, "services", name, "slots");
  return [
    ...sameNames(at(contract.id, "services", name), "slots", slots, Object.keys(bound)),
    ...Object.entries(bound).flatMap(([slot, target]) => {
      const operation = contract.operations[target];
      if (!operation) return [say(`it is bound to ${target}, which is not an operation of this room`, slot)];
      const input = unwrapped(operation.input) as ObjectSchema;
      const takesCase = input._zod.def.type === "object" && "caseId" in input.shape;
      return [
        ...when(!operation.audience.includes("node"), say(`${target} is not open to the node`, slot)),
        ...when(!takesCase, say(`${target} does not take a caseId`, slot)),
      ];
    }),
  ];
}

/** Rooms that use each other in a circle could never be started, moved or replaced one at a time. */
function circles(systems: readonly System[]): readonly Problem[] {
  const uses = new Map(systems.map(({ contract, uses }) => [contract.id, Object.values(uses).map(({ id }) => id)]));
  const found: Problem[] = [];
  const done = new Set<string>();
  const walk = (room: string, path: readonly string[]): void => {
    if (path.includes(room)) {
      const circle = [...path.slice(path.indexOf(room)), room];
      found.push(at(room, "uses")(`rooms use each other in a circle: ${circle.join(" → ")}`));
      return;
    }
    if (done.has(room)) return;
    for (const next of uses.get(room) ?? []) walk(next, [...path, room]);
    done.add(room);
  };
  for (const room of uses.keys()) walk(room, []);
  return found;
}
