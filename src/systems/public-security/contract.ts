import { z } from "zod";
import { cite, LICENSING_LAW } from "#kernel/contract/citation";
import { command, defineContract, query, register, service } from "#kernel/contract/contract";
import { field } from "#kernel/contract/field";
import { withNeeds } from "#kernel/contract/form-rules";
import { text } from "#lib/language/text";
import { licensing } from "#standards/procedures";

const ROAD_TRAFFIC_LAW = text("道路交通安全法", "Road Traffic Safety Law");
const NAME_LENGTH_MAX = 100;
const PLATE_LENGTH_MAX = 20;
const MIB = 1024 * 1024;

const VEHICLES = {
  "electric-bicycle": text("电动自行车", "Electric bicycle"),
  wheelchair: text("残疾人机动轮椅车", "Motorized wheelchair"),
} as const;
const vehicle = field(z.enum(["electric-bicycle", "wheelchair"]), {
  title: text("车辆类型", "Kind of vehicle"),
  kind: "radios",
  options: VEHICLES,
});
const brand = field(z.string().trim().min(1).max(NAME_LENGTH_MAX), { title: text("品牌和型号", "Make and model") });
const frameNumber = field(
  z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9-]{4,30}$/),
  {
    title: text("车架号（整车编码）", "Frame number"),
    hint: text(
      "打刻在车架上，也印在合格证上，4 至 30 位字母、数字",
      "Stamped on the frame and printed on the certificate: 4 to 30 letters and digits",
    ),
  },
);
const plate = field(z.string().trim().max(PLATE_LENGTH_MAX), { title: text("号牌号码", "Plate") });
const END_REASONS = {
  scrapped: text("报废、灭失", "Scrapped or destroyed"),
  sold: text("转让，不再归车主所有", "Passed on to somebody else"),
  unused: text("不再上道路行驶", "No longer used on the road"),
  deceased: text("车主去世", "The owner has died"),
} as const;
const endReason = field(z.enum(["scrapped", "sold", "unused", "deceased"]), {
  title: text("注销原因", "Why it ends"),
  kind: "radios",
  options: END_REASONS,
});
const STATUSES = { registered: text("已登记", "Registered"), ended: text("已注销", "Ended") } as const;

/** A vehicle without an engine of its own class (非机动车) that has to be registered before it is used on the road. */
const Vehicle = z.object({
  plate: field(z.string().max(PLATE_LENGTH_MAX), { title: text("号牌号码", "Plate"), lookup: "unique" }),
  holderId: field(z.uuid(), { title: text("车主", "Owner"), lookup: "exact" }),
  holderName: field(z.string().max(NAME_LENGTH_MAX), {
    title: text("车主姓名", "Owner's name"),
    lookup: "name",
  }),
  vehicle,
  brand,
  frameNumber: field(z.string().max(30), { title: text("车架号（整车编码）", "Frame number"), lookup: "exact" }),
  status: field(z.enum(["registered", "ended"]), { title: text("状态", "Status"), options: STATUSES }),
  registeredOn: field(z.iso.date(), { title: text("登记日期", "Registered on") }),
  endedOn: field(z.iso.date().optional(), { title: text("注销日期", "Ended on") }),
  endReason: endReason.optional(),
  authority: field(z.uuid(), { title: text("登记机关", "Registered by") }),
  caseId: field(z.uuid(), { title: text("办件", "Case"), lookup: "exact" }),
});

const form = withNeeds(
  z.object({
    kind: field(z.enum(["register", "end"]), {
      title: text("办理事项", "What you need"),
      kind: "radios",
      options: {
        register: text("注册登记，领取号牌", "Register a vehicle and get a plate"),
        end: text("注销登记", "End a registration"),
      },
    }),
    plate: field(plate.optional(), {
      title: text("要注销的号牌号码", "Plate whose registration ends"),
      hint: text("注销登记时填写", "Needed to end a registration"),
    }),
    endReason: field(endReason.optional(), {
      title: text("注销原因", "Why it ends"),
      hint: text("注销登记时填写", "Needed to end a registration"),
      kind: "radios",
      options: END_REASONS,
    }),
    wardInterest: field(z.string().trim().min(1).max(500).optional(), {
      title: text("为何符合被监护人的利益", "Why this is in the ward's interest"),
      hint: text(
        "只由监护人注销被监护人的车辆时填写：除为维护被监护人利益外，监护人不得处分其财产（民法典第三十五条）",
        "Needed only where a guardian ends the registration of the ward's vehicle: a guardian disposes of the ward's property in the ward's interest alone (Civil Code, art. 35)",
      ),
      kind: "textarea",
      sensitive: true,
    }),
    vehicle: field(vehicle.optional(), {
      title: text("车辆类型", "Kind of vehicle"),
      hint: text("注册登记时填写", "Needed to register a vehicle"),
      kind: "radios",
      options: VEHICLES,
    }),
    brand: field(brand.optional(), {
      title: text("品牌和型号", "Make and model"),
      hint: text("注册登记时填写，例如“清源牌 TDT99Z”", "Needed to register a vehicle, such as “Qingyuan TDT99Z”"),
    }),
    frameNumber: frameNumber.optional(),
  }),
  [
    ...(
      [
        ["vehicle", text("请选择车辆类型", "Choose the kind of vehicle")],
        ["brand", text("请填写品牌和型号", "Enter make and model")],
        ["frameNumber", text("请填写车架号", "Enter the frame number")],
      ] as const
    ).map(([name, message]) => ({
      field: name,
      when: (entered: Readonly<Record<string, unknown>>) => entered["kind"] === "register",
      message,
    })),
    ...(
      [
        ["plate", text("请填写或选择号牌号码", "Enter or choose the plate")],
        ["endReason", text("请选择注销原因", "Choose why it ends")],
      ] as const
    ).map(([name, message]) => ({
      field: name,
      when: (entered: Readonly<Record<string, unknown>>) => entered["kind"] === "end",
      message,
    })),
  ],
);

