import { parseArgs } from "node:util";
import { identity } from "#infrastructure/identity";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { text } from "#lib/language/text";
import { type Command, UsageError } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { nodeActOf } from "../node-act.ts";
import { onKernel } from "../on-kernel.ts";

export const command: Command = {
  name: "account",
  usage: "open SIGN-IN-NAME",
  summary: text(
    "开通一个账户绑定首个第二重验证（没有另一名管理员时；请先核对本人）",
    "Let an account bind its first second factor, where there is no other administrator; see its holder first",
  ),
  async run(args, io) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    const [verb, signInName, ...surplus] = positionals;
    if (verb !== "open" || signInName === undefined || surplus.length > 0) {
      throw new UsageError(text("请给出登录名：account open 登录名", "Give a sign-in name: account open NAME"));
    }
    const configuration = readConfiguration(io.environment, io.folder);
    const beside = { report: io.report, besideRunningNode: true, existingNode: true };
    return await onKernel(configuration, beside, async ({ kernel }) => {
      const opened = await frontOf(kernel, identity, () => nodeActOf(kernel, identity.id)).openFactorOnNode({
        signInName,
      });
      await kernel.ledger.sequenceNow();
      if (isRefusal(opened)) {
        io.report(opened.text);
        return EXIT_CODES.FAILED;
      }
      io.report(text(`已开通，至 ${opened.until}`, `Opened until ${opened.until}`));
      return EXIT_CODES.OK;
    });
  },
};
