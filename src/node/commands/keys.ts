import { parseArgs } from "node:util";
import { trust } from "#infrastructure/trust";
import { isRefusal } from "#kernel/contract/refusal";
import type { Database } from "#kernel/database/sql";
import { Fault } from "#kernel/errors/fault";
import { frontOf } from "#kernel/http/pages";
import { type Text, text } from "#lib/language/text";
import { keyEntry } from "../../infrastructure/trust/key-event.ts";
import { DATA_KEY_KIND_WORDS, KEY_STATE_WORDS } from "../../infrastructure/trust/key-operations.ts";
import { keepingWarning } from "../../infrastructure/trust/keys/file-key-store.ts";
import { liveProcesses } from "../../infrastructure/trust/keys/key-processes.ts";
import { changePassphrase, moveIntoToken, nodeKeyKeeping } from "../../infrastructure/trust/keys/node-key.ts";
import { Token } from "../../infrastructure/trust/keys/pkcs11/token.ts";
import { renewNodeKey } from "../../infrastructure/trust/keys/renewal.ts";
import { CERTIFIED_KINDS, SIGNING_KEY_USES } from "../../infrastructure/trust/signing-key-operations.ts";
import { type Command, type CommandIo, UsageError } from "../command.ts";
import { type Configuration, keysOpening, keysPassphrase, readConfiguration } from "../configuration.ts";
import { dataFolderAt, dataFolderHolder } from "../data-folder.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { noteSigningKeys } from "../key-tending.ts";
import { nodeActOf } from "../node-act.ts";
import { onKernel } from "../on-kernel.ts";
import { readSecret } from "../secrets.ts";
import { suitesText } from "../suites.ts";

