import { parseArgs } from "node:util";
import { text } from "#lib/language/text";
import type { Command } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { dataFolderHolder } from "../data-folder.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { processIdentity } from "../process-identity.ts";
import { ROOT } from "../program.ts";
import { askForPlace } from "../succession.ts";

/** Migrations of a large database take their time. */
const TIMEOUT_MS = 30 * 60_000;

export const command: Command = {
  name: "upgrade",
  summary: text(
    "用本目录的版本接替正在运行的节点，不中断服务（须用 DATABASE_URL 的数据库）",
    "Let the version in this folder take the place of the running node, without a pause (on a database of DATABASE_URL)",
  ),
  async run(args, io) {
    parseArgs({ args: [...args], options: {} });
    const { dataFolder, databaseUrl } = readConfiguration(io.environment, io.folder);
    const holder = await dataFolderHolder(dataFolder);
    if (holder === undefined) {
      io.report(text("没有正在运行的节点；用 zhengtong start 启动", "No node is running: start it by zhengtong start"));
      return EXIT_CODES.NO_NODE;
    }
    if (databaseUrl === undefined) {
      io.report(
        text(
          "内置数据库随节点进程启停，不能并行运行两个版本：请停止节点，再用新版本启动（停几秒）",
          "The embedded database starts and stops with its node, so that two versions cannot run beside each other: stop the node and start the new version (a pause of seconds)",
        ),
      );
      return EXIT_CODES.CONFIGURATION;
    }
    if (holder.handsOver !== true) {
      io.report(
        text(
          "正在运行的版本还不会移交：请停止节点，再用新版本启动",
          "The version that runs does not hand over yet: stop the node, and start the new version",
        ),
      );
      return EXIT_CODES.FAILED;
    }
    const identity = await processIdentity(holder.pid);
    const isRunning = async () => (await processIdentity(holder.pid)) === identity;
    const failure = await askForPlace({ dataFolder, pid: holder.pid, root: ROOT, isRunning, timeoutMs: TIMEOUT_MS });
    if (failure !== undefined) {
      io.report(failure);
      return EXIT_CODES.FAILED;
    }
    io.report(text("新版本已接替，旧进程已结束", "The new version has taken over, and the old process has ended"));
    return EXIT_CODES.OK;
  },
};
