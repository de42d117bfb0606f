import { spawn } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { text } from "#lib/language/text";
import { contractSource } from "#lib/openapi/contract-source";
import { readOpenApi } from "#lib/openapi/document";
import { DOCUMENT_MAX_CHARACTERS } from "#lib/openapi/limits";
import { type Command, UsageError } from "../command.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { ROOT } from "../program.ts";

const ROOM_ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const ROOM_ID_MAX_CHARACTERS = 40;

export const command: Command = {
  name: "contract",
  usage: "from-openapi FILE --id ROOM [--steward NAME] [--output FILE]",
  summary: text(
    "由外部系统的 OpenAPI 3.0/3.1 文档生成带类型的 contract.ts",
    "Write a typed contract.ts from a foreign system's OpenAPI 3.0 or 3.1 document",
  ),
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { id: { type: "string" }, steward: { type: "string" }, output: { type: "string" } },
    });
    const [action, file, ...surplus] = positionals;
    if (action !== "from-openapi" || file === undefined || surplus.length > 0) throw new UsageError(WHAT);
    const id = values.id ?? "";
    if (!ROOM_ID.test(id) || id.length > ROOM_ID_MAX_CHARACTERS) throw new UsageError(WHICH);
    const place = resolve(io.folder, file);
    const { size } = await stat(place);
    // A character is four bytes at most.
    const document = size > 4 * DOCUMENT_MAX_CHARACTERS ? undefined : readOpenApi(await readFile(place, "utf8"));
    if (document === undefined || "problem" in document) {
      const problem = document?.problem ?? { where: "#", text: text("文件过大", "The file is too large") };
      io.report(text(`文档不能采用。${problem.where}：${problem.text.zh}`, `${problem.where}: ${problem.text.en}`));
      return EXIT_CODES.FAILED;
    }
    const source = await formatted(contractSource(document, { id, steward: values.steward ?? (document.title || id) }));
    if (source.includes("z.record(")) {
      io.report(
        text(
          "文档中有成员名不定的对象：写成 z.record 的输入没有上限，节点不接受，请改写",
          "The document has objects whose members it does not name: where an input is written as z.record, it has no greatest size and a node refuses it; write it otherwise",
        ),
      );
    }
    if (values.output === undefined) {
      io.print(source.trimEnd());
      return EXIT_CODES.OK;
    }
    await writeFile(resolve(io.folder, values.output), source, { flag: "wx" });
    io.report(
      text(
        `已写入 ${values.output}：${document.operations.length} 项操作`,
        `${document.operations.length} operations written`,
      ),
    );
    return EXIT_CODES.OK;
  },
};

const WHAT = text("请给出 from-openapi 和一个文件", "Say from-openapi and a file");
const WHICH = text("请用 --id 给出系统名，如 pet-store", "Name the room with --id, such as pet-store");

/** As the house formats its code; as it was written where the formatter is not installed. */
async function formatted(source: string): Promise<string> {
  const program = join(ROOT, "node_modules", ".bin", process.platform === "win32" ? "biome.cmd" : "biome");
  const child = spawn(program, ["format", "--stdin-file-path=src/contract.ts"], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  child.stdin.on("error", () => undefined);
  child.stdin.end(source);
  const code = await new Promise<number | null>((done) => {
    child.once("error", () => done(null));
    child.once("close", done);
  });
  return code === 0 ? Buffer.concat(parts).toString("utf8") : source;
}
