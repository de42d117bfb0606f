import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { text } from "#lib/language/text";
import { openTrust } from "../../infrastructure/trust/ports.ts";
import { type Command, UsageError } from "../command.ts";
import { type Configuration, keysOpening, readConfiguration } from "../configuration.ts";
import { dataFolderAt } from "../data-folder.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { operatorOf } from "../on-kernel.ts";
import { runVerifier } from "../verifier.ts";

export const command: Command = {
  name: "verify",
  usage:
    "FILE… [--root FILE] [--jwk FILE] [--log-key KEY] [--successions FILE] [--checkpoint FILE] [--witness KEY]… [--quorum N] [--issued FILE]… [--at TIME] [--json]",
  summary: text(
    "核验证照、凭证和检查点；不给信任根时用本节点的根证书和日志公钥",
    "Verify licences, receipts and checkpoints; without anchors of your own, against this node's root and log key",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        root: { type: "string", multiple: true },
        jwk: { type: "string" },
        "log-key": { type: "string" },
        successions: { type: "string", multiple: true },
        checkpoint: { type: "string" },
        witness: { type: "string", multiple: true },
        issued: { type: "string", multiple: true },
        quorum: { type: "string" },
        at: { type: "string" },
        lang: { type: "string" },
        json: { type: "boolean" },
      },
    });
    if (positionals.length === 0) throw new UsageError(text("请给出要核验的文件", "Name the files to verify"));
    const given = values.root !== undefined || values.jwk !== undefined || values["log-key"] !== undefined;
    const folder = await mkdtemp(join(tmpdir(), "zhengtong-verify-"));
    try {
      const anchors = given ? [] : await anchorsOfNode(readConfiguration(io.environment, io.folder), folder);
      const files = positionals.map((file) => (/^JY[0-9A-Za-z]*$/.test(file) ? file : resolve(io.folder, file)));
      const options = args.filter((argument) => !positionals.includes(argument));
      const { code, stdout, stderr } = await runVerifier([...files, ...options, ...anchors], io.folder);
      io.stdout.write(stdout);
      io.stderr.write(stderr);
      return EXIT_OF[code ?? 1] ?? EXIT_CODES.FAILED;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** 3, "cannot be decided yet", is no success. */
const EXIT_OF: Readonly<Record<number, ExitCode>> = { 0: EXIT_CODES.OK, 2: EXIT_CODES.USAGE };

/** The root certificate and the log key of the node whose keys lie in the folder; nothing where there is no node. */
async function anchorsOfNode(configuration: Configuration, folder: string): Promise<readonly string[]> {
  const { keys } = dataFolderAt(configuration.dataFolder);
  const root = join(keys, "root.pem");
  if ((await stat(root).catch(() => undefined)) === undefined) return [];
  const { checkpointSigner } = await openTrust({
    folder: keys,
    operator: operatorOf(false),
    at: Temporal.Now.instant().toString(),
    ...keysOpening(configuration),
  });
  const key = join(folder, "log-key.txt");
  await writeFile(key, `${checkpointSigner.verifierKey}\n`);
  return ["--root", root, "--log-key", key];
}
