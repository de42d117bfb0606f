import { parseArgs } from "node:util";
import { directory } from "#infrastructure/directory";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { text } from "#lib/language/text";
import { type Command, UsageError } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { hostRoom, hostsOf } from "../hosts.ts";
import { nodeActOf } from "../node-act.ts";
import { onKernel } from "../on-kernel.ts";

export const command: Command = {
  name: "host",
  usage: "[ROOM AUTHORITY-CODE]",
  summary: text(
    "指定某个系统由哪个机构主管；不带参数时列出",
    "Say which authority keeps a room, as of the next start; without arguments, list them",
  ),
  async run(args, io) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    const [room, code, ...surplus] = positionals;
    if (surplus.length > 0 || (room !== undefined && code === undefined)) {
      throw new UsageError(text("请给出系统和机构代码", "Give a room and the code of an authority"));
    }
    const configuration = readConfiguration(io.environment, io.folder);
    const beside = { report: io.report, besideRunningNode: true, existingNode: true };
    return await onKernel(configuration, beside, async ({ kernel, database }) => {
      const doors = frontOf(kernel, directory, () => nodeActOf(kernel, directory.id));
      if (room === undefined || code === undefined) {
        for (const [each, id] of Object.entries(await hostsOf(database))) {
          const found = await doors.findAuthority({ id });
          io.print(`${each}  ${isRefusal(found) ? id : `${found.code}  ${found.name.zh}  ${found.name.en}`}`);
        }
        return EXIT_CODES.OK;
      }
      if (room !== "*" && !kernel.systems.has(room)) {
        throw new UsageError(text(`没有系统“${room}”`, `There is no room "${room}"`));
      }
      const authority = await doors.findAuthority({ code });
      if (isRefusal(authority)) throw new UsageError(text(`没有机构“${code}”`, `There is no authority "${code}"`));
      await hostRoom(kernel, { room, authority: authority.id });
      await kernel.ledger.sequenceNow();
      io.report(
        text(
          `${room} 由${authority.name.zh}主管，下次启动生效`,
          `${authority.name.en} keeps ${room} as of the next start`,
        ),
      );
      return EXIT_CODES.OK;
    });
  },
};
