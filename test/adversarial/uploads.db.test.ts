import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { deflateSync } from "node:zlib";
import { isRefusal } from "#kernel/contract/refusal";
import { frontOf } from "#kernel/http/pages";
import { MAX_MATERIALS } from "#kernel/services/drafts";
import { legalEntities } from "#resources/legal-entities";
import { generateCounty } from "../../src/node/demonstration/generate.ts";
import { nodeActOf } from "../../src/node/node-act.ts";
import {
  apply,
  beginDraft,
  doTask,
  FLOOR_PLAN,
  fillDraft,
  ITEM,
  SHOP_FIELDS,
  STEPS,
  signedIn,
  submitApplication,
  uploadTo,
} from "./licence-walk.ts";
import { csrfOf, type RawAnswer, type RawClient } from "./raw-client.ts";
import { type TargetNode, targetNode } from "./target-node.ts";

const WAIT_MS = 45_000;
const PDF = "application/pdf";
const EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
const HOSTILE = `"'><script>alert(1)</script>{{7*7}}\${7*7}#set text(red)\\*$x$ = 1'; DROP TABLE service.draft; --`;

let target: TargetNode;
let owner: RawClient;
const clients: RawClient[] = [];

before(async () => {
  target = await targetNode();
  owner = await as("owner");
});
after(async () => {
  for (const client of clients) client.close();
  await target.close();
});

async function as(name: string): Promise<RawClient> {
  const client = await signedIn(target.address, name);
  clients.push(client);
  return client;
}

async function materials(draft: string): Promise<number> {
  const [row] = await target.database.database.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM service.material WHERE draft_id = $1 AND NOT removed",
    [draft],
  );
  return row?.n ?? -1;
}

