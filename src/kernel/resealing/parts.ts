import { fromUtf8 } from "#lib/crypto/bytes";
import type { FileStore } from "../files/file-store.ts";
import { keyToSealAnew, openText, sealTexts, type TextToSeal } from "../ledger/content.ts";
import type { LedgerKeys } from "../ledger/keys.ts";
import { namesOf } from "../registers/definition.ts";
import type { RegisterStore } from "../registers/register-store.ts";
import { versionColumns } from "../registers/statements.ts";
import type { VersionRow } from "../registers/version.ts";
import type { Kernel } from "../system/kernel.ts";
import type { Vault } from "../vault/vault.ts";
import type { SealedPart } from "./part.ts";
import { isClosed, tablePart } from "./table-part.ts";

/** A column that the vault seals. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** Of the vault's key; where it is not the same for each row, as an expression over `t`. */
  readonly label: string | { readonly by: string };
  /** What the envelope is bound to, as an expression over `t`. */
  readonly place: string;
}

/** The kernel's own tables. */
const COLUMNS: readonly SealedColumn[] = [
  {
    table: "act.act",
    column: "outcome",
    label: "act-outcome",
    place: "t.room || '.' || t.operation || ' ' || t.actor || ' ' || t.key",
  },
  { table: "act.message", column: "input", label: "message", place: "t.id::text" },
  { table: "act.message", column: "outcome", label: "message-outcome", place: "t.id::text" },
  { table: "act.later", column: "asked", label: "later", place: "t.id::text" },
  { table: "act.later", column: "outcome", label: "later-outcome", place: "t.id::text" },
  { table: "act.event", column: "sealed", label: { by: "'room ' || t.room" }, place: "t.event_id::text" },
  { table: "act.kept_submission", column: "sealed", label: "kept-submission", place: "t.id::text" },
  { table: "service.draft", column: "content", label: "application", place: "t.id::text" },
  { table: "service.application", column: "content", label: "application", place: "t.draft_id::text" },
  { table: "service.material", column: "file_name", label: "file-name", place: "t.id::text" },
  { table: "service.record", column: "content", label: "record", place: "t.id::text" },
  { table: "service.notice", column: "content", label: "notice", place: "t.id::text" },
  { table: "service.party", column: "content", label: "party", place: "t.id::text" },
  { table: "service.outgoing", column: "content", label: "outgoing", place: "t.id::text" },
];

/** Files that one step looks at. */
const STEP_FILES = 50;

/**
 * Everything that is sealed. Where acts move rows from one table to another, the one that they leave comes first, so that no row
 * is missed.
 * @param further what rooms seal in tables of their own
 */
export function sealedParts(kernel: Kernel, further: readonly SealedColumn[]): readonly SealedPart[] {
  const { vault, registers, ledger, files } = kernel;
  return [
    ...[...COLUMNS, ...further].map((column) => columnPart(vault, column)),
    ...[...registers.values()].flatMap((register) => registerParts(vault, register)),
    ledgerPart(vault, ledger.keys),
    filesPart(files),
  ];
}

function columnPart(vault: Vault, { table, column, label, place }: SealedColumn): SealedPart {
  // Labels are our own words, never a value.
  const labelled = typeof label === "string" ? `'${label}'` : label.by;
  return tablePart<Bound, Bound & { readonly plaintext: Uint8Array }>({
    ...{ table, column, keyId: () => vault.keyId, select: `${place} AS place, ${labelled} AS label` },
    open: (row) => ({
      plaintext: vault.open(row.label, row.sealed, row.place),
      place: row.place,
      label: row.label,
    }),
    seal: (opened) => opened.map((each) => vault.seal(each.label, each.plaintext, each.place)),
  });
}

interface Bound {
  readonly place: string;
  readonly label: string;
}

function registerParts(vault: Vault, { shape, codec }: RegisterStore): readonly SealedPart[] {
  const { open, ended, superseded } = namesOf(shape);
  const part = (table: string, recorded: "current" | "superseded") =>
    tablePart<VersionRow, OpenedText>({
      ...{ table, column: "sealed", keyId: () => vault.keyId, select: versionColumns("t", recorded) },
      open: (row) => codec.opened(row),
      seal: (opened) => sealedTogether(vault, codec.label, opened),
      settings: { "register.resealing": "on", "register.bulk": "on" },
    });
  return [part(open, "current"), part(ended, "current"), part(superseded, "superseded")];
}

/** What an envelope held, and what it is bound to. */
interface OpenedText {
  readonly text: string;
  readonly bound: string;
}

/** With one key stream: a cipher for each costs more than a short value. */
function sealedTogether(vault: Vault, label: string, opened: readonly OpenedText[]): readonly Uint8Array[] {
  const batch = vault.batch(label);
  for (const { text, bound } of opened) batch.add(text, bound);
  return batch.seal();
}

function ledgerPart(vault: Vault, keys: LedgerKeys): SealedPart {
  return tablePart<{ readonly leaf: Buffer }, TextToSeal>({
    ...{ table: "ledger.entry", column: "sealed", keyId: () => vault.keyId, select: "t.leaf" },
    // What belongs to a period is named after it as well, and stays by its key.
    furtherName: true,
    open: ({ sealed, leaf }) => ({
      ...{ written: openText(sealed, leaf, keys), leafText: fromUtf8(leaf) },
      key: keyToSealAnew(sealed, keys),
    }),
    seal: sealTexts,
  });
}

/** How much of a digest tells where the work stands: 12 hexadecimal digits, of which a number can be made. */
const CURSOR_DIGITS = 12;
const CURSOR_END = 16 ** CURSOR_DIGITS;

/** In the order of their digests, which are spread evenly: so their beginnings tell how far it is, whatever comes and goes. */
function filesPart(files: FileStore): SealedPart {
  return {
    name: "files",
    async step(_, position) {
      const step = { resealed: 0, closed: 0 };
      let looked = 0;
      for await (const digest of files.digests(position.toString(16).padStart(CURSOR_DIGITS, "0"))) {
        if (looked === STEP_FILES) {
          return { ...step, position: Number.parseInt(digest.slice(0, CURSOR_DIGITS), 16), size: CURSOR_END };
        }
        looked += 1;
        try {
          if (await files.reseal(digest)) step.resealed += 1;
        } catch (error) {
          if (!isClosed(error)) throw error;
          // What was swept meanwhile needs no key.
          if (await files.has(digest)) step.closed += 1;
        }
      }
      return { ...step, position: CURSOR_END, size: CURSOR_END };
    },
  };
}
