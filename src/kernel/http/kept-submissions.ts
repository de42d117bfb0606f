import { fromUtf8, utf8 } from "#lib/crypto/bytes";
import { isUuid } from "#lib/crypto/uuid";
import type { AssuranceNeed } from "../contract/assurance.ts";
import { randomOpaqueUuid } from "../random.ts";
import type { Sweep } from "../services/housekeeping.ts";
import type { Kernel } from "../system/kernel.ts";
import type { FormFields, PageRequest, UploadedFile } from "./page.ts";

/** As long as a session may be left unused. */
export const KEPT_SUBMISSION_MS = 30 * 60_000;
/** Of one session; the oldest makes room. */
export const KEPT_SUBMISSIONS_MAX = 5;
const LABEL = "kept-submission";

/** What nobody came back for. */
export const keptSubmissionSweep: Sweep = {
  what: "kept-submissions",
  text: `DELETE FROM act.kept_submission WHERE id IN
    (SELECT id FROM act.kept_submission WHERE kept_at < $1 LIMIT $2)`,
  ageMs: KEPT_SUBMISSION_MS,
};

/** A form as it was sent: where it goes, and all that was in it. */
export interface Submission {
  /** Of the page, in Fastify's form. */
  readonly route: string;
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly fields: FormFields;
  readonly files: readonly UploadedFile[];
  readonly needs: AssuranceNeed;
}

interface Stored extends Omit<Submission, "files"> {
  /** No digest: nothing was in it. */
  readonly files: readonly (Omit<UploadedFile, "bytes"> & { readonly digest?: string })[];
}

type Owned = { readonly id: string; readonly session: string; readonly now: string };

/** Keeps a form for the session that sent it; files go into the store, from which what nobody names is swept. Gives its name. */
export async function keepSubmission(
  kernel: Kernel,
  request: PageRequest,
  about: { readonly route: string; readonly session: string; readonly needs: AssuranceNeed },
): Promise<string> {
  const id = randomOpaqueUuid();
  const files = await Promise.all(
    request.files.map(async ({ bytes, ...file }) => {
      if (bytes.length === 0) return file;
      const { digest } = await kernel.files.put(bytes, { mediaType: file.mediaType, name: file.name });
      return { ...file, digest };
    }),
  );
  const { csrf: _, ...fields } = request.fields;
  const { url, params, query, now } = request;
  const stored: Stored = { route: about.route, url, params, query, fields, files, needs: about.needs };
  const sealed = kernel.vault.seal(LABEL, utf8(JSON.stringify(stored)), id);
  await kernel.database.execute(
    "INSERT INTO act.kept_submission (id, session, sealed, kept_at) VALUES ($1, $2, $3, $4)",
    [id, about.session, sealed, now],
  );
  await kernel.database.execute(
    `DELETE FROM act.kept_submission WHERE id IN
       (SELECT id FROM act.kept_submission WHERE session = $1 ORDER BY kept_at DESC, id OFFSET ${KEPT_SUBMISSIONS_MAX})`,
    [about.session],
  );
  return id;
}

/** What a session's form needs, and where it was going; undefined for another session, and when its time is over. */
export async function keptNeeds(
  kernel: Kernel,
  owned: Owned,
): Promise<{ readonly url: string; readonly needs: AssuranceNeed } | undefined> {
  return storedSubmission(kernel, owned);
}

/** The form as it was sent, by the session that sent it and by no other. */
export async function keptSubmission(kernel: Kernel, owned: Owned): Promise<Submission | undefined> {
  const stored = await storedSubmission(kernel, owned);
  if (!stored) return undefined;
  const files = await Promise.all(
    stored.files.map(async ({ digest, ...file }) => ({
      ...file,
      bytes: digest === undefined ? new Uint8Array(0) : await kernel.files.read(digest),
    })),
  );
  return { ...stored, fields: Object.assign(Object.create(null), stored.fields), files };
}

/** It was done. */
export async function dropSubmission(kernel: Kernel, id: string): Promise<void> {
  await kernel.database.execute("DELETE FROM act.kept_submission WHERE id = $1", [id]);
}

async function storedSubmission(kernel: Kernel, { id, session, now }: Owned): Promise<Stored | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await kernel.database.query<{ sealed: Uint8Array }>(
    "SELECT sealed FROM act.kept_submission WHERE id = $1 AND session = $2 AND kept_at > $3",
    [id, session, new Date(Date.parse(now) - KEPT_SUBMISSION_MS).toISOString()],
  );
  return row && (JSON.parse(fromUtf8(kernel.vault.open(LABEL, row.sealed, id))) as Stored);
}
