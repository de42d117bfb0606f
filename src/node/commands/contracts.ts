import { parseArgs } from "node:util";
import { breakingChanges, staleFiles, writeContracts } from "#kernel/derived/write-contracts";
import { text } from "#lib/language/text";
import type { Command } from "../command.ts";
import { contractsOfHouse } from "../contracts.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { ROOT } from "../program.ts";

export const command: Command = {
  name: "contracts",
  usage: "[--check]",
  summary: text(
    "由契约生成 contracts/ 和 docs/reference/；--check 只核对",
    "Write contracts/ and docs/reference/ from the contracts; --check compares only",
  ),
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { check: { type: "boolean", default: false } } });
    const house = { contracts: await contractsOfHouse(ROOT), folder: ROOT };
    const changed = values.check ? await staleFiles(house) : await writeContracts(house);
    for (const path of changed) io.print(path);
    const broken = (await breakingChanges(house)) ?? [];
    for (const { where, message } of broken) io.report(text(`破坏性变更 ${where}`, message));
    if (broken.length > 0) return EXIT_CODES.FAILED;
    if (values.check && changed.length > 0) {
      io.report(text("以上文件已过时，请运行 zhengtong contracts", "These are stale: run zhengtong contracts"));
      return EXIT_CODES.FAILED;
    }
    io.report(
      text(`${house.contracts.length} 份契约`, `${changed.length} files ${values.check ? "stale" : "written"}`),
    );
    return EXIT_CODES.OK;
  },
};
