import { isNewPart, type ServiceId } from "./identifier.ts";

/** The class of members that are public authorities. Enterprises are `COM`, other organizations `ORG`, as in existing instances. */
export const AUTHORITY_CLASS = "GOV";
export const MEMBER_CLASSES = [AUTHORITY_CLASS, "COM", "ORG"] as const;
export type MemberClass = (typeof MEMBER_CLASSES)[number];

const MAJOR = /^v([1-9]\d{0,2})$/;

/** A room as it is offered: of which authority, in which major version. */
export interface OfferedRoom {
  readonly authorityCode: string;
  readonly room: string;
  readonly major: number;
}

/**
 * A room's identifier: the member is the authority that keeps the room (its code in the directory), the subsystem the room, the
 * service one major version of its contract. Its operations are the service's endpoints: `…/population/v1/findPerson`.
 */
export function serviceOfRoom(instance: string, offered: OfferedRoom): ServiceId {
  return {
    instance,
    memberClass: AUTHORITY_CLASS,
    memberCode: offered.authorityCode,
    subsystem: offered.room,
    service: `v${offered.major}`,
  };
}

/** The room that an identifier names; undefined where it can name none. Whether there is such a room is another question. */
export function roomOfService(service: ServiceId): OfferedRoom | undefined {
  const major = MAJOR.exec(service.service)?.[1];
  if (service.memberClass !== AUTHORITY_CLASS || major === undefined || !isNewPart(service.memberCode))
    return undefined;
  return { authorityCode: service.memberCode, room: service.subsystem, major: Number(major) };
}
