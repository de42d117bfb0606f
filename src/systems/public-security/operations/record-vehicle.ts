import type { z } from "zod";
import type { publicSecurity } from "#systems/public-security";
import { implement } from "../implement.ts";

type Vehicle = z.output<(typeof publicSecurity)["registers"]["vehicle"]["schema"]>;
type Form = z.output<(typeof publicSecurity)["services"]["vehicleRegistration"]["form"]>;

/** Five digits behind the county's name. */
const PLATES_MAX = 99_999;
const COUNTY = "清源";

/** Writes what a case was decided to grant: a vehicle with its plate, or its end. Run again for the same case, it changes nothing more. */
export const recordVehicle = implement("recordVehicle", async (ctx, { caseId }) => {
  const decided = await ctx.cases.read(caseId);
  if (!decided) return ctx.refuse("case-unknown");
  const form = decided.form as Form;
  const { vehicle } = ctx.registers;
  const [earlier] = (await vehicle.find({ caseId }, { limit: 1 })).items;
  if (earlier) return answerOf(earlier.value);
  if (form.kind === "end") {
    const [found] = (await vehicle.find({ plate: form.plate?.toUpperCase() ?? "" }, { limit: 1 })).items;
    const held = found && (await vehicle.lock(found.key));
    if (held?.value.status !== "registered" || held.value.holderId !== decided.applicant.id) {
      return ctx.refuse("not-registered");
    }
    const ended: Vehicle = {
      ...held.value,
      status: "ended",
      endedOn: ctx.today,
      ...(form.endReason && { endReason: form.endReason }),
      caseId,
    };
    await vehicle.put(ended, { key: held.key });
    return answerOf(ended);
  }
  const frameNumber = form.frameNumber?.toUpperCase() ?? "";
  const same = await vehicle.find({ frameNumber }, { limit: 10 });
  if (same.items.some(({ value }) => value.status === "registered")) return ctx.refuse("taken");
  const sequence = await ctx.nextNumber("plate");
  if (sequence > PLATES_MAX) return ctx.refuse("numbers-used-up");
  const registered: Vehicle = {
    plate: `${COUNTY}${String(sequence).padStart(5, "0")}`,
    holderId: decided.applicant.id,
    holderName: decided.facts.find(({ id }) => id === "applicantName")?.value ?? "",
    vehicle: form.vehicle ?? "electric-bicycle",
    brand: form.brand ?? "",
    frameNumber,
    status: "registered",
    registeredOn: ctx.today,
    authority: decided.authority,
    caseId,
  };
  await vehicle.put(registered);
  return answerOf(registered);
});

function answerOf({ plate, vehicle, status }: Vehicle) {
  const scope = [status === "ended" ? "注销登记" : "注册登记"];
  return { certificate: "none", licenceNumber: plate, businessType: vehicle, scope } as const;
}
