import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "#kernel/database/database";
import type { Database } from "#kernel/database/sql";
import { verifyFile } from "../../packages/verifier/src/verify-file.ts";
import { command as ledgerCommand } from "../../src/node/commands/ledger.ts";
import { DEMONSTRATION_PASSWORD } from "../../src/node/demonstration/cast.ts";
import { generateCounty } from "../../src/node/demonstration/generate.ts";
import { apply, doTask, SHOP_FIELDS, STEPS, signedIn } from "./licence-walk.ts";
import { csrfOf, RawClient } from "./raw-client.ts";
import { type TargetNode, targetNode } from "./target-node.ts";

const WAIT_MS = 60_000;
const MOBILE = "13987612345";
const OBSERVATIONS = "洗消区地面有积水，已当场清理。";

let target: TargetNode;
let owner: RawClient;
let caseId: string;
let licence: string;
let session: string;
/** The one who may switch triggers off: whoever owns the database. */
let operator: Database;

before(async () => {
  target = await targetNode();
  operator = await openDatabase({ url: target.database.url, poolSize: 2, applicationName: "test operator" });
  owner = await signedIn(target.address, "owner");
  session = owner.cookies.get("zt_session") ?? "";
  caseId = await apply(owner, { ...SHOP_FIELDS, mobile: MOBILE });
  const officials = new Map<string, RawClient>();
  for (const { by, fields } of STEPS) {
    const official = officials.get(by) ?? (await signedIn(target.address, by));
    officials.set(by, official);
    await doTask(official, caseId, "observations" in fields ? { ...fields, observations: OBSERVATIONS } : fields);
  }
  for (const official of officials.values()) official.close();
  licence = await licenceNumber();
});
after(async () => {
  owner.close();
  await operator.close();
  await target.close();
});

async function licenceNumber(): Promise<string> {
  const deadline = performance.now() + WAIT_MS;
  while (performance.now() < deadline) {
    const view = await target.node.site.kernel.procedures.view(operator, caseId);
    if (view && view.status !== "running") {
      const [waiting] = await operator.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM service.notice WHERE case_id = $1 AND status <> 'delivered'",
        [caseId],
      );
      if (waiting?.n === 0) return String(view.variables["licenceNumber"]);
    }
    await sleep(100);
  }
  throw new Error("the case did not come to its end");
}

/** What must be nowhere: of the people of this case, and of the sessions that did it. */
function secrets(): readonly (readonly [string, string])[] {
  const { persons, cast } = generateCounty();
  const holder = cast.signIns.find(({ signInName }) => signInName === "owner")?.holder;
  const person = [...persons].find(({ key }) => key === holder)?.value;
  assert.ok(person, "the owner lives in the county");
  const number = JSON.stringify(person).match(/99\d{15}[\dX]/)?.[0];
  assert.ok(number, "the owner has an identity number");
  return [
    ["identity number", number],
    ["birth date", "1988-04-12"],
    ["home", "翠竹路27号2幢301室"],
    ["mobile", MOBILE],
    ["password", DEMONSTRATION_PASSWORD],
    ["session token", session],
    ["what the inspector saw", "洗消区地面有积水"],
  ];
}

async function userTables(): Promise<readonly { schema: string; table: string }[]> {
  return operator.query(
    `SELECT schemaname AS schema, tablename AS "table" FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`,
  );
}

test("a dump of the whole database after a whole case tells nothing of the sensitive values", async () => {
  const wanted = secrets().flatMap(([name, value]) => [
    [name, value] as const,
    [`${name} in bytes`, Buffer.from(value).toString("hex")] as const,
    [`${name} in base64`, Buffer.from(value).toString("base64").replace(/=+$/, "").slice(0, -1)] as const,
  ]);
  const tables = await userTables();
  assert.ok(tables.length > 30);
  let rows = 0;
  let known = 0;
  const found: string[] = [];
  for (const { schema, table } of tables) {
    for (const { row } of await operator.query<{ row: string }>(
      `SELECT t::text AS row FROM "${schema}"."${table}" t`,
    )) {
      rows += 1;
      if (row.includes(licence)) known += 1;
      for (const [name, value] of wanted) if (row.includes(value)) found.push(`${name} in ${schema}.${table}`);
    }
  }
  assert.ok(rows > 5_000);
  assert.ok(known > 0, "what is public is found: the search works");
  // The node prints this password at each start of a demonstration: it is no secret there, and exists nowhere else.
  assert.deepEqual(
    [...new Set(found)].filter((one) => one !== "password in act.setting"),
    [],
  );
});

test("nor do the files beside it", async () => {
  const wanted = secrets().map(([, value]) => Buffer.from(value));
  const folder = join(target.dataFolder, "files");
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  assert.ok(names.length >= 4, "the floor plan and three notices");
  for (const entry of names) {
    const bytes = await readFile(join(entry.parentPath, entry.name));
    assert.ok(!bytes.includes("%PDF"), `${entry.name} is a document in the clear`);
    for (const value of wanted) assert.ok(!bytes.includes(value), entry.name);
  }
});

