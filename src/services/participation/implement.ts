import { implementer } from "#kernel/system/system";
import { participation } from "#services/participation";

export const implement = implementer(participation);
