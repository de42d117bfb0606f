import { isRefusal } from "#kernel/contract/refusal";
import { definePage, type Page, type PageRequest, type PageResponse } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { LedgerRecord } from "#kernel/ledger/records";
import { exportEntries } from "#kernel/services/oversight";
import { holds } from "../frame.ts";
import { actOf, askedFor } from "./ledger-filter.ts";

const PATH = "/workbench/ledger/export";
const COLUMNS = [
  ...["entry", "at", "type", "room", "operation", "actor_kind", "actor", "authority", "post", "via"],
  ...["on_behalf_of", "from_node", "purpose", "legal_basis", "case", "outcome", "policies", "subjects", "commitment"],
  "withheld_until",
] as const;

/** The entries that an auditor listed, all pages of them, as a file that is made while it is sent. */
export function ledgerExportPage(site: Site): Page {
  return definePage({ path: PATH, audience: "official", get: (request) => download(site, request) });
}

async function download(site: Site, request: PageRequest): Promise<PageResponse> {
  if (!holds(request, "audit.read")) return { kind: "not-found" };
  const { wanted } = await askedFor(site, request);
  const parts = wanted && exportEntries(site.kernel, actOf(request, wanted.caseId), wanted);
  if (parts === undefined || isRefusal(parts)) return { kind: "not-found" };
  const isTable = request.query["format"] !== "ndjson";
  const stamp = request.now.slice(0, 19).replaceAll(/[-:]/g, "");
  return {
    kind: "stream",
    chunks: isTable ? table(parts) : lines(parts),
    mediaType: isTable ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson",
    name: `ledger-${stamp}.${isTable ? "csv" : "ndjson"}`,
  };
}

/** One JSON object a line: what stands in the log, what it commits to, and whom it concerns. */
async function* lines(parts: AsyncIterable<readonly LedgerRecord[]>): AsyncGenerator<string, void, undefined> {
  for await (const records of parts) {
    yield records
      .map(({ id, leaf, content, subjects, withheldUntil }) => {
        const erased = content === undefined;
        return `${JSON.stringify({ entry: id, leaf, ...(erased ? { erased } : { content }), subjects, withheldUntil })}\n`;
      })
      .join("");
  }
}

/** RFC 4180, in UTF-8 with the mark by which spreadsheets know it. */
async function* table(parts: AsyncIterable<readonly LedgerRecord[]>): AsyncGenerator<string, void, undefined> {
  yield `\uFEFF${COLUMNS.join(",")}\r\n`;
  for await (const records of parts) yield records.map((record) => `${rowOf(record).map(cell).join(",")}\r\n`).join("");
}

function rowOf({ id, leaf, content, subjects, withheldUntil }: LedgerRecord): readonly string[] {
  const { actor, onBehalfOf } = content ?? {};
  return [
    ...[String(id), leaf.at, leaf.type, leaf.room, leaf.operation],
    ...[actor?.kind, actor?.id, actor?.authority, actor?.post, content?.via],
    ...[onBehalfOf && `${onBehalfOf.kind} ${onBehalfOf.id}`, content?.origin?.node, content?.purpose],
    ...[content?.legalBasis.join("; "), content?.caseId, content === undefined ? "(erased)" : content.outcome],
    ...[content?.policies?.join(" "), subjects.map((one) => `${one.kind} ${one.id}`).join(" ")],
    ...[leaf.commitment, withheldUntil],
  ].map((value) => value ?? "");
}

/** What a spreadsheet would compute is made words of: outcomes and names can hold what others wrote. */
function cell(value: string): string {
  const words = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
}
