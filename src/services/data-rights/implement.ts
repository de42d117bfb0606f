import { implementer } from "#kernel/system/system";
import { dataRights } from "#services/data-rights";

export const implement = implementer(dataRights);