const caseUnknown = text("没有这个办件。", "There is no such case.");
const POPULATION = text("人口基础信息库", "Population register");

export const publicSecurity = defineContract({
  id: "public-security",
  version: "1.0",
  title: text("公安交通管理", "Public security: road traffic"),
  steward: text("公安机关交通管理部门", "Traffic administration of public security"),
  registers: {
    vehicle: register({
      title: text("非机动车登记", "Registered non-motor vehicles"),
      schema: Vehicle,
      subject: { kind: "person", by: "holderId" },
      legalBasis: [cite(ROAD_TRAFFIC_LAW, "第十八条")],
      retention: { years: 5 },
    }),
  },
  operations: {
    vehiclesOf: query({
      unfiltered: "own",
      title: text("本人的非机动车", "One's own vehicles"),
      audience: ["person"],
      input: z.object({}),
      output: z.object({ items: z.array(Vehicle.omit({ caseId: true, authority: true, holderId: true })) }),
      refusals: {},
      legalBasis: [cite(ROAD_TRAFFIC_LAW, "第十八条")],
    }),
    recordVehicle: command({
      title: text("登记或者注销非机动车", "Register a vehicle, or end its registration"),
      audience: ["node"],
      input: z.object({ caseId: z.uuid() }),
      output: z.object({
        certificate: z.literal("none"),
        licenceNumber: z.string(),
        businessType: z.string(),
        scope: z.array(z.string()),
      }),
      refusals: {
        "case-unknown": caseUnknown,
        "not-registered": text("这辆车的登记已经注销。", "The registration of this vehicle has ended."),
        taken: text("这个车架号已由他人登记。", "This frame number is registered already."),
        "numbers-used-up": text("号牌号码已用完。", "There are no plates left."),
      },
      legalBasis: [cite(ROAD_TRAFFIC_LAW, "第十八条")],
    }),
    publishVehicleDecision: command({
      title: text("公开登记决定", "Publish the decision"),
      audience: ["node"],
      input: z.object({ caseId: z.uuid() }),
      output: z.object({}),
      refusals: { "case-unknown": caseUnknown },
      legalBasis: [cite(LICENSING_LAW, "第四十条")],
    }),
  },
  services: {
    vehicleRegistration: service({
      title: text("非机动车登记（电动自行车、轮椅车）", "Registration of electric bicycles and wheelchairs"),
      summary: text(
        "电动自行车、残疾人机动轮椅车登记后方可上道路行驶；车辆报废、转让，或者车主去世的，办理注销。监护人、受托人可以代办，继承人可以注销。",
        "Electric bicycles and motorized wheelchairs are registered before they are used on the road; the registration ends when one is scrapped, sold, or its owner has died. Guardians and agents may apply for somebody, heirs may end it.",
      ),
      keywords: [
        "电动车",
        "电动自行车",
        "上牌",
        "号牌",
        "轮椅",
        "注销",
        "electric bicycle",
        "plate",
        "wheelchair",
        "vehicle",
      ],
      applicants: ["person"],
      forOthers: ["guardian", "heir", "agent"],
      form,
      offers: {
        plate: {
          operation: "vehiclesOf",
          value: "plate",
          words: ["plate", "vehicle", "brand"],
          only: { status: "registered" },
        },
      },
      formPages: [
        { title: text("办什么", "What you need"), fields: ["kind", "plate", "endReason", "wardInterest"] },
        { title: text("车辆", "The vehicle"), fields: ["vehicle", "brand", "frameNumber"] },
      ],
      facts: {
        applicantName: { title: text("车主姓名", "Owner"), source: POPULATION },
        applicantDocument: { title: text("身份证件号码", "Identity number"), source: POPULATION },
        applicantStatus: {
          title: text("车主是否健在", "Whether the owner is alive"),
          source: POPULATION,
          terms: [text("健在", "alive"), text("已去世", "deceased")],
        },
        actorName: { title: text("办理人", "Who applies"), source: POPULATION },
        right: {
          title: text("办理人以什么身份办理", "By which right this is applied for"),
          source: text("人口基础信息库、代理权限登记", "Population register, register of powers"),
          terms: [
            text("本人", "the owner"),
            text("监护人", "guardian"),
            text("继承人", "heir"),
            text("受托人", "agent"),
          ],
        },
      },
      materials: {
        proof: {
          title: text("购车凭证和整车合格证", "Proof of purchase and certificate of the vehicle"),
          hint: text(
            "注册登记时提交照片或者 PDF；注销的不必提交",
            "A photograph or PDF, to register a vehicle; not needed to end a registration",
          ),
          required: false,
          mediaTypes: ["application/pdf", "image/jpeg", "image/png"],
          maxBytes: 10 * MIB,
        },
      },
      procedure: licensing,
      fee: text("不收费", "Free of charge"),
      assurance: { level: 2, withinMinutes: 30, once: true },
      limits: { promisedDays: 3, statutoryDays: 20, lawDays: 20 },
      result: text("登记决定和号牌号码", "The decision, and the plate"),
      retention: { years: 5 },
      legalBasis: [cite(ROAD_TRAFFIC_LAW, "第十八条"), cite(LICENSING_LAW, "第四章"), cite(LICENSING_LAW, "第七十条")],
      numberPrefix: "FJ",
    }),
  },
});
