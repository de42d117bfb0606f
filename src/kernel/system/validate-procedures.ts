import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Procedure as Declaration, ObjectSchema } from "../contract/contract.ts";
import { unwrapped } from "../contract/field.ts";
import { ProcedureDefinitionFault } from "../procedures/compile.ts";
import { lintProcedure } from "../procedures/lint.ts";
import type { Procedure } from "../procedures/types.ts";
import { at, type Problem, type Say } from "./problem.ts";
import type { System } from "./system.ts";

/**
 * Reads the diagrams of a set of rooms before a node starts: what cannot be executed, what runs but not as it can have been meant,
 * and what stands in a diagram but not in its declaration. Each diagram is examined once, where it is met first.
 */
export async function validateProcedures(
  systems: readonly System[],
  compile: (sources: readonly string[]) => Promise<Procedure>,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const seen = new Set<Declaration>();
  for (const [declaration, say] of systems.flatMap(declarations)) {
    if (seen.has(declaration)) continue;
    seen.add(declaration);
    problems.push(...(await diagramProblems(declaration, say, compile)));
  }
  return problems;
}

function declarations({ contract }: System): readonly (readonly [Declaration, Say])[] {
  return [
    ...Object.entries(contract.procedures).map(
      ([name, declaration]) => [declaration, at(contract.id, "procedures", name)] as const,
    ),
    ...Object.entries(contract.services).map(
      ([name, { procedure }]) => [procedure, at(contract.id, "services", name, "procedure")] as const,
    ),
  ];
}

async function diagramProblems(
  declaration: Declaration,
  say: Say,
  compile: (sources: readonly string[]) => Promise<Procedure>,
): Promise<readonly Problem[]> {
  const { diagram, variables, tasks, slots, notices, messages } = declaration;
  // That there is none is said by the validation of the contract.
  if (diagram.protocol !== "file:" || !existsSync(fileURLToPath(diagram))) return [];
  try {
    const found = lintProcedure(await compile([await readFile(diagram, "utf8")]), {
      variables: Object.keys((unwrapped(variables) as ObjectSchema).shape),
      tasks: Object.keys(tasks),
      slots: Object.keys(slots),
      notices: Object.keys(notices),
      messages: Object.keys(messages),
    });
    return found.map(({ id, rule, text }) => say(`${text.en} (${rule})`, id));
  } catch (error) {
    if (!(error instanceof ProcedureDefinitionFault)) throw error;
    return error.problems.map((problem) => say(problem));
  }
}
