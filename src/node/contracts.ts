import { glob } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Contract } from "#kernel/contract/contract";

/** Every contract in the house, by its place: also of rooms that no node has yet. */
export async function contractsOfHouse(root: string): Promise<readonly Contract[]> {
  const paths = await Array.fromAsync(glob("src/*/*/contract.ts", { cwd: root }));
  const found: Contract[] = [];
  for (const path of paths.filter((one) => !one.startsWith("src/kernel/")).sort()) {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(join(root, path)).href);
    found.push(...Object.values(module).filter(isContract));
  }
  return found;
}

function isContract(value: unknown): value is Contract {
  return (
    typeof value === "object" && value !== null && "steward" in value && "operations" in value && "version" in value
  );
}