export const command: Command = {
  name: "keys",
  usage:
    "[list | rotate [--of seal|index|log] --reason TEXT | renew --reason TEXT | passphrase --new FILE|DESCRIPTOR | into-token [--old FILE|DESCRIPTOR]]",
  summary: text(
    "说明密钥由什么打开；列出、轮换数据密钥；更换节点密钥；设置或更换打开密钥的口令；移入密码设备",
    "Say what opens the keys; list data keys or rotate them; renew the node's key; set or change the passphrase; move into a token",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        new: { type: "string" },
        old: { type: "string" },
        of: { type: "string", default: "seal" },
        reason: { type: "string" },
      },
    });
    const [what, ...surplus] = positionals;
    const configuration = readConfiguration(io.environment, io.folder);
    if (what === "list" && surplus.length === 0) return await list(configuration, io);
    if (what === "rotate" && surplus.length === 0) {
      return await rotate(configuration, { of: values.of, reason: values.reason?.trim() ?? "" }, io);
    }
    if (what === "renew" && surplus.length === 0) return await renew(configuration, values.reason?.trim() ?? "", io);
    if (what === "into-token" && surplus.length === 0) return await intoToken(configuration, values.old, io);
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
    for (const { id, kind, suite, state, protectsUntil, clearedAt } of listed.keys) {
      const words = KEY_STATE_WORDS[state];
      const use = DATA_KEY_KIND_WORDS[kind];
      const until = state === "active" ? `  → ${protectsUntil.slice(0, 10)}` : "";
      const cleared = clearedAt === undefined ? "" : `  已无数据 nothing left ${clearedAt.slice(0, 10)}`;
      io.print(`${id}  ${use.zh} ${use.en}  ${suite}  ${words.zh} ${words.en}${until}${cleared}`);
    }
    // A node that was never started has noted none.
    await noteSigningKeys(kernel);
    await kernel.ledger.sequenceNow();
    const signing = await frontOf(kernel, trust, () => nodeActOf(kernel, trust.id)).listSigningKeys({});
    if (isRefusal(signing)) return refused(signing.text, io);
    for (const { label, use, algorithm, fingerprint, state, replaceBy } of signing.keys) {
      const [words, uses] = [KEY_STATE_WORDS[state], SIGNING_KEY_USES[use]];
      const until = state === "active" ? `  → ${replaceBy.slice(0, 10)}` : "";
      io.print(
        `${label}  ${uses.zh} ${uses.en}  ${algorithm}  ${fingerprint.slice(0, 16)}  ${words.zh} ${words.en}${until}`,
      );
    }
    for (const { label, reason, decision } of signing.proposals) {
      if (decision === undefined)
        io.print(`${label}  待审批：登记为已泄露 to be decided: counts as compromised  ${reason}`);
    }
    const log = await frontOf(kernel, trust, () => nodeActOf(kernel, trust.id)).logKey({});
    if (isRefusal(log)) return refused(log.text, io);
    io.print(`日志密钥 key of the log: ${log.generation}  ${log.verifierKey}`);
    for (const { reason, decision } of log.proposals)
      if (decision === undefined)
        io.print(`待审批：更换日志密钥 to be decided: another key follows the log's  ${reason}`);
    const counted = await frontOf(kernel, trust, () => nodeActOf(kernel, trust.id)).countKeys({});
    if (isRefusal(counted)) return refused(counted.text, io);
    for (const { kind, state, count, firstEnd, lastEnd } of counted.certified) {
      const [words, kinds] = [KEY_STATE_WORDS[state], CERTIFIED_KINDS[kind]];
      io.print(
        `${kinds.zh} ${kinds.en}  ${count}  ${words.zh} ${words.en}  → ${firstEnd.slice(0, 10)} … ${lastEnd.slice(0, 10)}`,
      );
    }
    for (const { years, count, from, to, nextEnd } of counted.periods) {
      io.print(`期间密钥 keys of periods, ${years} 年 years  ${count}  ${from} … ${to}  → ${nextEnd.slice(0, 10)}`);
    }
    const { progress } = listed;
    const done = progress.filter(({ finished }) => finished).length;
    const closed = progress.reduce((sum, part) => sum + part.closed, 0);
    if (progress.length > 0)
      io.print(`改用新密钥 moved to the new keys: ${done} / ${progress.length}${closed > 0 ? `  ✗ ${closed}` : ""}`);
    return EXIT_CODES.OK;
  });
}

async function rotate(
  configuration: Configuration,
  { of, reason }: { readonly of: string; readonly reason: string },
  io: CommandIo,
): Promise<ExitCode> {
  const kind = of === "seal" || of === "index" || of === "log" ? of : undefined;
  if (kind === undefined) throw new UsageError(text("--of 只能是 seal、index 或 log", "--of is seal, index or log"));
  if (reason === "") throw new UsageError(text("请用 --reason 写明理由", "Say why with --reason"));
  if (kind === "log") return await proposeLogKey(configuration, reason, io);
  return await onKernel(configuration, { report: io.report, besideRunningNode: true }, async ({ kernel }) => {
    const made = await frontOf(kernel, trust, () => nodeActOf(kernel, trust.id)).rotateDataKey({ kind, reason });
    await kernel.ledger.sequenceNow();
    if (isRefusal(made)) return refused(made.text, io);
    io.report(
      text(
        `新密钥 ${made.key} 将于 ${made.activeFrom} 起使用，其后节点在后台让全部数据改用它`,
        `The new key ${made.key} is used from ${made.activeFrom} on; then the running node moves everything to it in the background`,
      ),
    );
    return EXIT_CODES.OK;
  });
}

