import { createInterface } from "node:readline/promises";
import { text as readText } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { directory } from "#infrastructure/directory";
import type { Refusal } from "#kernel/contract/refusal";
import { randomBytes } from "#kernel/random";
import { inputIssues } from "#kernel/system/input-issues";
import { toBase64url } from "#lib/crypto/base64url";
import { type Text, text } from "#lib/language/text";
import { type Command, type CommandIo, UsageError } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { type FirstSettings, initialise } from "../initialise.ts";
import { onKernel } from "../on-kernel.ts";

/** What must be known, in the order in which it is asked. */
const QUESTIONS = {
  name: text("机构名称，如 某县政务服务管理局", "Name of the first authority, in Chinese"),
  division: text("行政区划代码（GB/T 2260，如 330108）", "Its division code (GB/T 2260)"),
  address: text("机构地址", "Its address"),
  phone: text("机构电话", "Its telephone"),
  reconsideration: text("行政复议机关", "Body of administrative reconsideration"),
  court: text("管辖法院", "Court with jurisdiction"),
  administrator: text("管理员姓名", "Name of the administrator"),
} as const satisfies Record<string, Text>;

type Question = keyof typeof QUESTIONS;
type Answers = Readonly<Record<Question, string>>;

const PASSWORD_BYTES = 15;

export const command: Command = {
  name: "init",
  usage: `${Object.keys(QUESTIONS)
    .map((name) => `[--${name} TEXT]`)
    .join(" ")} [--name-en TEXT] [--code CODE] [--kind KIND] [--sign-in NAME] [--password-stdin]`,
  summary: text(
    "建立空的非演示节点：一个机构、一位管理员，其余在工作台办理",
    "Make an empty node, no demonstration: one authority, one administrator, who makes the rest in the workbench",
  ),
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...(Object.fromEntries(Object.keys(QUESTIONS).map((name) => [name, { type: "string" }])) as {
          [K in Question]: { type: "string" };
        }),
        "name-en": { type: "string" },
        code: { type: "string" },
        kind: { type: "string", default: "government-services" },
        "sign-in": { type: "string", default: "admin" },
        "password-stdin": { type: "boolean", default: false },
      },
    });
    const configuration = readConfiguration(io.environment, io.folder);
    const generated = toBase64url(randomBytes(PASSWORD_BYTES));
    const password = values["password-stdin"] ? (await readText(process.stdin)).trim() : generated;
    const answers = await answered(values, values["password-stdin"] === false && process.stdin.isTTY === true);
    const first = settingsOf(answers, {
      nameEn: values["name-en"],
      code: values.code,
      kind: values.kind,
      signInName: values["sign-in"],
      password,
    });
    const options = { report: io.report, operator: answers.name };
    return await onKernel(configuration, options, async ({ kernel }) => {
      const outcome = await initialise(kernel, first);
      if (!outcome.done) return explainRefusal(outcome.why, io);
      io.report(text("空节点已建立。用 zhengtong start 启动", "The empty node is made. Start it: zhengtong start"));
      io.print(`登录名 Sign-in name: ${values["sign-in"]}`);
      if (!values["password-stdin"]) io.print(`密码（只显示这一次） Password, shown this once: ${generated}`);
      return EXIT_CODES.OK;
    });
  },
};

/** What was given as options; the rest is asked where somebody sits at a terminal. */
async function answered(given: Partial<Record<Question, string>>, mayAsk: boolean): Promise<Answers> {
  const answers: Record<string, string> = {};
  const missing: string[] = [];
  const terminal = mayAsk ? createInterface({ input: process.stdin, output: process.stderr }) : undefined;
  try {
    for (const [name, { zh, en }] of Object.entries(QUESTIONS)) {
      const answer = given[name as Question] ?? (await terminal?.question(`${zh}  ${en}: `)) ?? "";
      if (answer.trim() === "") missing.push(`--${name}`);
      answers[name] = answer.trim();
    }
  } finally {
    terminal?.close();
  }
  if (missing.length === 0) return answers as Record<Question, string>;
  throw new UsageError(text(`还缺 ${missing.join("、")}`, `Still missing: ${missing.join(", ")}`));
}

function settingsOf(
  answers: Answers,
  more: {
    readonly nameEn: string | undefined;
    readonly code: string | undefined;
    readonly kind: string;
    readonly signInName: string;
    readonly password: string;
  },
): FirstSettings {
  const { name, division, address, phone, reconsideration, court } = answers;
  const both = (zh: string) => text(zh, zh);
  const authority = directory.operations.createAuthority.input.safeParse({
    code: more.code ?? `${division}-1`,
    name: text(name, more.nameEn ?? name),
    kind: more.kind,
    reconsideration: both(reconsideration),
    court: both(court),
    ...{ division, address, phone },
  });
  if (!authority.success) {
    const [issue] = inputIssues(authority.error, directory.operations.createAuthority.input);
    throw new UsageError(text(`${issue?.path}：${issue?.text.zh}`, `${issue?.path}: ${issue?.text.en}`));
  }
  const { signInName, password } = more;
  return { authority: authority.data, administrator: { name: answers.administrator, signInName, password } };
}

function explainRefusal(why: Refusal | "in-use", io: CommandIo): ExitCode {
  if (why === "in-use") {
    io.report(text("这个节点已有数据，不能再初始化", "This node holds data already and cannot be made again"));
    return EXIT_CODES.FAILED;
  }
  io.report(why.text);
  for (const issue of why.issues) io.report(issue.text);
  return EXIT_CODES.FAILED;
}
