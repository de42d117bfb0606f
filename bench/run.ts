/**
 * Runs the files of this folder one after the other, each in a process of its own, prints their figures and writes them to
 * docs/benchmarks.md. `npm run bench -- ledger start` runs those alone and writes nothing; with `--write` it writes their sections anew
 * and leaves the others.
 */
import { spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = dirname(import.meta.dirname);
const DOCUMENT = join(ROOT, "docs/benchmarks.md");
/** "name   1,234.5 unit   goal ≥ 1000 unit" */
const FIGURE = /^(?<name>\S.*?) {2,}(?<value>[\d.,]+) (?<unit>\S+)(?: {2,}goal (?<side>[≥≤]) (?<goal>[\d.,]+) \S+)?$/u;

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly goal: string;
  readonly met: string;
}

/** The output of one file; shown as it comes. */
async function run(file: string): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  const code = await new Promise<number>((resolve) => child.once("close", (status) => resolve(status ?? 1)));
  return { code, output };
}

function figuresOf(output: string): readonly Figure[] {
  return output.split("\n").flatMap((line) => {
    const found = FIGURE.exec(line.trimEnd())?.groups;
    if (found === undefined) return [];
    const { name = "", value = "", unit = "", side, goal } = found;
    const amount = (text: string) => Number(text.replaceAll(",", ""));
    const met =
      goal === undefined
        ? ""
        : (side === "≥" ? amount(value) >= amount(goal) : amount(value) <= amount(goal))
          ? "yes"
          : "no";
    return [{ name, value, unit, goal: goal === undefined ? "" : `${side} ${goal}`, met }];
  });
}

interface Section {
  readonly title: string;
  readonly text: string;
}

function sectionOf(title: string, about: string, figures: readonly Figure[]): Section {
  const settings = Object.entries(process.env)
    .filter(([name]) => name.startsWith("ZHENGTONG_BENCH_"))
    .map(([name, value]) => `${name}=${value} `)
    .sort();
  const command = `Measured by \`${settings.join("")}npm run bench -- ${title}\`, load before ${loadavg()[0]?.toFixed(1)}.`;
  const rows = figures.map(({ name, value, unit, goal, met }) => `| ${name} | ${value} ${unit} | ${goal} | ${met} |`);
  const table = ["| figure | measured | goal | met |", "|---|---|---|---|", ...rows];
  return { title, text: [`## ${title}`, "", about, "", command, "", ...table].join("\n") };
}

/** The sections that stand in the document. */
async function writtenSections(): Promise<readonly Section[]> {
  const [, ...parts] = (await readFile(DOCUMENT, "utf8")).split(/^(?=## )/m);
  return parts.map((part) => ({ title: /^## (.*)$/m.exec(part)?.[1] ?? "", text: part.trim() }));
}

function document(sections: readonly Section[]): string {
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `# Benchmarks

Written by \`npm run bench\`, as measured, goals missed included; each section says with which command. One run on one machine
(${machine}, Node ${process.version}): a shared or loaded machine measures less. Peers are measured in the same run.

${sections.map(({ text }) => text).join("\n\n")}
`;
}

/** The comment at the beginning of a file says what it measures. */
async function aboutOf(file: string): Promise<string> {
  const source = await readFile(join(import.meta.dirname, file), "utf8");
  const [, comment = ""] = /^\/\*\*\n([\s\S]*?)\*\//.exec(source) ?? [];
  return comment.replaceAll(/^ \* ?/gm, "").trim();
}

if (import.meta.main) {
  const { values, positionals: wanted } = parseArgs({
    allowPositionals: true,
    options: { write: { type: "boolean", default: false } },
  });
  const files = (await readdir(import.meta.dirname)).filter(
    (file) => file.endsWith(".ts") && file !== basename(import.meta.filename),
  );
  const chosen = files.filter((file) => wanted.length === 0 || wanted.includes(basename(file, ".ts"))).sort();
  if (chosen.length === 0) {
    console.error(`there are: ${files.map((file) => basename(file, ".ts")).join(", ")}`);
    process.exit(1);
  }
  const measured: Section[] = [];
  let failed = false;
  for (const file of chosen) {
    const title = basename(file, ".ts");
    console.log(`\n${title}`);
    const { code, output } = await run(file);
    failed ||= code !== 0;
    measured.push(sectionOf(title, await aboutOf(file), figuresOf(output)));
  }
  if (!failed && (wanted.length === 0 || values.write)) {
    const kept = wanted.length === 0 ? [] : await writtenSections();
    const others = kept.filter(({ title }) => !measured.some((section) => section.title === title));
    const all = [...others, ...measured].sort((one, other) => one.title.localeCompare(other.title, "en"));
    await writeFile(DOCUMENT, document(all));
  }
  process.exitCode = failed ? 1 : 0;
}
