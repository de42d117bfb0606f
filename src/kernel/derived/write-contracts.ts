import { glob, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isText, type Text } from "#lib/language/text";
import type { Contract } from "../contract/contract.ts";
import { capacityPage } from "./capacity-page.ts";
import { type BreakingChange, compareContracts } from "./compare-contracts.ts";
import { type ContractDocument, contractDocument } from "./contract-document.ts";
import { referencePages } from "./reference-pages.ts";

/** Where the contracts of the last release stand, below the folder of contracts. */
export const RELEASED_FOLDER = "released";

/** What is derived from contracts and committed: by path below the root of the checkout. */
export async function derivedFiles(options: {
  readonly contracts: readonly Contract[];
  /** The root of the checkout. */
  readonly folder: string;
}): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const contract of options.contracts) {
    files.set(`contracts/${contract.id}.json`, `${JSON.stringify(contractDocument(contract), null, 2)}\n`);
  }
  const faults = await declaredFaults(join(options.folder, "src"));
  for (const [path, text] of Object.entries(referencePages({ contracts: options.contracts, faults }))) {
    files.set(`docs/reference/${path}`, text);
  }
  const benchmarks = await textOf(join(options.folder, "docs/benchmarks.md"));
  if (benchmarks !== undefined) files.set("docs/reference/capacity.md", capacityPage(benchmarks));
  return files;
}

/** Every fault that some `faults.ts` declares. */
export async function declaredFaults(source: string): Promise<Readonly<Record<string, Text>>> {
  const found: Record<string, Text> = {};
  for await (const path of glob("**/faults.ts", { cwd: source })) {
    const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(source, path)).href);
    for (const table of Object.values(module)) {
      if (typeof table !== "object" || table === null) continue;
      for (const [code, text] of Object.entries(table)) if (code.startsWith("ERR_") && isText(text)) found[code] = text;
    }
  }
  return found;
}

/** What is derived and no longer what is committed: changed, missing, or left over from a contract that is gone. */
export async function staleFiles(options: {
  readonly contracts: readonly Contract[];
  readonly folder: string;
}): Promise<readonly string[]> {
  const wanted = await derivedFiles(options);
  const stale: string[] = [];
  for (const [path, text] of wanted) {
    if ((await textOf(join(options.folder, path))) !== text) stale.push(path);
  }
  for (const path of await committedFiles(options.folder)) if (!wanted.has(path)) stale.push(path);
  return stale.sort();
}

/** Writes what is derived, and removes what is left over. Gives the paths that changed. */
export async function writeContracts(options: {
  readonly contracts: readonly Contract[];
  readonly folder: string;
}): Promise<readonly string[]> {
  const wanted = await derivedFiles(options);
  const stale = await staleFiles(options);
  for (const path of stale) {
    const whole = join(options.folder, path);
    const text = wanted.get(path);
    if (text === undefined) {
      await rm(whole);
    } else {
      await mkdir(dirname(whole), { recursive: true });
      await writeFile(whole, text);
    }
  }
  return stale;
}

/** What the contracts break of the last release, whose documents stand in `contracts/released`; undefined when there is none. */
export async function breakingChanges(options: {
  readonly contracts: readonly Contract[];
  readonly folder: string;
}): Promise<readonly BreakingChange[] | undefined> {
  const folder = join(options.folder, "contracts", RELEASED_FOLDER);
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) return undefined;
  const current = new Map(options.contracts.map((contract) => [contract.id, contract]));
  const found: BreakingChange[] = [];
  for (const name of names.filter((entry) => entry.endsWith(".json"))) {
    const before = JSON.parse(await readFile(join(folder, name), "utf8")) as ContractDocument;
    const now = current.get(before.id);
    if (!now) found.push({ where: before.id, message: "the room was removed" });
    else found.push(...compareContracts(before, contractDocument(now)));
  }
  return found;
}

async function committedFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const path of glob(["contracts/*.json", "docs/reference/**/*.md"], { cwd: folder })) {
    found.push(relative(folder, resolve(folder, path)).replaceAll("\\", "/"));
  }
  return found;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}
