import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { clusterAccount } from "#kernel/database/cluster/account";
import { pendingMigrations } from "#kernel/database/migrations";
import { isFault } from "#kernel/errors/fault";
import { readSetting } from "#kernel/system/settings";
import { type Text, text } from "#lib/language/text";
import { readRevocationList } from "#lib/revocation/revocation-list";
import { AuthorityFiles } from "../../infrastructure/trust/certificates/authority-files.ts";
import { CERTIFICATE_SUITES } from "../../infrastructure/trust/certificates/purposes.ts";
import { keepingWarning, openFileKeys } from "../../infrastructure/trust/keys/file-key-store.ts";
import { nodeKeyKeeping } from "../../infrastructure/trust/keys/node-key.ts";
import type { Command, CommandIo } from "../command.ts";
import { type Configuration, keysOpening, readConfiguration } from "../configuration.ts";
import { dataFolderAt, dataFolderHolder } from "../data-folder.ts";
import { EXIT_CODES, explain } from "../exit-codes.ts";
import { MIN_FREE_DISK_BYTES, onGround } from "../ground.ts";
import { migrationSets } from "../migration-sets.ts";
import { checkPort } from "../port.ts";
import { DEMONSTRATION_SETTING } from "../settings.ts";
import { readSuites, suitesText } from "../suites.ts";

interface Finding {
  readonly state: "ok" | "note" | "bad";
  readonly what: Text;
}

export const command: Command = {
  name: "doctor",
  summary: text("检查本机与节点是否一切就绪", "Check whether this machine and the node are in order"),
  async run(_args, io) {
    const findings: Finding[] = [];
    const record = (found: Finding) => {
      findings.push(found);
      io.print(`${{ ok: "✓", note: "·", bad: "✗" }[found.state]} ${found.what.zh}  ${found.what.en}`);
    };
    record({ state: "ok", what: text(`Node.js ${process.version}`, `${process.platform}-${process.arch}`) });
    const configuration = await checked(record, () => readConfiguration(io.environment, io.folder));
    if (configuration !== undefined) await examineNode(configuration, io, record);
    for (const tool of await missingTools()) record({ state: "note", what: tool });
    return findings.some(({ state }) => state === "bad") ? EXIT_CODES.FAILED : EXIT_CODES.OK;
  },
};

type Tell = (finding: Finding) => void;

/** The result of a check, or what it threw as a finding. */
async function checked<T>(record: Tell, check: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await check();
  } catch (error) {
    record({ state: "bad", what: explain(error) });
    return undefined;
  }
}

async function examineNode(configuration: Configuration, io: CommandIo, record: Tell): Promise<void> {
  const { dataFolder, host, port } = configuration;
  record({ state: "ok", what: text(`数据目录 ${dataFolder}`, `data folder ${dataFolder}`) });
  const holder = await dataFolderHolder(dataFolder);
  if (holder !== undefined) {
    const since = `PID ${holder.pid}, ${holder.since}`;
    record({ state: "ok", what: text(`节点正在运行（${since}）`, `the node is running (${since})`) });
  } else {
    await checked(record, () => checkPort({ host, port }));
  }
  const account = await checked(record, clusterAccount);
  if (account !== undefined && configuration.databaseUrl === undefined) {
    const what = text(
      `内置数据库以账号 ${account.name} 运行`,
      `the embedded database runs under the account ${account.name}`,
    );
    record({ state: "ok", what });
  }
  await examineDisk(dataFolder, record);
  await checked(record, () =>
    examineDatabase(configuration, io, record).catch((error) => noNode(error, { dataFolder, record })),
  );
}

/** Before a first start there is nothing to look into, and nothing is made by looking. */
function noNode(error: unknown, { dataFolder, record }: { readonly dataFolder: string; readonly record: Tell }): void {
  if (!isFault(error, "ERR_NO_NODE")) throw error;
  const what = text(`${dataFolder} 中还没有节点`, `there is no node in ${dataFolder} yet`);
  record({ state: "note", what });
}

async function examineDisk(path: string, record: Tell): Promise<void> {
  const found = await statfs(path).catch(() => statfs(homedir()));
  const free = found.bavail * found.bsize;
  const gibibytes = `${(free / 2 ** 30).toFixed(1)} GiB`;
  record({
    state: free < MIN_FREE_DISK_BYTES ? "bad" : "ok",
    what: text(`磁盘剩余 ${gibibytes}`, `${gibibytes} of disk are free`),
  });
}

