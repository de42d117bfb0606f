import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { cosigningKey, Witness } from "#kernel/witnessing/witness";
import { text } from "#lib/language/text";
import { formatWitnessKey } from "#lib/merkle/cosignature";
import { type NoteVerifier, parseVerifierKey } from "#lib/merkle/note";
import { type Command, UsageError } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { onStopSignal } from "../stop-signals.ts";
import { SeenCheckpointFiles } from "../witness/seen-checkpoints.ts";
import { openWitnessKey } from "../witness/witness-key.ts";
import { witnessServer } from "../witness/witness-server.ts";

const DEFAULT_PORT = 8090;
const LOGS_MAX = 1_000;

export const command: Command = {
  name: "witness",
  usage: "--name NAME --log KEY|FILE… [--folder DIR] [--host ADDRESS] [--port PORT]",
  summary: text(
    "为他人的存证日志作见证（C2SP tlog-witness）；不需要数据库",
    "Witness the logs of others (C2SP tlog-witness); needs no database",
  ),
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        name: { type: "string" },
        log: { type: "string", multiple: true },
        folder: { type: "string", default: ".zhengtong-witness" },
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: String(DEFAULT_PORT) },
        lang: { type: "string" },
      },
    });
    const { name, log: given = [] } = values;
    if (name === undefined || given.length === 0) {
      throw new UsageError(
        text("请给出见证者名称和所见证日志的公钥", "Name the witness, and the keys of the logs to follow"),
      );
    }
    const logs = (await Promise.all(given.map((one) => readLogs(one, io.folder)))).flat();
    if (logs.length > LOGS_MAX) throw new UsageError(text("日志过多", "Too many logs"));
    const folder = resolve(io.folder, values.folder);
    const key = cosigningKey(name, await openWitnessKey(folder));
    const seen = await SeenCheckpointFiles.in(folder);
    const witness = new Witness({
      key,
      logs: () => logs,
      seen,
      now: () => Math.floor(Temporal.Now.instant().epochMilliseconds / 1_000),
    });
    const verifierKey = formatWitnessKey(key.key);
    const server = witnessServer(witness, verifierKey);
    await new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen(Number(values.port), values.host, done);
    });
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : values.port;
    io.print(`见证公钥 witness key: ${verifierKey}`);
    io.print(`http://${values.host}:${port}/add-checkpoint`);
    await new Promise<void>((done) => {
      const release = onStopSignal({
        stop: async () => {
          server.close(() => {
            release();
            done();
          });
          server.closeIdleConnections();
        },
        force: () => server.closeAllConnections(),
      });
    });
    return EXIT_CODES.OK;
  },
};

/** A log's key as its line, or a file of such lines. */
async function readLogs(given: string, folder: string): Promise<readonly NoteVerifier[]> {
  const own = parseVerifierKey(given);
  if (own !== undefined) return [own];
  const lines = (await readFile(resolve(folder, given), "utf8")).split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const found = parseVerifierKey(line.trim());
    if (found === undefined) throw new UsageError(text(`不是日志公钥：${line}`, `Not a log's key: ${line}`));
    return found;
  });
}
