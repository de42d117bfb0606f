import { appendFile, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkEntry } from "#kernel/ledger/checks";
import type { Kernel } from "#kernel/system/kernel";

/**
 * Restores that were refused into a data folder. Where one is refused there may be no ledger that could say so, or one that must not be touched
 * by a half-made restore: so each is a line in a file there, and the next node that starts on the folder enters them in its ledger.
 */
const FILE = "refused-restores.txt";
/** More than anybody tries; beyond it nothing is added, and what is there tells enough. */
const FILE_MAX_BYTES = 64 * 1024;

interface RefusedRestore {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Of the fault. */
  readonly code: string;
}

export async function noteRefusedRestore(folder: string, { at, code }: RefusedRestore): Promise<void> {
  const path = join(folder, FILE);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size >= FILE_MAX_BYTES) return;
  await appendFile(path, `${at} ${code}\n`, { mode: 0o600 });
}

/** At the start of a node. The file is put aside first, and removed when its lines are entered: a kill between enters them twice, and never not. */
export async function enterRefusedRestores(
  kernel: Pick<Kernel, "ledger" | "database">,
  folder: string,
): Promise<number> {
  const [path, taken] = [join(folder, FILE), join(folder, `${FILE}.taken`)];
  const left = await readFile(taken, "utf8").catch(() => "");
  if (left === "") await rename(path, taken).catch(() => undefined);
  const lines = left || (await readFile(taken, "utf8").catch(() => ""));
  const entries = lines.split("\n").flatMap((line) => {
    const refused = refusedOf(line);
    return refused === undefined ? [] : [checkEntry("restore-refused", { at: refused.at, outcome: refused.code })];
  });
  if (entries.length > 0) await kernel.ledger.append(kernel.database, entries);
  await rm(taken, { force: true });
  return entries.length;
}

const LINE = /^(?<at>\d{4}-\d\d-\d\dT[\d:.]{8,}Z) (?<code>ERR_[A-Z_]{1,60})$/;

function refusedOf(line: string): RefusedRestore | undefined {
  const { at, code } = LINE.exec(line)?.groups ?? {};
  return at === undefined || code === undefined ? undefined : { at, code };
}
