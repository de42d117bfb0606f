import { z } from "zod";
import { command, defineContract, query } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { text } from "#lib/language/text";
import { networkOperations } from "./network-contract.ts";
import { ADMINISTER, DELEGATE, networkRegisters } from "./network-registers.ts";
import {
  Authority,
  BothLanguages,
  DivisionCode,
  DutyName,
  NAME_LENGTH_MAX,
  Official,
  ORGAN_KINDS,
  type OrganKind,
  Post,
  REASON_LENGTH_MAX,
  registers,
} from "./registers.ts";

export {
  ADMINISTER,
  APPROVE,
  CHANGE_STATUSES,
  CHANGES,
  DELEGATE,
  JOINING_STATUSES,
  NODE_STATES,
  ZONES,
} from "./network-registers.ts";

/** The most entries that one answer lists. */
export const LIST_LENGTH_MAX = 200;
const PAGE_POSITION_LENGTH_MAX = 1_000;

const Id = z.uuid();
const Day = z.iso.date();
const Key = z.object({ id: Id });
/** As `next` of the page before gave it: sealed, and as long as a long name makes it. */
const PagePosition = z.string().max(PAGE_POSITION_LENGTH_MAX);
const Kind = z.enum(Object.keys(ORGAN_KINDS) as [OrganKind, ...OrganKind[]]);
const FromDay = field(Day, { title: text("开始日期", "From"), kind: "date" });
const ToDay = field(Day, { title: text("结束日期", "To"), kind: "date" });

const AuthorityView = Authority.extend({
  id: Id,
  /** What stands today in place of one that was merged. */
  mergedInto: field(Id.optional(), { title: text("已并入", "Merged into") }),
});
const PostView = z.object({
  id: Id,
  title: BothLanguages,
  authority: Id,
  authorityName: BothLanguages,
  division: DivisionCode,
  duties: z.array(DutyName),
});
const HeldPost = PostView.extend({
  appointment: Id.optional(),
  /** On leave: the stand-in has the duties, all but that of ending the leave. */
  onLeave: z.boolean(),
  /** Whose post it is, when it is held as a stand-in. */
  standsInFor: Id.optional(),
});
const DivisionView = z.object({
  code: DivisionCode,
  name: z.string(),
  level: z.enum(["province", "city", "county", "town"]),
});
const AppointmentView = z.object({
  id: Id,
  official: Id,
  officialName: z.string(),
  post: Id,
  from: z.string(),
  to: z.string().optional(),
});

const administration = { audience: ["official", "node"], duty: ADMINISTER, legalBasis: [] } as const;
const noSuchAuthority = text("没有这个机构，请核对。", "There is no such authority; please check.");
const noSuchPost = text("没有这个岗位，请核对。", "There is no such post; please check.");
const noSuchOfficial = text("没有这位工作人员，请核对。", "There is no such official; please check.");
const badPeriod = text("结束日期早于开始日期，请更正。", "The end is before the start; please correct the dates.");