test("nor does the application log of all of it, at its most talkative level", () => {
  const log = target.log();
  for (const [name, value] of secrets()) assert.ok(!log.includes(value), `${name} is in the log`);
  for (const word of ["林晓竹", "翠竹", "布局图", licence]) assert.ok(!log.includes(word), `${word} is in the log`);
});

/** What `zhengtong ledger verify` prints. */
async function verified(): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const code = await ledgerCommand.run(["verify"], {
    stdout: silent,
    stderr: silent,
    environment: { DATABASE_URL: target.database.url, ZHENGTONG_DATA: target.dataFolder },
    folder: target.dataFolder,
    print: (line) => lines.push(line),
    report: () => undefined,
  });
  return { code, lines };
}

/** Changes a row past every trigger, looks, and puts it back. */
async function tampered(change: string, undo: string, parameters: readonly unknown[] = []) {
  const past = async (statement: string) => {
    await operator.transaction(async (tx) => {
      await tx.query("SET LOCAL session_replication_role = replica");
      assert.equal(await tx.execute(statement, [...parameters]), 1, statement);
    });
  };
  await past(change);
  try {
    return await verified();
  } finally {
    await past(undo);
  }
}

const FLIP = (column: string) =>
  `set_byte(${column}, length(${column}) / 2, 255 - get_byte(${column}, length(${column}) / 2))`;

describe("what an operator with all rights over the database changed is named by `ledger verify`", () => {
  test("untouched, all is well", async () => {
    const { code, lines } = await verified();
    assert.deepEqual(lines, []);
    assert.equal(code, 0);
  });

  for (const [what, table, column, where] of [
    ["an entry", "ledger.entry", "leaf", "id = 40"],
    ["what an entry commits to", "ledger.entry", "sealed", "id = 40"],
    [
      "whom a checkpoint's round holds",
      "ledger.checkpoint",
      "leaf_hashes",
      "size = (SELECT size FROM ledger.checkpoint ORDER BY size OFFSET 5 LIMIT 1)",
    ],
  ] as const) {
    test(what, async () => {
      const statement = `UPDATE ${table} SET ${column} = ${FLIP(column)} WHERE ${where}`;
      const { code, lines } = await tampered(statement, statement);
      assert.notEqual(code, 0);
      assert.ok(
        lines.some((line) => line.startsWith(table)),
        lines.join("\n"),
      );
    });
  }

  test("a checkpoint's text", async () => {
    const swap =
      "UPDATE ledger.checkpoint SET note = translate(note, 'Aa', 'aA') WHERE size = (SELECT size FROM ledger.checkpoint ORDER BY size OFFSET 5 LIMIT 1)";
    const { code, lines } = await tampered(swap, swap);
    assert.notEqual(code, 0);
    assert.ok(
      lines.some((line) => line.startsWith("ledger.checkpoint")),
      lines.join("\n"),
    );
  });

  test("a row of a register, in the part that is readable and in the part that is sealed", async () => {
    const [row] = await operator.query<{ schema: string; table: string }>(
      `SELECT table_schema AS schema, table_name AS "table" FROM information_schema.columns
        WHERE column_name = 'provenance' OR column_name = 'seal' ORDER BY 1, 2`,
    );
    const registers = [...target.node.site.kernel.registers.keys()];
    assert.ok(registers.includes("quality.foodLicence") || row !== undefined || registers.length > 0);
    const tables = await userTables();
    const licences = tables.filter(({ schema, table }) => schema === "quality" && /licence/.test(table));
    assert.ok(licences.length > 0, "the licences have a table");
    const { schema, table } = licences.find(({ table: name }) => !/superseded/.test(name)) ?? { schema: "", table: "" };
    const columns = await operator.query<{ name: string; type: string }>(
      "SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2",
      [schema, table],
    );
    const premises = columns.find(({ name }) => name === "premises");
    const body = columns.find(({ type, name }) => type === "jsonb" && name !== "provenance");
    const change = premises
      ? [
          `UPDATE "${schema}"."${table}" SET premises = premises || '-'`,
          `UPDATE "${schema}"."${table}" SET premises = left(premises, -1)`,
        ]
      : [
          `UPDATE "${schema}"."${table}" SET ${body?.name} = ${body?.name} || '{"premises": "elsewhere"}'`,
          `UPDATE "${schema}"."${table}" SET ${body?.name} = ${body?.name} || '{"premises": "${SHOP_FIELDS["premises"]}"}'`,
        ];
    const { code, lines } = await tampered(change[0] ?? "", change[1] ?? "");
    assert.notEqual(code, 0);
    assert.ok(
      lines.some((line) => /^quality\./.test(line)),
      lines.join("\n"),
    );
  });

  test("and afterwards all is well again", async () => {
    assert.deepEqual((await verified()).lines, []);
  });
});