async function examineDatabase(configuration: Configuration, io: CommandIo, record: Tell): Promise<void> {
  const sets = await migrationSets();
  const existingNode = configuration.databaseUrl === undefined;
  await onGround(configuration, { report: io.report, besideRunningNode: true, existingNode }, async ({ database }) => {
    const [server] = await database.query<{ version: string; checksums: string; bytes: number }>(
      `SELECT current_setting('server_version') AS version, current_setting('data_checksums') AS checksums,
              pg_database_size(current_database()) AS bytes`,
    );
    const size = `${((server?.bytes ?? 0) / 2 ** 20).toFixed(0)} MiB`;
    record({
      state: "ok",
      what: text(`PostgreSQL ${server?.version}，${size}`, `data checksums ${server?.checksums}`),
    });
    const pending = await pendingMigrations(database, sets);
    const what = text(`${pending.length} 个迁移尚未执行`, `${pending.length} migrations wait for the next start`);
    record({ state: pending.length === 0 ? "ok" : "note", what });
    const demonstration =
      pending.length === 0 ? await readSetting<boolean>(database, DEMONSTRATION_SETTING) : undefined;
    const suites = pending.length === 0 ? await readSuites(database) : undefined;
    if (suites !== undefined) record({ state: "ok", what: suitesText(suites) });
    await checked(record, () => examineKeys(configuration, demonstration ?? true, record));
  });
}

/** What opens the keys, and whether it does. */
async function examineKeys(configuration: Configuration, demonstration: boolean, record: Tell): Promise<void> {
  const { keys } = dataFolderAt(configuration.dataFolder);
  const warning = await keepingWarning(keys, demonstration);
  // Such a node does not start.
  const isRefused = !demonstration && (await nodeKeyKeeping(keys)) === "file";
  if (warning !== undefined) record({ state: isRefused ? "bad" : "note", what: warning });
  const keeping = await nodeKeyKeeping(keys);
  if (keeping === "none") return;
  await openFileKeys(keys, keysOpening(configuration));
  const { label, module } = configuration.keysToken ?? {};
  const what =
    keeping === "token"
      ? text(`密码设备“${label}”打开密钥（${module}）`, `the token ${label} opens the keys (${module})`)
      : text("密钥可以打开", "the keys can be opened");
  record({ state: "ok", what });
  await examineRootLists(keys, record);
}

const LIST_WARNING_DAYS = 30;
const DAY_MS = 24 * 3_600_000;

/** An off-line root signs its list in ceremonies: whoever relies on its authorities needs one that has not run out. */
async function examineRootLists(keys: string, record: Tell): Promise<void> {
  for (const suite of CERTIFICATE_SUITES) {
    const list = await new AuthorityFiles(keys).rootList(suite);
    if (list === undefined) continue;
    const days = Math.floor((readRevocationList(list).nextUpdateMs - Date.now()) / DAY_MS);
    record({
      state: days < 0 ? "bad" : days < LIST_WARNING_DAYS ? "note" : "ok",
      what: text(
        `离线根的吊销列表（${suite}）还有 ${days} 天到期`,
        `the off-line root's list (${suite}) lasts ${days} more days`,
      ),
    });
  }
}

/** What is not needed to run, but to test or to scan uploads. */
const TOOLS: Readonly<Record<string, readonly [programs: readonly string[], use: Text]>> = {
  Chromium: [["chromium", "chromium-browser", "google-chrome"], text("浏览器测试将跳过", "browser tests will skip")],
  "poppler-utils": [["pdftotext"], text("部分 PDF 测试将跳过", "some PDF tests will skip")],
  openssl: [["openssl"], text("部分证书测试将跳过", "some certificate tests will skip")],
  ClamAV: [["clamdscan", "clamd"], text("上传文件仅作基本检查", "uploads get the built-in check alone")],
};

async function missingTools(): Promise<readonly Text[]> {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const missing: Text[] = [];
  for (const [name, [programs, use]] of Object.entries(TOOLS)) {
    const paths = folders.flatMap((folder) => programs.map((program) => join(folder, program)));
    const found = await Promise.all(
      paths.map((path) =>
        access(path, constants.X_OK).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (!found.includes(true)) missing.push(text(`未安装 ${name}：${use.zh}`, `${name} is not installed: ${use.en}`));
  }
  return missing;
}