describe("uploads", () => {
  let draft: string;
  before(async () => {
    draft = await beginDraft(owner);
  });

  const refusedUpload = async (
    file: { name: string; mediaType: string; bytes: Uint8Array; material?: string },
    words: RegExp,
  ) => {
    const had = await materials(draft);
    const answer = await uploadTo(owner, draft, file);
    assert.ok((answer.status >= 400 && answer.status < 500) || answer.status === 200, `${file.name}: ${answer.status}`);
    assert.match(answer.text, words, file.name);
    assert.equal(await materials(draft), had, file.name);
  };

  test("empty, too big, of another type than claimed or asked for, infected, for no document of this item", async () => {
    await refusedUpload({ name: "empty.pdf", mediaType: PDF, bytes: Buffer.alloc(0) }, /empty|Choose/);
    await refusedUpload(
      { name: "big.pdf", mediaType: PDF, bytes: Buffer.concat([FLOOR_PLAN, Buffer.alloc(12_000_000)]) },
      /big|larger|MB/,
    );
    await refusedUpload({ name: "huge.pdf", mediaType: PDF, bytes: Buffer.alloc(20_000_000) }, /too big/);
    await refusedUpload(
      { name: "page.pdf", mediaType: PDF, bytes: Buffer.from("<html><script>alert(1)</script>") },
      /PDF/,
    );
    await refusedUpload({ name: "claims.png", mediaType: "image/png", bytes: FLOOR_PLAN }, /PDF|type/);
    await refusedUpload({ name: "gif.pdf", mediaType: PDF, bytes: Buffer.from("GIF89a%PDF-1.4") }, /PDF/);
    await refusedUpload(
      { name: "svg.svg", mediaType: "image/svg+xml", bytes: Buffer.from("<svg onload=alert(1)>") },
      /PDF/,
    );
    await refusedUpload(
      { name: "eicar.pdf", mediaType: PDF, bytes: Buffer.from(`%PDF-1.4\n${EICAR}\n%%EOF`) },
      /malware|infected|safety/i,
    );
    await refusedUpload({ name: "ok.pdf", mediaType: PDF, bytes: FLOOR_PLAN, material: "constructor" }, /./);
  });

  test("what is marked as a state secret, by its name or in its content", async () => {
    const words = /marked as a state secret/;
    await refusedUpload({ name: "机密★ 平面图.pdf", mediaType: PDF, bytes: FLOOR_PLAN }, words);
    const marked = Buffer.concat([FLOOR_PLAN, Buffer.from("\n% 绝密 ★ 长期\n")]);
    await refusedUpload({ name: "plan.pdf", mediaType: PDF, bytes: marked }, words);
    const title = Buffer.from("\ufeff秘密★5年", "utf16le").swap16();
    await refusedUpload({ name: "plan.pdf", mediaType: PDF, bytes: Buffer.concat([FLOOR_PLAN, title]) }, words);
  });

  test("a document that unpacks to a hundred times its size is kept as it is, and is no trouble to look at", async () => {
    const packed = deflateSync(Buffer.alloc(100_000_000), { level: 9 });
    const bytes = Buffer.concat([
      Buffer.from("%PDF-1.4\n1 0 obj << /Filter /FlateDecode /Length 1 >> stream\n"),
      packed,
    ]);
    const answer = await uploadTo(owner, draft, { name: "bomb.pdf", mediaType: PDF, bytes });
    assert.equal(answer.status, 303);
  });

  test("names that would be headers, paths, markup or a switch of direction stay names", async () => {
    for (const name of [
      "a%0d%0aX-Evil: 1.pdf",
      "../../../etc/passwd",
      "<script>alert(1)</script>.pdf",
      "\u202egpj.pdf",
      "𠀀".repeat(120),
    ]) {
      const had = await materials(draft);
      const answer = await uploadTo(owner, draft, { name, mediaType: PDF, bytes: FLOOR_PLAN });
      assert.equal(answer.status, 303, name);
      assert.equal(await materials(draft), had + 1, name);
    }
    const page = await owner.open(`/drafts/${draft}/materials`);
    assert.doesNotMatch(page.text, /<script>alert|\u202e/);
  });

  test("more documents than a draft may hold", async () => {
    let last: RawAnswer | undefined;
    for (let count = await materials(draft); count <= MAX_MATERIALS; count += 1) {
      last = await uploadTo(owner, draft, { name: `${count}.pdf`, mediaType: PDF, bytes: FLOOR_PLAN });
    }
    assert.equal(await materials(draft), MAX_MATERIALS);
    assert.match(last?.text ?? "", /too many/);
  });

  test("what was uploaded is given back as a download under its own type, and to nobody else", async () => {
    const polyglot = Buffer.concat([FLOOR_PLAN, Buffer.from("<html><script>alert(1)</script></html>")]);
    const mine = await beginDraft(owner);
    await fillDraft(owner, mine);
    await uploadTo(owner, mine, { name: `q"';\\.pdf`, mediaType: PDF, bytes: polyglot });
    const caseId = await submitApplication(owner, mine);
    const page = await owner.open(`/cases/${caseId}`);
    const files = [...new Set(page.text.match(new RegExp(`/cases/${caseId}/materials/[0-9a-f-]{36}`, "g")))];
    assert.equal(files.length, 2);
    const stranger = await as("company");
    for (const href of files) {
      const given = await owner.send(href);
      assert.equal(given.headers["content-type"], PDF);
      assert.match(String(given.headers["content-disposition"]), /^attachment; filename\*=UTF-8''[^"';\\<>]*$/);
      assert.equal(given.headers["x-content-type-options"], "nosniff");
      assert.equal(given.headers["cache-control"], "no-store");
      assert.equal((await stranger.send(href)).status, 404);
    }
  });
});

describe("what people write", () => {
  test("markup, expressions and statements show as they were written, on pages and in documents", async (context) => {
    const premises = `清源县${HOSTILE}`;
    const caseId = await apply(owner, { ...SHOP_FIELDS, premises, safetyManager: "<b>林</b>&amp;{{x}}" });
    const accept = await as("accept");
    const task = await accept.open(`/workbench/cases/${caseId}`);
    for (const page of [await owner.open(`/cases/${caseId}`), task]) {
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.text, /<script>alert|<b>林/);
      assert.match(page.text, /&lt;script&gt;alert\(1\)&lt;\/script&gt;\{\{7\*7\}\}/);
    }
    const [draft] = await target.database.database.query<{ name: string | null }>(
      "SELECT to_regclass('service.draft')::text AS name",
    );
    assert.equal(draft?.name, "service.draft");
    const reasons = `因${HOSTILE}`;
    await doTask(accept, caseId, { outcome: "supplement", missing: reasons, supplementDays: "5" });
    const text = await noticeText(caseId, "supplement", context);
    if (text !== undefined) {
      const squeezed = text.replace(/\s/g, "");
      assert.ok(squeezed.includes(reasons.replace(/\s/g, "").slice(0, 40)), text);
    }
  });

  test("control and direction characters do not survive; the rest of what was typed does", async () => {
    const draft = await beginDraft(owner);
    const fields = { ...SHOP_FIELDS, premises: "湖滨\u0000街道\u0007\u202e27\u202c号\u2066" };
    await fillDraft(owner, draft, fields);
    const review = await owner.open(`/drafts/${draft}/review`);
    assert.ok(review.text.includes("湖滨街道27号"));
  });

  test("a character that no font at hand draws stops the document with its reason, and draws no box", async () => {
    const caseId = await apply(owner, { ...SHOP_FIELDS, premises: "清源县湖滨街道𪛖竹路27号" });
    for (const { by, fields } of STEPS) await doTask(await as(by), caseId, fields);
    const stopped = await until(async () => {
      const rows = await target.database.database.query<{ kind: string; status: string; problem: unknown }>(
        "SELECT kind, status, problem FROM service.notice WHERE case_id = $1",
        [caseId],
      );
      const view = await target.node.site.kernel.procedures.view(target.database.database, caseId);
      if (rows.length === 0 || rows.some(({ status }) => status === "waiting")) return undefined;
      return { rows, view };
    });
    const licensed = stopped.view?.status !== "running" && stopped.view?.outcome === "licensed";
    const named = stopped.rows.some(({ problem }) => JSON.stringify(problem ?? "").includes("𪛖"));
    assert.ok(named || !licensed, JSON.stringify(stopped.rows));
  });
});

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + WAIT_MS;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error("it did not come to pass");
}

