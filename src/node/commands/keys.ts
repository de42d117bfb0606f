import { parseArgs } from "node:util";
import { text } from "#lib/language/text";
import { keepingWarning } from "../../infrastructure/trust/keys/file-key-store.ts";
import { changePassphrase, nodeKeyKeeping } from "../../infrastructure/trust/keys/node-key.ts";
import { type Command, type CommandIo, UsageError } from "../command.ts";
import { type Configuration, keysPassphrase, readConfiguration } from "../configuration.ts";
import { dataFolderAt } from "../data-folder.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { readSecret } from "../secrets.ts";

export const command: Command = {
  name: "keys",
  usage: "[passphrase --new FILE|DESCRIPTOR]",
  summary: text(
    "说明密钥由什么打开；设置或更换打开密钥的口令",
    "Say what opens the keys; set or change the passphrase that does",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { new: { type: "string" } },
    });
    const [what, ...surplus] = positionals;
    const configuration = readConfiguration(io.environment, io.folder);
    if (what === "passphrase" && surplus.length === 0 && values.new !== undefined) {
      await change(configuration, values.new, io);
    } else if (what !== undefined || values.new !== undefined) {
      throw new UsageError(text("请用 --new 给出存有新口令的文件", "Name the file of the new passphrase with --new"));
    }
    await tell(configuration, io);
    return EXIT_CODES.OK;
  },
};

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
  both: text("口令更换未完成", "A change of passphrase was interrupted"),
};
