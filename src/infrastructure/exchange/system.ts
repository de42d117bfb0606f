import { defineSystem } from "#kernel/system/system";
import { exchange } from "./contract.ts";

export default defineSystem(exchange, { migrations: new URL("./migrations/", import.meta.url) });