/** What a reader of the notice sees, by poppler's own reading; undefined where poppler is not installed. */
async function noticeText(
  caseId: string,
  kind: string,
  context: { diagnostic(words: string): void },
): Promise<string | undefined> {
  const id = await until(async () => {
    const [row] = await target.database.database.query<{ id: string }>(
      "SELECT id FROM service.notice WHERE case_id = $1 AND kind = $2 AND status = 'delivered'",
      [caseId, kind],
    );
    return row?.id;
  });
  const { bytes } = await owner.open(`/notices/${id}`);
  const folder = await mkdtemp(join(tmpdir(), "zhengtong-notice-"));
  try {
    await writeFile(join(folder, "a.pdf"), bytes);
    const { stdout } = await promisify(execFile)("pdftotext", ["-enc", "UTF-8", join(folder, "a.pdf"), "-"]);
    return stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    context.diagnostic("pdftotext is not installed: the document was not read");
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("who acts for whom", () => {
  test("who is not its representative cannot begin in its name, though he names it in the form", async () => {
    const { cast } = generateCounty();
    const stranger = await as("company");
    const form = await stranger.open(`${ITEM}/start`);
    const own = /name="identity" value="([^"]*)"/.exec(form.text)?.[1] ?? "";
    const identity = own.replace(/[0-9a-f-]{36}/, cast.shop.key);
    assert.notEqual(identity, own);
    const answer = await stranger.post(`${ITEM}/start`, { csrf: csrfOf(form), identity });
    assert.notEqual(answer.status, 303);
    const drafts = await target.database.database.query(
      "SELECT id FROM service.draft WHERE applicant_id = $1 AND person_id = $2",
      [cast.shop.key, cast.signIns.find(({ signInName }) => signInName === "company")?.holder ?? null],
    );
    assert.equal(drafts.length, 0);
  });

  test("an agent whose authorization ends between draft and signature can look at neither and submit nothing", async () => {
    const { cast } = generateCounty();
    const agent = await as("agent");
    const draft = await beginDraft(agent);
    await fillDraft(agent, draft);
    const review = await agent.open(`/drafts/${draft}/review`);
    assert.equal(review.status, 200);
    const { kernel } = target.node.site;
    const doors = frontOf(kernel, legalEntities, () => ({
      ...nodeActOf(kernel, legalEntities.id),
      idempotencyKey: crypto.randomUUID(),
    }));
    const [authorization] = cast.authorizations;
    const ended = await doors.revokeAuthorization({ id: authorization?.key ?? "" } as never);
    assert.ok(!isRefusal(ended), JSON.stringify(ended));
    const answer = await agent.fill(review, /\/review$/, { declaration: "true" });
    assert.doesNotMatch(answer.path, /\/cases\//);
    const made = await target.database.database.query("SELECT FROM service.application WHERE draft_id = $1", [draft]);
    assert.equal(made.length, 0);
    // The session's own right is at most some seconds old.
    await sleep(5_500);
    assert.equal((await agent.open(`/drafts/${draft}/review`)).status, 404);
    const again = await agent.open(`${ITEM}/start`);
    assert.doesNotMatch(again.text, new RegExp(cast.shop.key));
  });
});

test("nothing of all this was a fault of the node", () => {
  const faults = target
    .log()
    .split("\n")
    .filter((line) => /"msg":"request failed"/.test(line));
  assert.deepEqual(faults, []);
});
