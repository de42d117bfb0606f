/** The process of one node of the country. */
import { runCountryNode } from "./node-program.ts";

await runCountryNode();
