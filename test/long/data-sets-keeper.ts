/** A process that keeps the copy of `data-sets-killed.test.ts`, on the databases that it is told, until it is killed. */
import { keeperOf } from "../harness/data-set-nodes.ts";

const [source = "", receiver = "", copy = ""] = process.argv.slice(2);
const step = await keeperOf({ source, receiver });
for (;;) {
  await step(Number(copy), 1);
  process.stdout.write(".");
}