/** Whoever has the command line proposes it; an official decides in the workbench. */
async function proposeLogKey(configuration: Configuration, reason: string, io: CommandIo): Promise<ExitCode> {
  return await onKernel(configuration, { report: io.report, besideRunningNode: true }, async ({ kernel }) => {
    const doors = frontOf(kernel, trust, () => nodeActOf(kernel, trust.id));
    const proposed = await doors.proposeLogKeyChange({ reason });
    await kernel.ledger.sequenceNow();
    if (isRefusal(proposed)) return refused(proposed.text, io);
    io.report(
      text(
        "已提出更换日志密钥，请由管密钥的工作人员在工作台“密钥”页审批；批准后新密钥随日志的下一条记录启用",
        "It is proposed that another key follows the log's: an official who keeps the keys decides on the workbench's page of keys; then it follows with the log's next entry",
      ),
    );
    return EXIT_CODES.OK;
  });
}

/** Beside a running node, too: its processes take the new key before anything is put under it. */
async function renew(configuration: Configuration, reason: string, io: CommandIo): Promise<ExitCode> {
  if (reason === "") throw new UsageError(text("请用 --reason 写明理由", "Say why with --reason"));
  const ground = { report: io.report, existingNode: true, besideRunningNode: true };
  return await onKernel(configuration, ground, async ({ kernel, database, trust: { nodeKey } }) => {
    await refuseBesideOlder(configuration, database);
    const holder = { kind: "node", id: trust.id } as const;
    const entry = keyEntry({ what: "node-key-renewed", holder, at: kernel.now(), reason });
    const renewed = await renewNodeKey({
      ...{ ...nodeKey.place, database, suites: kernel.suites, at: kernel.now() },
      record: async (tx) => void (await kernel.ledger.append(tx, [entry])),
    });
    io.report(
      text(
        `节点密钥已更换：签名密钥 ${renewed.signingKeys} 个、数据密钥 ${renewed.dataKeys} 个已改由新密钥保护，运行中的进程均已换用。旧备份仍由旧密钥打开，请一并处置`,
        `The node's key was renewed: ${renewed.signingKeys} signing keys and ${renewed.dataKeys} data keys are under the new one, which every running process uses. Older backups still open with the old one`,
      ),
    );
    return EXIT_CODES.OK;
  });
}

/** One of a version that did not follow yet says nothing of itself: it would put new keys under the old one. */
async function refuseBesideOlder({ dataFolder }: Configuration, database: Database): Promise<void> {
  const holder = await dataFolderHolder(dataFolder);
  if (holder === undefined || holder.pid === process.pid) return;
  const others = (await liveProcesses(database)).filter(({ pid }) => pid !== process.pid);
  if (others.length === 0) throw new Fault("ERR_TRUST_KEY_PROCESSES", { message: `process ${holder.pid}` });
}

/** `ZHENGTONG_KEYS_TOKEN` names the token, the passphrase is its PIN; `--old` gives what opened the keys before. */
async function intoToken(configuration: Configuration, old: string | undefined, io: CommandIo): Promise<ExitCode> {
  const { passphrase: pin, token } = keysOpening(configuration);
  if (token === undefined)
    throw new UsageError(text("请用 ZHENGTONG_KEYS_TOKEN 指定密码设备", "Name the token with ZHENGTONG_KEYS_TOKEN"));
  const passphrase = async () => (old === undefined ? undefined : await readSecret({ named: old, credential: "" }));
  const { keys: folder } = dataFolderAt(configuration.dataFolder);
  const beforeDatabase = () => moveIntoToken(folder, { passphrase, token: new Token({ ...token, pin }) });
  await onKernel(configuration, { report: io.report, existingNode: true, beforeDatabase }, async (place) => {
    const { kernel, database } = place;
    const holder = { kind: "node", id: trust.id } as const;
    await kernel.ledger.append(database, [keyEntry({ what: "node-key-moved", holder, at: kernel.now() })]);
  });
  io.report(
    text(
      "节点密钥已移入密码设备，原来的打开方式已删除。此前的签名密钥仍在文件中，由设备打开；新密钥在设备中产生",
      "The token opens the node's key now, and what opened it before is gone. Signing keys from before stay in files that the token opens; new ones are made in it",
    ),
  );
  return EXIT_CODES.OK;
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
