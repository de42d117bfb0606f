import { implementer, serviceImplementer } from "#kernel/system/system";
import { population } from "#resources/population";
import { disclosure } from "#services/disclosure";
import { publicSecurity } from "#systems/public-security";

export const uses = { population, disclosure };
export const implement = implementer(publicSecurity, uses);
export const implementService = serviceImplementer(publicSecurity, uses);
