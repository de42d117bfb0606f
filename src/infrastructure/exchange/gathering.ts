/** Turns of the loop that are waited for at most. */
const TURNS_MAX = 8;

/**
 * Waits while each turn of the loop brings more, so that what comes close behind goes along: a frame costs its signature and two commits, whatever it holds.
 * Where nothing else comes it is one turn; the busier the process, the longer its turns, and the more they bring.
 * @param waiting how many there are
 * @param enough so many need not wait for more
 */
export async function gathering(waiting: () => number, enough: number): Promise<void> {
  let before = 0;
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const now = waiting();
    if (now >= enough || now === before) return;
    before = now;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
