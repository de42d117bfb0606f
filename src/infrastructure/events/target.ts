/** Plain HTTP reaches this machine alone. */
const OWN_MACHINE = new Set(["127.0.0.1", "[::1]", "localhost"]);
const OPERATION = /^[a-z][A-Za-z0-9]{0,79}$/;

/** Whether events can be pushed there: an https address of a system, an operation of a room, of a node nothing. */
export function isFitTarget(member: string, target: string | undefined): boolean {
  if (target === undefined) return true;
  if (member.startsWith("node:")) return false;
  if (member.startsWith("room:")) return OPERATION.test(target);
  const url = URL.parse(target);
  if (url === null || url.username !== "" || url.password !== "" || url.hash !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && OWN_MACHINE.has(url.hostname));
}
