/** Renders documents of declared kinds: the kernel's `Documents` port. */
import { readFileSync } from "node:fs";
import type { z } from "zod";
import { assert, Fault } from "#kernel/errors/fault";
import type { Documents } from "#kernel/ports";
import { traced } from "#kernel/system/trace";
import "./faults.ts";
import { type FontCoverage, readFontCoverage, undrawable } from "./font-coverage.ts";
import { DOCUMENT_FONTS } from "./fonts.ts";
import { openTypesetter, type Typesetter } from "./typesetter.ts";

const MAX_DATA_CHARACTERS = 262_144;

/** A kind of document: a Typst source and the shape of its data. */
export interface DocumentKind {
  /** `notice/acceptance`: a room's word and the document's. */
  readonly kind: string;
  /** The file that makes the pages; it may import its neighbours and `/shared/…`. */
  readonly main: string;
  /** All sources that it needs, by absolute path. */
  readonly sources: Readonly<Record<string, string>>;
  readonly data: z.ZodType;
}

/** A renderer that is open. */
export interface OpenDocuments extends Documents {
  readonly typesetter: Typesetter;
  close(): Promise<void>;
}

/** Sources that every template may import: `/shared/seal.typ`, `/shared/code.typ`. */
const SHARED = ["seal.typ", "code.typ"];

/** Reads the Typst files that lie beside a module: `readSources(import.meta.url, "/notices", ["frame.typ"])`. */
export function readSources(base: string, mount: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [`${mount}/${name}`, readFileSync(new URL(`./${name}`, base), "utf8")]),
  );
}

/**
 * Opens a renderer for some kinds of document.
 * @param options `fonts` are files (all must be able to draw a character, since any text may be bold); `processes` run aside
 */
export async function openDocuments(options: {
  readonly kinds: readonly DocumentKind[];
  readonly fonts?: readonly string[];
  readonly processes?: number;
  readonly timeoutMs?: number;
}): Promise<OpenDocuments> {
  const { kinds, fonts = DOCUMENT_FONTS, ...limits } = options;
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]));
  assert(byName.size === kinds.length, "two kinds of document have one name");
  const coverage: FontCoverage[] = await Promise.all(fonts.map(readFontCoverage));
  const shared = readSources(new URL("./typst/", import.meta.url).href, "/shared", SHARED);
  const sources = Object.assign(shared, ...kinds.map((kind) => kind.sources)) as Record<string, string>;
  const typesetter = openTypesetter({ fonts, sources, ...limits });
  return {
    typesetter,
    close: () => typesetter.close(),
    async render({ kind, data }) {
      const known = byName.get(kind);
      if (known === undefined) throw new Fault("ERR_DOCUMENT_KIND", { message: kind });
      const parsed = known.data.safeParse(data);
      // The caller builds this data from what it has validated: a mismatch is a defect.
      if (!parsed.success)
        throw new Fault("ERR_DOCUMENT_TEMPLATE", { message: `data of ${kind}: ${parsed.error.message}` });
      if (JSON.stringify(parsed.data).length > MAX_DATA_CHARACTERS) {
        throw new Fault("ERR_DOCUMENT_TEMPLATE", { message: `data of ${kind} is too long` });
      }
      const missingCharacters = undrawable(parsed.data, coverage);
      if (missingCharacters.length > 0) return { missingCharacters };
      return traced({ name: "render document", attributes: { "zhengtong.document": kind } }, async () => {
        const { pdf } = await typesetter.typeset({ main: known.main, data: parsed.data });
        return { pdf };
      });
    },
  };
}
