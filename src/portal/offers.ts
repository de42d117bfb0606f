import type { Service } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import type { PageRequest } from "#kernel/http/page";
import type { Site } from "#kernel/http/site";
import { text } from "#lib/language/text";
import type { FieldDescriptor } from "#ui/form/descriptor";

/** Things that are offered for one field; who has more types. */
const OFFERED_MAX = 30;

type Item = Readonly<Record<string, unknown>>;

/**
 * Fields for which government knows what the applicant may mean become a choice of just that, asked as the applicant; a field of which nothing is
 * known is typed in, and so is one that holds something else already.
 */
export async function withOffers(
  site: Site,
  request: PageRequest,
  item: { readonly ref: { readonly room: string }; readonly service: Service },
  asked: { readonly fields: readonly FieldDescriptor[]; readonly form: Readonly<Record<string, unknown>> },
): Promise<readonly FieldDescriptor[]> {
  const { offers = {} } = item.service;
  const contract = site.kernel.systems.get(item.ref.room)?.contract;
  const found: FieldDescriptor[] = [];
  for (const field of asked.fields) {
    const offer = offers[field.name];
    if (!offer || !contract) {
      found.push(field);
      continue;
    }
    const doors = request.front(contract, { purpose: "own-affairs" }) as Readonly<
      Record<string, (input: object) => Promise<unknown>>
    >;
    const answer = await doors[offer.operation]?.({});
    const items = isRefusal(answer) ? [] : ((answer as { readonly items?: readonly Item[] } | undefined)?.items ?? []);
    const only = Object.entries(offer.only ?? {});
    const fitting = items.filter((one) => only.every(([name, value]) => one[name] === value));
    const options = fitting.slice(0, OFFERED_MAX).map((one) => {
      const words = offer.words.map((name) => String(one[name] ?? "")).filter((word) => word !== "");
      return { value: String(one[offer.value] ?? ""), title: text(words.join("，"), words.join(", ")) };
    });
    const held = String(asked.form[field.name] ?? "");
    const fits = held === "" || options.some(({ value }) => value === held);
    found.push(options.length > 0 && fits ? { ...field, kind: "select", options } : field);
  }
  return found;
}
