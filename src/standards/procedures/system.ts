import { defineSystem } from "#kernel/system/system";
import { procedures } from "#standards/procedures";

export default defineSystem(procedures, {});
