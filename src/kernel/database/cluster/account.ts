import { constants } from "node:fs";
import { access, readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** An account of the operating system under which PostgreSQL runs. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Accounts that exist on nearly every system for such a purpose, best first. */
const UNPRIVILEGED = ["zhengtong", "postgres", "_postgres", "nobody"];

/**
 * The account to change to, or undefined when this process is not root: PostgreSQL refuses to run as root.
 * @throws Error when no unprivileged account exists
 */
export async function clusterAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const wanted of UNPRIVILEGED) {
    const [name, , uid, gid] = lines.find(([name]) => name === wanted) ?? [];
    if (name !== undefined && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`none of the accounts ${UNPRIVILEGED.join(", ")} exists`);
}

/** Whether the account can enter the folder: each folder on the way lets it pass. Without an account: whether we can. */
export async function canEnter(folder: string, account: Account | undefined): Promise<boolean> {
  if (account === undefined) {
    return await access(folder, constants.X_OK | constants.R_OK).then(
      () => true,
      () => false,
    );
  }
  for (let path = resolve(folder); ; path = dirname(path)) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || !mayPass(found, account)) return false;
    if (path === dirname(path)) return true;
  }
}

function mayPass(folder: { mode: number; uid: number; gid: number }, account: Account): boolean {
  if (folder.uid === account.uid) return (folder.mode & 0o100) !== 0;
  if (folder.gid === account.gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}
