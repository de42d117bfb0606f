import { isRefusal } from "#kernel/contract/refusal";
import type { Act } from "#kernel/system/act";
import type { Fact } from "#kernel/system/context";
import { text } from "#lib/language/text";
import { maskName } from "#lib/names/name";
import { implementService } from "./implement.ts";

const RIGHTS = { guardian: "监护人", heir: "继承人", agent: "受托人" } as const;
const SELF = "本人";

export const vehicleRegistration = implementService("vehicleRegistration", {
  async facts(ctx, applicant) {
    const { population } = ctx.rooms;
    const owner = await population.findPersonForCase({ id: applicant.id });
    if (isRefusal(owner)) return owner;
    const right = rightOf(ctx.act);
    const actor = right === undefined ? owner : await population.nameOf({ id: applicant.personId });
    if (isRefusal(actor)) return actor;
    const known: Readonly<Record<string, string>> = {
      applicantName: owner.name,
      applicantDocument: masked(owner.documentNumber),
      applicantStatus: owner.lifeStatus === "alive" ? "健在" : "已去世",
      actorName: actor.name,
      right: right === undefined ? SELF : RIGHTS[right],
    };
    return Object.entries(known).map(([id, value]): Fact => ({ id, value, asOf: ctx.now }));
  },

  async screen(ctx, { applicant, form, facts }) {
    const right = rightOf(ctx.act);
    const wrong = (path: keyof typeof form, zh: string, en: string) =>
      ({ kind: "wrong", issues: [{ path, text: text(zh, en) }] }) as const;
    const isDead = facts.find(({ id }) => id === "applicantStatus")?.value === "已去世";
    if (form.kind === "register") {
      // 民法典 §13: who has died has no rights that could be registered; §230: what was theirs is the heirs' from then on.
      if (isDead || right === "heir") {
        return wrong(
          "kind",
          "车主已去世，只能注销登记。继承人要继续使用的，注销后以自己的名义登记。",
          "The owner has died: the registration can only be ended. An heir who goes on using the vehicle registers it in the heir's own name.",
        );
      }
      const number = form.frameNumber?.toUpperCase() ?? "";
      const { items } = await ctx.registers.vehicle.find({ frameNumber: number }, { limit: 10 });
      return items.some(({ value }) => value.status === "registered")
        ? wrong(
            "frameNumber",
            "这个车架号已经登记，请核对。",
            "This frame number is registered already; please check it.",
          )
        : { kind: "fits", holds: [holdOf(`frame/${number}`)] };
    }
    // 民法典 §35: a guardian disposes of the ward's property in the ward's interest alone.
    if (right === "guardian" && form.wardInterest === undefined) {
      return wrong(
        "wardInterest",
        "监护人注销被监护人车辆的，请说明为何符合被监护人的利益。",
        "A guardian who ends the registration of a ward's vehicle says why this is in the ward's interest.",
      );
    }
    if (isDead && form.endReason !== "deceased") {
      return wrong("endReason", "车主已去世，请选择“车主去世”。", "The owner has died; please choose that.");
    }
    if (!isDead && form.endReason === "deceased") {
      return wrong("endReason", "登记显示车主健在，请核对。", "The register has the owner as living; please check.");
    }
    const plate = form.plate?.toUpperCase() ?? "";
    const { items } = await ctx.registers.vehicle.find({ plate }, { limit: 1 });
    const [found] = items;
    if (found?.value.holderId !== applicant.id || found.value.status !== "registered") {
      return wrong(
        "plate",
        "没有查到车主名下的这个号牌，请核对。",
        "No such plate of the owner's was found; please check it.",
      );
    }
    return { kind: "fits", holds: [holdOf(`plate/${plate}`)] };
  },

  slots: { grant: "recordVehicle", publish: "publishVehicleDecision" },
});

function holdOf(key: string) {
  return { key, title: text("这辆车的登记", "the registration of this vehicle") };
}

/** By which right the applicant's affairs are done by another person. */
function rightOf({ onBehalfOf }: Pick<Act, "onBehalfOf">): keyof typeof RIGHTS | undefined {
  return onBehalfOf?.kind === "person" && onBehalfOf.right in RIGHTS
    ? (onBehalfOf.right as keyof typeof RIGHTS)
    : undefined;
}

/** The first three and the last two of a document's number. */
function masked(documentNumber: string): string {
  if (documentNumber.length < 8) return maskName(documentNumber);
  return `${documentNumber.slice(0, 3)}${"*".repeat(documentNumber.length - 5)}${documentNumber.slice(-2)}`;
}
