import { fieldMeta } from "#kernel/contract/field";
import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import type { ClockPause } from "#kernel/procedures/changes";
import { civilDay } from "#lib/calendar/civil-day";
import { elapsed } from "#lib/calendar/statutory-period";
import { fill, type Language, text } from "#lib/language/text";
import { participation } from "#services/participation";
import type { NumberShown } from "#ui/components/numbers/numbers";
import { formatNumber, formatShare } from "#ui/format";
import { itemsOf } from "./item.ts";

const SERVICES = text("个事项可以全程在网上办", "services, each online from beginning to end");
const AVERAGE = text(
  "个工作日：本月作出决定的平均用时（法定 {limit} 个，{count} 件）",
  "working days to a decision this month, on average (limit {limit}, cases {count})",
);
const MATERIALS = text("项材料要求您重复提交政府已有的", "documents asked for that government already has");
const RATED = text(
  "满意（{count} 次评价，差评已答复 {answered}/{poor}）",
  "satisfied ({count} ratings; {answered} of {poor} poor ones answered)",
);

/** How long figures are shown before they are counted anew. */
const KEPT_MS = 60_000;
/** Decisions of one month that are counted one by one. */
const COUNTED_MAX = 5_000;

let counted: { readonly at: number; readonly site: Site; readonly pace: Pace | undefined } | undefined;

interface Pace {
  readonly days: number;
  readonly limit: number;
  readonly count: number;
}

/** The figures of the home page. Each is counted from contracts or rows; what cannot be counted is left out. */
export async function homeFigures(site: Site, request: PageRequest): Promise<readonly NumberShown[]> {
  const { language } = request;
  const items = itemsOf(site.kernel);
  const pace = await monthlyPace(site, request.now);
  return [
    { value: formatNumber(items.length), text: SERVICES[language] },
    ...(pace ? [paceShown(pace, language)] : []),
    { value: formatNumber(knownMaterials(site)), text: MATERIALS[language] },
    ...(await rated(request)),
  ];
}

function paceShown({ days, limit, count }: Pace, language: Language): NumberShown {
  return {
    value: formatNumber(Number(days.toFixed(1))),
    text: fill(AVERAGE, { limit, count })[language],
  };
}

/** Documents that an item asks for although a register of this node, or a fact of the item itself, has them. */
function knownMaterials(site: Site): number {
  const attributes = [...site.kernel.systems.values()].flatMap(({ contract }) =>
    Object.values(contract.registers).flatMap((register) =>
      Object.values(register.schema.shape).map((schema) => fieldMeta(schema as never)?.title.zh),
    ),
  );
  return itemsOf(site.kernel).reduce((sum, { service }) => {
    const facts = Object.values(service.facts).map((fact) => fact.title.zh);
    const known = new Set([...attributes, ...facts]);
    return sum + Object.values(service.materials).filter((material) => known.has(material.title.zh)).length;
  }, 0);
}

async function rated(request: PageRequest): Promise<readonly NumberShown[]> {
  const summary = await request.front(participation, { purpose: "public-information" }).summary({});
  if (isRefusal(summary) || summary.count === 0) return [];
  const { count, good, poor, answered } = summary;
  const words = fill(RATED, { count, answered, poor })[request.language];
  return [{ value: formatShare(good / count), text: words }];
}

/** The mean of the counted working days of the clocks that were stopped this month. */
async function monthlyPace(site: Site, now: string): Promise<Pace | undefined> {
  const at = Date.parse(now);
  if (counted && counted.site === site && Math.abs(at - counted.at) < KEPT_MS) return counted.pace;
  const pace = await countPace(site, now);
  counted = { at, site, pace };
  return pace;
}

async function countPace(site: Site, now: string): Promise<Pace | undefined> {
  const firstOfMonth = civilDay(Temporal.Instant.from(now)).with({ day: 1 });
  const rows = await site.kernel.database.query<{
    started_on: string;
    stopped_on: string;
    amount: number;
    pauses: readonly ClockPause[];
  }>(
    `SELECT k.started_on, k.stopped_on, k.amount, k.pauses
     FROM procedure.clock k WHERE k.unit = 'working-day' AND k.stopped_on >= $1::date LIMIT ${COUNTED_MAX}`,
    [firstOfMonth.toString()],
  );
  if (rows.length === 0) return undefined;
  const days = rows.reduce((sum, row) => sum + daysOf(row), 0);
  return { days: days / rows.length, limit: Math.max(...rows.map((row) => row.amount)), count: rows.length };
}

function daysOf(row: {
  readonly started_on: string;
  readonly stopped_on: string;
  readonly pauses: readonly ClockPause[];
}) {
  const stopped = Temporal.PlainDate.from(row.stopped_on);
  const pauses = row.pauses.map((pause) => ({
    from: Temporal.PlainDate.from(pause.from),
    ...(pause.to !== undefined && { to: Temporal.PlainDate.from(pause.to) }),
  }));
  return elapsed(Temporal.PlainDate.from(row.started_on), stopped, "working-day", { pauses, today: stopped });
}
