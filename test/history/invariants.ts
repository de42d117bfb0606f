/** What must hold whatever happened between: each check gives the sentences that are false, or none. */

/** Nothing acknowledged is lost, nothing is there twice, and nothing is there that nobody asked for. */
export function exactlyOnce(about: {
  /** All that was asked for, acknowledged or not. */
  readonly asked: Iterable<string>;
  readonly acknowledged: Iterable<string>;
  /** What took effect, each as often as it did. */
  readonly applied: Iterable<string>;
}): readonly string[] {
  const asked = new Set(about.asked);
  const applied = new Map<string, number>();
  for (const one of about.applied) applied.set(one, (applied.get(one) ?? 0) + 1);
  const findings: string[] = [];
  for (const one of about.acknowledged) if (!applied.has(one)) findings.push(`${one} was acknowledged and is lost`);
  for (const [one, times] of applied) {
    if (times > 1) findings.push(`${one} took effect ${times} times`);
    if (!asked.has(one)) findings.push(`${one} took effect and nobody asked for it`);
  }
  return findings;
}

/** What arrived of each key arrived in the order in which it was sent; some may be missing still. */
export function orderOfKeys(
  sent: readonly { readonly key: string; readonly id: string }[],
  arrived: readonly { readonly key: string; readonly id: string }[],
): readonly string[] {
  const findings: string[] = [];
  const places = new Map(sent.map(({ key, id }, place) => [`${key}\n${id}`, place]));
  const last = new Map<string, { readonly id: string; readonly place: number }>();
  for (const { key, id } of arrived) {
    const place = places.get(`${key}\n${id}`);
    if (place === undefined) {
      findings.push(`${id} of ${key} arrived and was not sent`);
      continue;
    }
    const before = last.get(key);
    if (before !== undefined && place < before.place) findings.push(`${id} of ${key} came after ${before.id}`);
    last.set(key, { id, place });
  }
  return findings;
}

/** What one node has on its record of its exchanges with one other. */
export interface Records {
  /** Frames by what they were: identifier to digest of signature and leaves. */
  readonly frames: Readonly<
    Record<"calls-out" | "calls-in" | "answers-out" | "answers-in", ReadonlyMap<string, string>>
  >;
  /** Calls that were asked: `frame/place`, and the frame that answered, where one did. */
  readonly asked: readonly { readonly call: string; readonly answer: string | undefined }[];
  /** Calls that were taken, each as often as it stands there. */
  readonly taken: readonly string[];
}

/**
 * What either node took from the other, the other has on its record, byte for byte; no call is there twice; no answer without its call. What one
 * sent and the other never got stands on one record alone, and no check can demand more.
 */
export function matchedEvidence(one: Records, other: Records): readonly string[] {
  return [...halves(one, other, "first"), ...halves(other, one, "second")];
}

function halves(here: Records, there: Records, name: string): readonly string[] {
  const findings: string[] = [];
  for (const [came, went] of [
    ["calls-in", "calls-out"],
    ["answers-in", "answers-out"],
  ] as const) {
    for (const [id, digest] of here.frames[came]) {
      const sent = there.frames[went].get(id);
      if (sent === undefined) findings.push(`the ${name} has ${came} ${id}, which the other never sent`);
      else if (sent !== digest) findings.push(`${came} ${id} of the ${name} is not what the other sent`);
    }
  }
  const times = new Map<string, number>();
  for (const call of here.taken) times.set(call, (times.get(call) ?? 0) + 1);
  for (const [call, count] of times) if (count > 1) findings.push(`the ${name} has call ${call} ${count} times`);
  const taken = new Set(there.taken);
  for (const { call, answer } of here.asked) {
    if (answer !== undefined && !taken.has(call))
      findings.push(`call ${call} of the ${name} was answered, and never taken`);
  }
  return findings;
}
