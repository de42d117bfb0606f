import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { requestTo } from "#lib/openapi/request-to";
import { SCHOOLS_YAML, TAXES_JSON } from "#lib/openapi/testing-documents";

const ROOT = dirname(dirname(import.meta.dirname));
let folder = "";

before(async () => {
  // A package beside this one, with this one's source: what is written is compiled where `#kernel/…` means the same.
  folder = await mkdtemp(join(tmpdir(), "zt-contract-"));
  for (const part of ["src", "node_modules"]) await symlink(join(ROOT, part), join(folder, part));
  await writeFile(join(folder, "package.json"), await readFile(join(ROOT, "package.json"), "utf8"));
  await mkdir(join(folder, "written"));
  const options = {
    extends: join(ROOT, "tsconfig.json"),
    include: ["written"],
    compilerOptions: { typeRoots: ["node_modules/@types"] },
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(options));
});
after(() => rm(folder, { recursive: true, force: true }));

const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(ROOT, "src/node/main.ts"), "contract", "from-openapi", ...args], {
    cwd: folder,
    encoding: "utf8",
  });

test("a contract is written from a foreign document, formatted, compiles, and takes what the document takes", async () => {
  await writeFile(join(folder, "schools.yaml"), SCHOOLS_YAML);
  await writeFile(join(folder, "taxes.json"), TAXES_JSON);
  const schools = run(
    "schools.yaml",
    "--id",
    "school-places",
    "--steward",
    "教育部门",
    "--output",
    "written/schools.ts",
  );
  assert.equal(schools.status, 0, schools.stderr);
  assert.notEqual(
    run("schools.yaml", "--id", "school-places", "--output", "written/schools.ts").status,
    0,
    "it overwrote a file",
  );
  const taxes = run("taxes.json", "--id", "taxes");
  assert.equal(taxes.status, 0, taxes.stderr);
  await writeFile(join(folder, "written", "taxes.ts"), taxes.stdout);

  const written = await readFile(join(folder, "written/schools.ts"), "utf8");
  assert.match(written, /^import \{ z \} from "zod";\n/);
  assert.ok(
    written.split("\n").every((line) => line.length <= 120),
    "it is not formatted",
  );
  const compiled = spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["--noEmit", "-p", "tsconfig.json"], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(compiled.status, 0, compiled.stdout);

  const { schoolPlaces, schoolPlacesRequests } = await import(join(folder, "written/schools.ts"));
  assert.deepEqual(Object.keys(schoolPlaces.operations), [
    "listSchools",
    "addSchool",
    "getSchoolsId",
    "deleteSchoolsId",
    "nearest",
    "plan",
  ]);
  assert.deepEqual(schoolPlacesRequests.getSchoolsId, {
    method: "GET",
    path: "/schools/{id}",
    parameters: { id: { name: "id", in: "path" } },
  });
  const { kind, input, refusals } = schoolPlaces.operations.listSchools;
  assert.equal(kind, "query");
  assert.equal(refusals["status-404"].en, "The other system answered 404: No such division");
  assert.ok(input.safeParse({ division: "990101", grades: [1, 12] }).success);
  assert.ok(!input.safeParse({ division: "99010x" }).success);
  assert.ok(!input.safeParse({ division: "990101", grades: [13] }).success);
  const add = schoolPlaces.operations.addSchool;
  assert.equal(add.kind, "command");
  assert.ok(add.output.safeParse({ messageId: "0190a6f0-0000-7000-8000-000000000000" }).success);
  assert.deepEqual(add.refusals, {}, "what comes of a message is told later");
  const school = { name: "一小", places: 1, kind: null, contact: { phone: "1" }, branches: [{ name: "b", places: 2 }] };
  assert.ok(add.input.safeParse({ body: school }).success);
  assert.deepEqual(requestTo(schoolPlacesRequests.addSchool, { body: school }), {
    ...{ method: "POST", path: "/schools", query: [], headers: [], body: school },
  });
  assert.ok(!add.input.safeParse({ body: { ...school, places: 0 } }).success);
  assert.ok(!add.input.safeParse({ body: { ...school, other: 1 } }).success);
  assert.ok(!add.input.safeParse({ body: { ...school, branches: [{ name: 1 }] } }).success);
});

test("a document that cannot be taken is refused with its place", async () => {
  await writeFile(
    join(folder, "bad.json"),
    JSON.stringify({ openapi: "3.1.0", paths: { "/a": { $ref: "https://x.example" } } }),
  );
  const { status, stderr, stdout } = run("bad.json", "--id", "bad");
  assert.notEqual(status, 0);
  assert.equal(stdout, "");
  assert.match(stderr, /#\/paths\/~1a/);
  assert.notEqual(run("bad.json", "--id", "Not A Room").status, 0);
});