describe("documents that were changed", () => {
  let pdf: Buffer;
  let token: string;
  before(async () => {
    pdf = (await owner.open(`/my/licences/${licence}/original`)).bytes;
    token = (await owner.open(`/my/licences/${licence}/credential`)).bytes.toString("utf8");
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    assert.match(token, /^ey[\w.~-]+/);
  });

  async function verdict(sent: { readonly pdf?: Uint8Array; readonly token?: string }): Promise<string> {
    const anyone = new RawClient(target.address);
    const csrf = csrfOf(await anyone.send("/verify"));
    const field = (name: string, value: string) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`;
    const file = Buffer.concat([
      Buffer.from(
        'Content-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n',
      ),
      sent.pdf ?? Buffer.alloc(0),
    ]);
    const answer = sent.pdf
      ? await anyone.upload("/verify", [field("csrf", csrf), file])
      : await anyone.post("/verify", { csrf, token: sent.token ?? "" });
    anyone.close();
    return /zt-verdict--(\w+)/.exec(answer.text)?.[1] ?? `status ${answer.status}`;
  }

  test("the untouched ones are genuine on the public page", async () => {
    assert.equal(await verdict({ pdf }), "genuine");
    assert.equal(await verdict({ token }), "genuine");
  });

  test("a PDF with one other byte, one appended to, one cut, one emptied of its seal: not genuine here or off line", async () => {
    const flipped = Buffer.from(pdf);
    flipped[Math.floor(pdf.length / 3)] = (flipped[Math.floor(pdf.length / 3)] ?? 0) ^ 1;
    const seal = /\/Contents\s*<([0-9a-fA-F]{200,})>/.exec(pdf.toString("latin1"));
    assert.ok(seal, "the seal lies in the document");
    const unsealed = Buffer.from(pdf);
    unsealed.fill("0", seal.index + seal[0].indexOf("<") + 1, seal.index + seal[0].length - 1);
    const appended = Buffer.concat([pdf, Buffer.from("\n9 0 obj << /Type /Annot /Contents (other) >> endobj\n")]);
    for (const [name, changed] of Object.entries({ flipped, unsealed, appended, cut: pdf.subarray(0, -2_000) })) {
      assert.notEqual(await verdict({ pdf: changed }), "genuine", name);
      const report = await verifyFile(changed, { roots: [], atMs: Date.now() }).catch(() => undefined);
      assert.notEqual(report?.verdict, "valid", name);
    }
  });

  test("a token with another claim, another algorithm, no signature or another's disclosure", async () => {
    const [jwt = "", ...rest] = token.trim().split("~");
    const [head = "", body = "", signature = ""] = jwt.split(".");
    const other = (part: string, change: (json: Record<string, unknown>) => void) => {
      const json = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
      change(json);
      return Buffer.from(JSON.stringify(json)).toString("base64url");
    };
    const later = other(body, (json) => {
      json["exp"] = 4_000_000_000;
    });
    const none = other(head, (json) => {
      json["alg"] = "none";
    });
    const disclosure = Buffer.from(JSON.stringify(["salt", "holderName", "他人"])).toString("base64url");
    for (const changed of [
      [`${head}.${later}.${signature}`, ...rest].join("~"),
      [`${none}.${body}.`, ...rest].join("~"),
      [`${head}.${body}.`, ...rest].join("~"),
      [jwt, disclosure, ...rest].join("~"),
    ]) {
      assert.notEqual(await verdict({ token: changed }), "genuine");
      const report = await verifyFile(Buffer.from(changed), { roots: [], atMs: Date.now() }).catch(() => undefined);
      assert.notEqual(report?.verdict, "valid");
    }
  });

  test("a licence number that was never given, or is no number at all", async () => {
    for (const number of ["JY29901019999995", `${licence.slice(0, -1)}X`, "../../etc/passwd", "<script>", "JY%00"]) {
      const answer = await owner.open(`/verify/${encodeURIComponent(number)}`);
      assert.ok(answer.status < 500, number);
      assert.doesNotMatch(answer.text, /zt-verdict--genuine|<script>/);
    }
  });
});

test("a file whose bytes were changed on disk is not given out", async () => {
  const folder = join(target.dataFolder, "files");
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const kept = await Promise.all(
    names.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const bytes = await readFile(path);
      const changed = Buffer.from(bytes);
      changed[Math.floor(changed.length / 2)] = (changed[Math.floor(changed.length / 2)] ?? 0) ^ 1;
      await writeFile(path, changed);
      return { path, bytes };
    }),
  );
  try {
    const page = await owner.open(`/cases/${caseId}`);
    const notice = /\/notices\/[0-9a-f-]{36}/.exec(page.text)?.[0];
    const answer = await owner.open(notice ?? "/notices/none");
    assert.equal(answer.status, 500);
    assert.doesNotMatch(answer.text, /%PDF/);
  } finally {
    for (const { path, bytes } of kept) await writeFile(path, bytes);
  }
});
