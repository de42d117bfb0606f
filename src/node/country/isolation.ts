/** That no wire leads into the intranet or out of it: tried, not believed. */
import { text } from "#lib/language/text";
import type { TakeStep } from "../demo/progress.ts";
import type { Country } from "./country.ts";
import { INTRANET, ON_WIRE } from "./plan.ts";

/** The system's word for each address that was tried. */
export interface FoundApart {
  readonly out: readonly string[];
  readonly in: readonly string[];
}

/** Undefined where all nodes share one loopback: there is nothing to be tried. */
export async function checkApart(options: {
  readonly country: Country;
  readonly step: TakeStep;
}): Promise<FoundApart | undefined> {
  const { country, step } = options;
  if (country.wires.kind === "loopback") return undefined;
  const who = text("检查人员", "Inspector");
  const what = text(
    "从内网节点连接其他节点，再反过来：都没有路",
    "tries to leave the intranet, and to enter it: no route",
  );
  return await step(who, what, async () => {
    const inner = country.node(INTRANET.code);
    const addresses = ON_WIRE.flatMap(({ code }) => {
      const { host, port, exchangePort } = country.node(code).setting.place;
      return [`${host}:${port}`, `${host}:${exchangePort}`];
    });
    const out = await inner.ask("reach", { addresses });
    const { host, port } = inner.setting.place;
    const asked = { addresses: [`${host}:${port}`] };
    const inwards = (await Promise.all(ON_WIRE.map(({ code }) => country.node(code).ask("reach", asked)))).flat();
    const found = [...out, ...inwards].filter((word) => word !== "ENETUNREACH" && word !== "EHOSTUNREACH");
    if (found.length > 0) throw new Error(`a wire leads into the intranet or out of it: ${found.join()}`);
    // What cannot be reached anywhere would show nothing: the others reach each other.
    const [one, ...others] = ON_WIRE.map(({ code }) => country.node(code));
    const between = await one?.ask("reach", {
      addresses: others.map(({ setting }) => `${setting.place.host}:${setting.place.port}`),
    });
    if (between === undefined || between.some((word) => word !== "connected")) throw new Error(`no link: ${between}`);
    return { out, in: inwards };
  });
}
