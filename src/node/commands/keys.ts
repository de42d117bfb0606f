import { parseArgs } from "node:util";
import { trust } from "#infrastructure/trust";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { type Text, text } from "#lib/language/text";
import { KEY_STATE_WORDS } from "../../infrastructure/trust/key-operations.ts";
import { keepingWarning } from "../../infrastructure/trust/keys/file-key-store.ts";
import { changePassphrase, nodeKeyKeeping } from "../../infrastructure/trust/keys/node-key.ts";
import { type Command, type CommandIo, UsageError } from "../command.ts";
import { type Configuration, keysPassphrase, readConfiguration } from "../configuration.ts";
import { dataFolderAt } from "../data-folder.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { nodeActOf } from "../node-act.ts";
import { onKernel } from "../on-kernel.ts";
import { readSecret } from "../secrets.ts";
import { suitesText } from "../suites.ts";

export const command: Command = {
  name: "keys",
  usage: "[list | rotate --reason TEXT | passphrase --new FILE|DESCRIPTOR]",
  summary: text(
    "说明密钥由什么打开；列出、轮换数据密钥；设置或更换打开密钥的口令",
    "Say what opens the keys; list data keys or rotate them; set or change the passphrase",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { new: { type: "string" }, reason: { type: "string" } },
    });
    const [what, ...surplus] = positionals;
    const configuration = readConfiguration(io.environment, io.folder);
    if (what === "list" && surplus.length === 0) return await list(configuration, io);
    if (what === "rotate" && surplus.length === 0) return await rotate(configuration, values.reason?.trim() ?? "", io);
    if (what === "passphrase" && surplus.length === 0 && values.new !== undefined) {
      await change(configuration, values.new, io);
    } else if (what !== undefined || values.new !== undefined) {
      throw new UsageError(text("请用 --new 给出存有新口令的文件", "Name the file of the new passphrase with --new"));
    }
    await tell(configuration, io);
    return EXIT_CODES.OK;
  },
};

/** The generations of data keys, and how far sealing anew is. */
async function list(configuration: Configuration, io: CommandIo): Promise<ExitCode> {
  return await onKernel(configuration, { report: io.report, besideRunningNode: true }, async ({ kernel }) => {
    const { zh, en } = suitesText(kernel.suites);
    io.print(`${zh}  ${en}`);
    const listed = await frontOf(kernel, trust, () => nodeActOf(kernel, trust.id)).listDataKeys({});
    if (isRefusal(listed)) return refused(listed.text, io);
    for (const { id, suite, state, protectsUntil, clearedAt } of listed.keys) {
      const words = KEY_STATE_WORDS[state];
      const until = state === "active" ? `  → ${protectsUntil.slice(0, 10)}` : "";
      const cleared = clearedAt === undefined ? "" : `  已无数据 nothing left ${clearedAt.slice(0, 10)}`;
      io.print(`${id}  ${suite}  ${words.zh} ${words.en}${until}${cleared}`);
    }
    const { progress } = listed;
    const done = progress.filter(({ finished }) => finished).length;
    const closed = progress.reduce((sum, part) => sum + part.closed, 0);
    if (progress.length > 0)
      io.print(`重新加密 sealed anew: ${done} / ${progress.length}${closed > 0 ? `  ✗ ${closed}` : ""}`);
    return EXIT_CODES.OK;
  });
}

async function rotate(configuration: Configuration, reason: string, io: CommandIo): Promise<ExitCode> {
  if (reason === "") throw new UsageError(text("请用 --reason 写明理由", "Say why with --reason"));
  return await onKernel(configuration, { report: io.report, besideRunningNode: true }, async ({ kernel }) => {
    const made = await frontOf(kernel, trust, () => nodeActOf(kernel, trust.id)).rotateDataKey({ reason });
    await kernel.ledger.sequenceNow();
    if (isRefusal(made)) return refused(made.text, io);
    io.report(
      text(
        `新密钥 ${made.key} 将于 ${made.activeFrom} 起使用，其后节点在后台重新加密全部数据`,
        `The new key ${made.key} is used from ${made.activeFrom} on; then the running node seals everything anew in the background`,
      ),
    );
    return EXIT_CODES.OK;
  });
}

function refused(why: Text, io: CommandIo): ExitCode {
  io.report(why);
  return EXIT_CODES.FAILED;
}

async function change(configuration: Configuration, file: string, io: CommandIo): Promise<void> {
  const next = (await readSecret({ named: file, credential: "" })) ?? "";
  await changePassphrase(dataFolderAt(configuration.dataFolder).keys, { old: keysPassphrase(configuration), next });
  io.report(
    text(
      "口令已生效，请从下次启动起提供它，并把旧备份中的密钥文件一并处置",
      "The passphrase holds: give it from the next start on. Older backups still open with what opened the keys then",
    ),
  );
}

async function tell({ dataFolder }: Configuration, io: CommandIo): Promise<void> {
  const { keys } = dataFolderAt(dataFolder);
  const kept = KEPT[await nodeKeyKeeping(keys)];
  io.print(`${kept.zh}  ${kept.en}`);
  const warning = await keepingWarning(keys, false);
  if (warning !== undefined) io.report(warning);
}

const KEPT = {
  none: text("尚无密钥", "There are no keys yet"),
  file: text("密钥由权限为 0600 的文件打开", "A file of mode 0600 opens the keys"),
  passphrase: text("密钥由口令打开（argon2id）", "A passphrase opens the keys (argon2id)"),
  token: text("密钥由密码设备打开（PKCS #11）", "A token opens the keys (PKCS #11)"),
  both: text("口令更换未完成", "A change of passphrase was interrupted"),
};
