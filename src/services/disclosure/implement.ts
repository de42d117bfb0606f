import { implementer } from "#kernel/system/system";
import { disclosure } from "#services/disclosure";

export const implement = implementer(disclosure);
