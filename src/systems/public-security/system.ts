import { defineSystem } from "#kernel/system/system";
import { publicSecurity } from "#systems/public-security";
import { uses } from "./implement.ts";
import { publishVehicleDecision } from "./operations/publish-vehicle-decision.ts";
import { recordVehicle } from "./operations/record-vehicle.ts";
import { vehiclesOf } from "./operations/vehicles-of.ts";
import { vehicleRegistration } from "./vehicle-registration.ts";

export default defineSystem(publicSecurity, {
  uses,
  operations: { vehiclesOf, recordVehicle, publishVehicleDecision },
  services: { vehicleRegistration },
});
