import type { QueuedTask, TaskQuery } from "../procedures/procedures.ts";
import type { Act, PostRef } from "../system/act.ts";
import type { Kernel } from "../system/kernel.ts";
import { type Application, nameOf, readApplications } from "./application.ts";
import { isOfPost } from "./own-authority.ts";
import { readingOfItems, type ShownCases, shownCases, tasksOfItems } from "./shown-cases.ts";
import { RECUSAL } from "./tasks.ts";

/** The most tasks that one page of a list has. */
export const MAX_TASK_PAGE = 100;

/** A task in an official's list, with whose case it is. */
export interface TaskListItem extends QueuedTask {
  readonly applicantName: string;
  readonly application: Application | undefined;
}

/** Which tasks a list shows. */
export interface TaskFilter extends Pick<TaskQuery, "after" | "elements" | "held"> {
  readonly post: PostRef;
}

/** The open tasks of a post's duties in its authority, those due first; without what the official may not do. */
export function tasksOf(
  kernel: Kernel,
  act: Act,
  about: TaskFilter & { readonly officialId: string },
): Promise<readonly TaskListItem[]> {
  const { duties } = about.post;
  const shown = shownCases(kernel, act, tasksOfItems(kernel, roomsOf(kernel, about.post), duties), LOOKED_UP);
  return listTasks(kernel, about, { duties, for: about.officialId }, shown);
}

/** The application of a task is looked up where a policy asks about it. */
const LOOKED_UP = { joined: false } as const;

/** Tasks looked at to find the next one: a page of them that someone recused himself from is not usual. */
const NEXT_TASKS = 10;

/** The most pressing open task of a post for an official, of one element where there is such; his lists show the rest. */
export async function nextTaskOf(
  kernel: Kernel,
  act: Act,
  about: { readonly officialId: string; readonly post: PostRef; readonly element: string },
): Promise<QueuedTask | undefined> {
  const rooms = roomsOf(kernel, about.post);
  const { duties } = about.post;
  const shown = shownCases(kernel, act, tasksOfItems(kernel, rooms, duties), LOOKED_UP);
  if (shown.none) return undefined;
  const query = { duties, for: about.officialId, rooms, shown: shown.where, limit: NEXT_TASKS };
  for (const wanted of [{ elements: [about.element] }, {}]) {
    const page = await kernel.procedures.tasks(kernel.database, { ...query, ...wanted });
    const [next] = await withoutRecused(kernel, page, about.officialId);
    if (next) return next;
  }
  return undefined;
}

function roomsOf(kernel: Kernel, post: PostRef): readonly string[] {
  return [...kernel.systems.keys()].filter((room) => isOfPost(kernel, post, kernel.authorityOf(room)));
}

/** The open tasks of the whole authority, whoever may do them and whoever holds them, in the cases that the reader may open. */
export function queueOf(kernel: Kernel, act: Act, about: TaskFilter): Promise<readonly TaskListItem[]> {
  const duties = new Set(
    [...kernel.systems.values()].flatMap(({ contract }) =>
      Object.values(contract.services).flatMap(({ procedure }) =>
        Object.values(procedure.tasks).map(({ duty }) => duty),
      ),
    ),
  );
  const shown = shownCases(kernel, act, readingOfItems(kernel, roomsOf(kernel, about.post)), LOOKED_UP);
  return listTasks(kernel, about, { duties: [...duties] }, shown);
}

async function listTasks(
  kernel: Kernel,
  { post, after, elements, held }: TaskFilter,
  query: Pick<TaskQuery, "duties" | "for">,
  shown: ShownCases,
): Promise<readonly TaskListItem[]> {
  if (shown.none) return [];
  const rooms = roomsOf(kernel, post);
  const tasks: QueuedTask[] = [];
  // A page stays full where some of it falls away: a list that ends early would hide what follows.
  for (let from = after; ; ) {
    const page = await kernel.procedures.tasks(kernel.database, {
      ...query,
      rooms,
      shown: shown.where,
      limit: MAX_TASK_PAGE,
      ...(from && { after: from }),
      ...(elements && { elements }),
      ...(held && { held }),
    });
    tasks.push(...(query.for === undefined ? page : await withoutRecused(kernel, page, query.for)));
    const last = page.at(-1);
    if (page.length < MAX_TASK_PAGE || tasks.length >= MAX_TASK_PAGE || !last) break;
    from = { dueOn: last.dueOn, openedAt: last.openedAt, caseId: last.caseId, taskId: last.taskId };
  }
  const listed = tasks.slice(0, MAX_TASK_PAGE);
  const applications = await readApplications(
    kernel,
    kernel.database,
    listed.map((task) => task.caseId),
  );
  return listed.map((task) => {
    const application = applications.get(task.caseId);
    return { ...task, application, applicantName: application ? nameOf(application) : "" };
  });
}

/** Whoever took back his hand from a case is not offered it again. */
async function withoutRecused(
  kernel: Kernel,
  tasks: readonly QueuedTask[],
  officialId: string,
): Promise<readonly QueuedTask[]> {
  if (tasks.length === 0) return tasks;
  const rows = await kernel.database.query<{ case_id: string }>(
    `SELECT DISTINCT case_id FROM service.record
     WHERE case_id = ANY($1::uuid[]) AND element = $2 AND by_kind = 'official' AND by_id = $3`,
    [tasks.map(({ caseId }) => caseId), RECUSAL, officialId],
  );
  const recused = new Set(rows.map((row) => row.case_id));
  return tasks.filter(({ caseId }) => !recused.has(caseId));
}