export const directory = defineContract({
  id: "directory",
  version: "1.0",
  title: text("机构目录", "Directory"),
  steward: text("机构编制部门", "Office of public-sector establishment"),
  operators: ADMINISTER,
  ofEveryNode: true,
  registers: { ...registers, ...networkRegisters },
  operations: {
    ...networkOperations,
    findAuthority: query({
      title: text("查询机构", "Find an authority"),
      audience: ["public"],
      input: z.union([z.strictObject({ id: Id }), z.strictObject({ code: z.string().min(1).max(40) })]),
      output: AuthorityView,
      refusals: { "not-found": noSuchAuthority },
      legalBasis: [],
    }),
    listAuthorities: query({
      title: text("机构列表", "List authorities"),
      audience: ["public"],
      input: z.object({
        division: DivisionCode.optional(),
        kind: Kind.optional(),
        after: PagePosition.optional(),
      }),
      output: z.object({ items: z.array(AuthorityView), next: z.string().optional() }),
      refusals: {},
      legalBasis: [],
    }),
    findPost: query({
      title: text("查询岗位", "Find a post"),
      audience: ["official", "node"],
      duty: DELEGATE,
      input: Key,
      output: PostView,
      refusals: { "not-found": noSuchPost },
      legalBasis: [],
    }),
    listPosts: query({
      lists: "post",
      title: text("机构的岗位", "Posts of an authority"),
      audience: ["official", "node"],
      duty: DELEGATE,
      input: z.object({ authority: Id }),
      output: z.object({ items: z.array(PostView) }),
      refusals: { "not-found": noSuchAuthority },
      legalBasis: [],
    }),
    findOfficial: query({
      title: text("查询工作人员", "Find an official"),
      audience: ["official", "node"],
      duty: DELEGATE,
      input: Key,
      output: Official.extend({ id: Id }),
      refusals: { "not-found": noSuchOfficial },
      legalBasis: [],
    }),
    listOfficials: query({
      lists: "official",
      title: text("机构的工作人员", "Officials of an authority"),
      audience: ["official", "node"],
      duty: DELEGATE,
      input: z.object({ authority: Id, after: PagePosition.optional() }),
      output: z.object({ items: z.array(Official.extend({ id: Id })), next: z.string().optional() }),
      refusals: {},
      legalBasis: [],
    }),
    postsOf: query({
      lists: "appointment",
      title: text("某人的岗位", "Posts of an official"),
      audience: ["official", "node"],
      duty: DELEGATE,
      input: z.object({ official: Id }),
      output: z.object({ name: z.string(), items: z.array(HeldPost) }),
      refusals: { "not-found": noSuchOfficial },
      legalBasis: [],
    }),
    holdersOf: query({
      lists: "post",
      title: text("有某项职责的人员", "Who has a duty in an authority"),
      audience: ["official", "node"],
      duty: DELEGATE,
      input: z.object({ authority: Id, duty: DutyName }),
      output: z.object({
        items: z.array(z.object({ officialId: Id, postId: Id, name: z.string(), standsInFor: Id.optional() })),
      }),
      refusals: {},
      legalBasis: [],
    }),
    listAppointments: query({
      lists: "appointment",
      title: text("岗位的任职", "Appointments to a post"),
      audience: ["official", "node"],
      duty: DELEGATE,
      input: z.object({ post: Id }),
      output: z.object({ items: z.array(AppointmentView) }),
      refusals: {},
      legalBasis: [],
    }),
    listDelegations: query({
      lists: "delegation",
      title: text("某人的代理安排", "Stand-ins of an official"),
      audience: ["official", "node"],
      duty: DELEGATE,
      input: z.object({ official: Id }),
      output: z.object({
        items: z.array(
          z.object({
            id: Id,
            post: Id,
            standIn: Id,
            standInName: z.string(),
            reason: z.string(),
            from: Day,
            to: Day,
          }),
        ),
      }),
      refusals: {},
      legalBasis: [],
    }),
    divisions: query({
      title: text("行政区划", "Divisions"),
      audience: ["public"],
      input: z.object({ parent: DivisionCode.optional() }),
      output: z.object({ items: z.array(DivisionView) }),
      refusals: {},
      legalBasis: [],
    }),
    findDivision: query({
      title: text("查询行政区划", "Find a division"),
      audience: ["public"],
      input: z.object({ code: DivisionCode }),
      /** `path`: from the province down to the division itself. `renumberedFrom`: the code that was asked for, where it is another one today. */
      output: DivisionView.extend({ path: z.array(z.string()), renumberedFrom: DivisionCode.optional() }),
      refusals: {
        "not-found": text("没有这个行政区划代码，请核对。", "There is no such division code; please check."),
      },
      legalBasis: [],
    }),
    createDivision: command({
      ...administration,
      title: text("补充行政区划", "Add a division"),
      input: z.object({ code: DivisionCode, name: z.string().trim().min(1).max(NAME_LENGTH_MAX) }),
      output: Key,
      refusals: { exists: text("该行政区划代码已存在。", "This division code exists already.") },
    }),
    createAuthority: command({
      ...administration,
      title: text("新增机构", "Add an authority"),
      input: Authority,
      output: Key,
      refusals: {
        exists: text("该机构代码已被使用，请换一个。", "This authority code is taken; please choose another."),
        "parent-not-found": text("没有这个上级机构，请核对。", "There is no such parent authority; please check."),
      },
    }),
    createPost: command({
      ...administration,
      title: text("新增岗位", "Add a post"),
      input: Post,
      output: Key,
      refusals: {
        "authority-not-found": noSuchAuthority,
        "duties-conflict": text(
          "这些职责不能由同一岗位承担：{conflict}",
          "One post must not have these duties together: {conflict}",
        ),
      },
    }),
    createOfficial: command({
      ...administration,
      title: text("新增工作人员", "Add an official"),
      input: Official,
      output: Key,
      refusals: { "authority-not-found": noSuchAuthority },
    }),
    appoint: command({
      ...administration,
      title: text("任职", "Appoint to a post"),
      input: z.object({
        official: field(Id, { title: text("人员", "Official") }),
        post: field(Id, { title: text("岗位", "Post") }),
        from: FromDay,
        to: ToDay.optional(),
      }),
      output: Key,
      refusals: {
        "official-not-found": noSuchOfficial,
        "post-not-found": noSuchPost,
        "other-authority": text(
          "该人员不属于岗位所在机构，请先调入。",
          "This official belongs to another authority; transfer them first.",
        ),
        "already-appointed": text("该人员已担任此岗位。", "This official holds the post already."),
        "bad-period": badPeriod,
      },
    }),
    endAppointment: command({
      ...administration,
      title: text("免职", "End an appointment"),
      input: z.object({ id: Id, to: ToDay }),
      output: Key,
      refusals: {
        "not-found": text("没有这项任职，或已结束。", "There is no such appointment, or it has ended."),
        "bad-period": badPeriod,
      },
    }),
    delegate: command({
      title: text("请假代理", "Name a stand-in for a leave"),
      audience: ["official", "node"],
      duty: DELEGATE,
      input: z.object({
        official: field(Id, { title: text("请假人员", "Official on leave") }),
        post: field(Id, { title: text("岗位", "Post") }),
        standIn: field(Id, { title: text("代理人员", "Stand-in") }),
        from: FromDay,
        to: ToDay,
        reason: field(z.string().trim().min(1).max(REASON_LENGTH_MAX), {
          title: text("事由", "Reason"),
          kind: "textarea",
        }),
      }),
      output: Key,
      refusals: {
        "not-yours": text(
          "只能为自己的岗位安排代理；为他人安排请找本单位管理员。",
          "You can name a stand-in for your own post only; an administrator can do so for others.",
        ),
        "not-held": text("该人员不担任此岗位。", "This official does not hold the post."),
        "stand-in-not-found": text("没有这位代理人员，请核对。", "There is no such stand-in; please check."),
        "stand-in-unfit": text(
          "代理人员应为本机构的另一位人员。",
          "A stand-in is another official of the same authority.",
        ),
        "already-on-leave": text("这段时间已安排了代理。", "There is a stand-in for this time already."),
        "bad-period": badPeriod,
      },
      legalBasis: [],
    }),
    endDelegation: command({
      title: text("结束代理", "End a leave"),
      audience: ["official", "node"],
      duty: DELEGATE,
      input: Key,
      output: Key,
      refusals: {
        "not-found": text("没有这项代理，或已结束。", "There is no such leave, or it has ended."),
        "not-yours": text(
          "只能结束自己的代理；其他请找本单位管理员。",
          "You can end your own leave only; an administrator can end others'.",
        ),
      },
      legalBasis: [],
    }),
  },
});
