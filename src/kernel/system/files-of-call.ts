import type { Operation } from "../contract/contract.ts";
import { doorRefusal } from "../contract/door-refusals.ts";
import type { Refusal } from "../contract/refusal.ts";
import { type FileOfCall, filesIn } from "../contract/stored-file.ts";
import { fileHasMark, turnsMarksAway } from "../secrecy/marked-content.ts";
import type { Act } from "./act.ts";
import type { Kernel } from "./kernel.ts";
import { MARKED } from "./read-input.ts";
import type { UnitOfWork } from "./unit-of-work.ts";

/**
 * Sees to it that the files of a call's input are in this node's store before its handler runs, and are named when the act commits. What
 * another node sent is fetched from it, also where the same content is here: that it can name a digest does not say that it has the file.
 * @returns why the handler does not run
 */
export async function bringFiles(work: {
  readonly kernel: Kernel;
  readonly act: Act;
  readonly unit: UnitOfWork;
  readonly operation: Operation;
  readonly call: { readonly room: string };
  readonly input: unknown;
}): Promise<Refusal | undefined> {
  const { kernel, act, unit, operation, call, input } = work;
  for (const file of filesIn(operation.input, input)) {
    const brought = await broughtOf(kernel, act, file);
    if (brought === "missing") return doorRefusal(call.room, "unavailable");
    if (brought === "marked") return doorRefusal(call.room, "invalid-input", [{ path: file.name, text: MARKED }]);
    unit.keep(file.digest);
  }
  return undefined;
}

async function broughtOf(kernel: Kernel, act: Act, file: FileOfCall): Promise<"here" | "missing" | "marked"> {
  const from = act.origin?.node;
  const { elsewhere } = kernel;
  if (from === undefined || elsewhere === undefined || from === elsewhere.routes.self) {
    return (await kernel.files.has(file.digest)) ? "here" : "missing";
  }
  const bytes = await elsewhere.transport.bring?.(from, act, file);
  if (bytes === undefined) return "missing";
  const { mediaType, name } = file;
  if (turnsMarksAway(kernel.zone) && (await fileHasMark({ name, bytes }))) return "marked";
  return (await kernel.files.put(bytes, { mediaType, name })).digest === file.digest ? "here" : "missing";
}
