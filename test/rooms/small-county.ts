import type { ObjectSchema } from "#kernel/contract/contract";
import { isRefusal } from "#kernel/contract/refusal";
import type { RegisterHandle } from "#kernel/registers/handle";
import { perform } from "#kernel/system/perform";
import { UnitOfWork } from "#kernel/system/unit-of-work";
import directorySystem from "../../src/infrastructure/directory/system.ts";
import identitySystem from "../../src/infrastructure/identity/system.ts";
import { type DemonstrationCounty, generateCounty } from "../../src/node/demonstration/generate.ts";
import { type DemonstrationTarget, loadDemonstration } from "../../src/node/demonstration/load.ts";
import { type TestNode, testNode } from "../../src/node/testing.ts";
import legalEntitiesSystem from "../../src/resources/legal-entities/system.ts";
import populationSystem from "../../src/resources/population/system.ts";

/** So many persons are enough to have namesakes and rare characters. */
const PERSONS = 120;
/** When the county was loaded; tests play after it. A Monday. */
export const LOADED_AT = "2026-03-02T01:00:00.000Z";

export interface SmallCounty extends TestNode {
  readonly county: DemonstrationCounty;
  /** Key of who has a demonstration sign-in. */
  holder(signInName: string): string;
}

/** The base rooms with a part of the demonstration county; without accounts unless `signIns` names some. */
export async function smallCounty(options: { readonly signIns?: readonly string[] } = {}): Promise<SmallCounty> {
  const node = await testNode({
    systems: [directorySystem, identitySystem, populationSystem, legalEntitiesSystem],
    now: LOADED_AT,
  });
  const county = partOf(generateCounty(), options.signIns ?? []);
  await loadDemonstration(targetOf(node), county);
  const everyone = generateCounty().cast.signIns;
  const holder = (signInName: string) => {
    const found = everyone.find((signIn) => signIn.signInName === signInName);
    if (!found) throw new RangeError(`nobody signs in as ${signInName}`);
    return found.holder;
  };
  return { ...node, county, holder };
}

function partOf(whole: DemonstrationCounty, signIns: readonly string[]): DemonstrationCounty {
  const persons = whole.persons.slice(0, PERSONS);
  const keys = new Set(persons.map(({ key }) => key));
  const organizations = whole.organizations.filter(({ value }) => keys.has(value.representative));
  const cast = { ...whole.cast, signIns: whole.cast.signIns.filter(({ signInName }) => signIns.includes(signInName)) };
  return { ...whole, persons, organizations, cast };
}

function targetOf({ kernel, act }: TestNode): DemonstrationTarget {
  const asNode = () => act({ kind: "node", room: "demonstration" }, { purpose: "administration" });
  return {
    async importRegister(contract, register, rows) {
      const unit = new UnitOfWork(kernel.database);
      const store = kernel.registers.get(`${contract.id}.${register}`);
      const scope = {
        reader: () => unit.reader(),
        writer: () => unit.writer(),
        act: asNode(),
        authority: "demonstration",
        note() {},
      };
      const handle = store?.handle(scope) as RegisterHandle<ObjectSchema> | undefined;
      for (const { key, value, validFrom } of rows)
        await handle?.put(value as Record<string, unknown>, { key, validFrom });
      await unit.commit();
    },
    async command(contract, operation, input) {
      const answer = await perform(kernel, asNode(), { room: contract.id, operation, input });
      if (isRefusal(answer)) throw new Error(`${contract.id}.${operation}: ${JSON.stringify(answer)}`);
      return answer;
    },
  };
}
