import { OWN_PERIOD, SHARING_KINDS, type SharingKind } from "#infrastructure/catalogue";
import type { Site } from "#kernel/http/site";
import type { Html } from "#lib/html/html";
import { type Language, text } from "#lib/language/text";
import { clock } from "#ui/components/clock/clock";
import { tag } from "#ui/components/tag/tag";

const STARTED = text("开始", "The start");
/** The one regulation by which clocks of sharing run; of its articles on them the chapter alone is known. */
const REGULATION = text("《政务数据共享条例》第四章", "Regulation on Government Data Sharing, chapter 4");
const COMPLETING = text("等待补正", "waiting for what is missing");

const TAG_CLASSES: Readonly<Record<SharingKind, string>> = {
  unconditional: "",
  conditional: "zt-tag--wait",
  none: "zt-tag--bad",
};

/** How something is shared, as a tag. */
export function sharingTag(kind: SharingKind, language: Language): Html {
  return tag({ text: SHARING_KINDS[kind][language], classes: TAG_CLASSES[kind] });
}

export interface ShownClock {
  readonly title: { readonly zh: string; readonly en: string };
  readonly article: string;
  readonly amount: number;
  readonly startedOn: string;
  readonly stoppedOn?: string | undefined;
  readonly used: number;
  readonly dueOn: string;
  readonly running: boolean;
  readonly paused: boolean;
}

/** A clock as a bar. All of them count working days. */
export function sharingClock(shown: ShownClock, language: Language): Html {
  const own = shown.article === OWN_PERIOD;
  const article = own ? undefined : REGULATION;
  return clock({
    language,
    unit: "working-day",
    state: shown.running ? (shown.paused ? "paused" : "running") : "done",
    day: shown.used,
    limitDays: shown.amount,
    startedOn: Temporal.PlainDate.from(shown.startedOn),
    startedBy: STARTED,
    dueOn: Temporal.PlainDate.from(shown.dueOn),
    outcome: shown.title,
    ...(shown.stoppedOn !== undefined && { doneOn: Temporal.PlainDate.from(shown.stoppedOn) }),
    ...(shown.paused && {
      pauses: [{ afterDay: shown.used, days: 1, reason: COMPLETING, article: REGULATION }],
    }),
    article,
    setBy: own ? "house" : "law",
  });
}

/** What authorities are called, by id. */
export async function authorityNames(
  site: Site,
  ids: readonly string[],
  language: Language,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  // Authorities of other nodes stand in the directory of nodes.
  const listed = site.kernel.elsewhere?.routes.authorities?.() ?? [];
  for (const id of new Set(ids)) {
    const { name } = (await site.posts.authority(id)) ?? listed.find((one) => one.id === id) ?? {};
    names.set(id, name?.[language] ?? id);
  }
  return names;
}
