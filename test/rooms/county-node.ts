import { isRefusal } from "#kernel/contract/refusal";
import { importEntries } from "#kernel/registers/import-entries";
import { perform } from "#kernel/system/perform";
import directorySystem from "../../src/infrastructure/directory/system.ts";
import identitySystem from "../../src/infrastructure/identity/system.ts";
import { type DemonstrationCounty, generateCounty } from "../../src/node/demonstration/generate.ts";
import { type DemonstrationTarget, loadDemonstration } from "../../src/node/demonstration/load.ts";
import { type TestNode, testNode } from "../../src/node/testing.ts";
import legalEntitiesSystem from "../../src/resources/legal-entities/system.ts";
import populationSystem from "../../src/resources/population/system.ts";

/** When the county was loaded; tests play after it. A Monday. */
export const LOADED_AT = "2026-03-02T01:00:00.000Z";

export interface CountyNode extends TestNode {
  readonly county: DemonstrationCounty;
  /** Key of who has a demonstration sign-in. */
  holder(signInName: string): string;
}

/** The base rooms with the demonstration county; of its accounts, which cost time, those that `signIns` names. */
export async function countyNode(options: { readonly signIns?: readonly string[] } = {}): Promise<CountyNode> {
  const systems = [directorySystem, identitySystem, populationSystem, legalEntitiesSystem];
  const node = await testNode({ systems, now: LOADED_AT });
  const county = generateCounty();
  const { cast } = county;
  const signIns = cast.signIns.filter(({ signInName }) => options.signIns?.includes(signInName));
  await loadDemonstration(targetOf(node), { ...county, cast: { ...cast, signIns } }, (room) =>
    systems.some(({ contract }) => contract.id === room),
  );
  const holder = (signInName: string) => {
    const found = cast.signIns.find((signIn) => signIn.signInName === signInName);
    if (!found) throw new RangeError(`nobody signs in as ${signInName}`);
    return found.holder;
  };
  return { ...node, county, holder };
}

function targetOf({ kernel, act }: TestNode): DemonstrationTarget {
  const asNode = () => act({ kind: "node", room: "demonstration" }, { purpose: "administration" });
  return {
    async importRegister(contract, register, rows) {
      const store = kernel.registers.get(`${contract.id}.${register}`);
      if (!store) throw new RangeError(`no register ${register}`);
      await kernel.database.transaction(
        (tx) => importEntries(store, { tx, act: asNode(), authority: "demonstration" }, rows),
        { retries: 0 },
      );
    },
    async command(contract, operation, input) {
      const answer = await perform(kernel, asNode(), { room: contract.id, operation, input });
      if (isRefusal(answer)) throw new Error(`${contract.id}.${operation}: ${JSON.stringify(answer)}`);
      return answer;
    },
  };
}
