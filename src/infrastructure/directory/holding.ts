import type { z } from "zod";
import type { Entry } from "#kernel/registers/handle";
import { dayBegins, dayEnds } from "#lib/calendar/civil-day";
import { DELEGATE } from "./contract.ts";
import { everyPage } from "./every-page.ts";
import type { Registers } from "./implement.ts";
import type { Delegation, Post } from "./registers.ts";

type DelegationEntry = Entry<z.output<typeof Delegation>>;

/** A post as others see it, with the name and division of its authority. */
export async function postView(registers: Registers, entry: Entry<z.output<typeof Post>>) {
  const authority = await registers.authority.get(entry.value.authority);
  if (!authority) return undefined;
  return {
    id: entry.key,
    title: entry.value.title,
    authority: authority.key,
    authorityName: authority.value.name,
    division: authority.value.division,
    duties: entry.value.duties,
  };
}

/** Whether a day lies in a leave, both ends included. Days are ISO 8601, so that text order is time order. */
export function covers(delegation: { readonly from: string; readonly to: string }, day: string): boolean {
  return delegation.from <= day && day <= delegation.to;
}

/** The leaves from one post that cover a day. */
export async function leavesFrom(registers: Registers, post: string, day: string): Promise<readonly DelegationEntry[]> {
  const found = await everyPage((page) => registers.delegation.find({ post }, page));
  return found.filter((entry) => covers(entry.value, day));
}

/** Who does what a post may do on a day: its holders, and for those on leave their stand-ins. */
export async function holdersOfPost(registers: Registers, post: string, day: string) {
  const appointments = await everyPage((page) => registers.appointment.find({ post }, page));
  const leaves = await leavesFrom(registers, post, day);
  return appointments.map(({ value: { official } }) => {
    const leave = leaves.find((entry) => entry.value.official === official);
    return leave ? { official: leave.value.standIn, standsInFor: official } : { official, standsInFor: undefined };
  });
}

/** The posts that an official holds on a day, his own and those in which he stands in. */
export async function postsHeld(registers: Registers, official: string, day: string) {
  const appointments = await everyPage((page) => registers.appointment.find({ official }, page));
  const standingIn = await everyPage((page) => registers.delegation.find({ standIn: official }, page));
  const own = appointments.map(async ({ key, value: { post } }) => {
    const leaves = await leavesFrom(registers, post, day);
    const onLeave = leaves.some((entry) => entry.value.official === official);
    return heldPost(registers, post, { appointment: key, onLeave });
  });
  const others = standingIn
    .filter((entry) => covers(entry.value, day))
    .map((entry) => heldPost(registers, entry.value.post, { onLeave: false, standsInFor: entry.value.official }));
  return (await Promise.all([...own, ...others])).filter((post) => post !== undefined);
}

async function heldPost(
  registers: Registers,
  key: string,
  how: { readonly appointment?: string; readonly onLeave: boolean; readonly standsInFor?: string },
) {
  const entry = await registers.post.get(key);
  const view = entry && (await postView(registers, entry));
  if (!view) return undefined;
  // Two people must not do the work of one post at once: on leave, only the right to end the leave stays.
  return { ...view, ...how, duties: how.onLeave ? [DELEGATE] : view.duties };
}

/** The instant at which a day begins, for valid time. */
export function beginningOf(day: string): string {
  return dayBegins(Temporal.PlainDate.from(day)).toString();
}

/** The instant at which a day has passed, for valid time. */
export function endOf(day: string): string {
  return dayEnds(Temporal.PlainDate.from(day)).toString();
}
