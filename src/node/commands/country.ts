import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { text } from "#lib/language/text";
import { type Command, type CommandIo, UsageError } from "../command.ts";
import { checkCountry } from "../country/check.ts";
import { Country, type CountryOptions } from "../country/country.ts";
import { openNamespaces } from "../country/namespaces.ts";
import { INTRANET, ON_WIRE } from "../country/plan.ts";
import { loopbackWires, type Wires } from "../country/wires.ts";
import { type Step, StepFault, stepTaker } from "../demo/progress.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { onStopSignal } from "../stop-signals.ts";

export const command: Command = {
  name: "country",
  usage: "[--check] [--network loopback|namespaces] [--json] [--out FOLDER]",
  summary: text(
    "演示：中央、省、市、县四级节点和一个政务内网节点；--check 自动走完一遍并核验",
    "A country: nodes of centre, province, city and county, and one of the intranet; --check walks through it all and verifies it",
  ),
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        check: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        out: { type: "string" },
        network: { type: "string" },
      },
    });
    const network = values.network ?? (values.check ? "namespaces" : "loopback");
    if (network !== "namespaces" && network !== "loopback") throw new UsageError(NETWORKS);
    const { step, steps } = stepTaker((done) =>
      values.json ? io.stderr.write(`${lineOf(done)}\n`) : io.print(lineOf(done)),
    );
    const began = performance.now();
    let starting: Promise<Country> | undefined;
    const told = Promise.withResolvers<void>();
    const stopAll = async () => {
      const country = await starting?.catch(() => undefined);
      starting = undefined;
      await country?.stop();
    };
    const release = onStopSignal({
      stop: async () => {
        io.report(text("正在停止各节点…", "Stopping the nodes…"));
        told.resolve();
        await stopAll();
        if (values.check) process.exit(EXIT_CODES.INTERRUPTED);
      },
      force: () => process.exit(EXIT_CODES.INTERRUPTED),
    });
    try {
      const onLog = (line: string) => void (values.json ? undefined : io.stderr.write(`${line}\n`));
      starting = startOn(network, io, { step, onLog, withIntranet: true });
      const country = await starting;
      const startedMs = Math.round(performance.now() - began);
      if (!values.check) {
        tell(country, io);
        await told.promise;
        return EXIT_CODES.OK;
      }
      const folder = await folderOf(values.out, io);
      const outcome = await checkCountry({ country, folder, step });
      const nodes = await nodesOf(country);
      const ms = Math.round(performance.now() - began);
      const shown = {
        ok: true,
        network: country.wires.kind,
        nodes,
        startedMs,
        ms,
        ...outcome,
        evidence: folder,
        steps: steps.length,
      };
      if (values.json) io.print(JSON.stringify(shown));
      else
        io.report(
          text(
            `全部通过，用时 ${ms} 毫秒；证据在 ${folder}`,
            `All of it holds, in ${ms} ms; the evidence is in ${folder}`,
          ),
        );
      return EXIT_CODES.OK;
    } catch (error) {
      return failed(error, { io, json: values.json });
    } finally {
      release();
      await stopAll();
    }
  },
};

const NETWORKS = text("--network 只能是 loopback 或 namespaces", "--network is loopback or namespaces");

/** In namespaces where they are asked for and can be had; says which. */
async function startOn(
  network: Wires["kind"],
  io: CommandIo,
  options: Omit<CountryOptions, "wires">,
): Promise<Country> {
  const plan = { onWire: ON_WIRE.map(({ code }) => code), apart: [INTRANET.code] };
  const opened = network === "namespaces" ? await openNamespaces(plan) : undefined;
  const wires = opened === undefined || "why" in opened ? loopbackWires(opened?.why) : opened;
  io.report(wires.words);
  return await Country.start({ ...options, wires });
}

async function folderOf(out: string | undefined, io: CommandIo): Promise<string> {
  return out === undefined ? await mkdtemp(join(tmpdir(), "zhengtong-country-check-")) : resolve(io.folder, out);
}

async function nodesOf(country: Country) {
  const nodes = [];
  for (const node of country.nodes) {
    const memoryMb = Math.round((await node.ask("memory", {})) / 1_000_000);
    nodes.push({ code: node.setting.code, address: node.address, memoryMb });
  }
  return nodes;
}

/** Where one looks, and as whom. */
function tell(country: Country, io: CommandIo): void {
  for (const { code, name } of [...ON_WIRE, INTRANET]) {
    io.print(`${name.zh}  ${name.en}  ${country.node(code).address}`);
    const { signIns, password } = country.facts(code);
    const names = signIns.map(({ signInName, name: who }) => `${signInName}（${who}）`).join("、");
    io.print(`    ${names}`);
    io.print(`    口令 password: ${password}`);
  }
  io.report(text("按 Ctrl-C 停止", "Ctrl-C stops it"));
}

function failed(error: unknown, { io, json }: { readonly io: CommandIo; readonly json: boolean }): ExitCode {
  if (!(error instanceof StepFault)) throw error;
  const { who, what, cause } = error;
  const why = cause instanceof Error ? cause.message : String(cause);
  if (json) io.print(JSON.stringify({ ok: false, who: who.en, what: what.en, why }));
  io.report(text(`✗ ${who.zh}：${what.zh}`, `${who.en} ${what.en}`));
  io.stderr.write(`${why}\n`);
  return EXIT_CODES.FAILED;
}

function lineOf({ who, what, ms }: Step): string {
  return `✓ ${who.zh}：${what.zh}  ${who.en} ${what.en}  ${ms} ms`;
}
