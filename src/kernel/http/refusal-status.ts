import type { DoorRefusal } from "../contract/refusal.ts";

/** The HTTP status of each refusal that every door may give. */
export const DOOR_STATUS: Readonly<Record<DoorRefusal, number>> = {
  denied: 403,
  unavailable: 503,
  "invalid-input": 422,
  "purpose-missing": 403,
  "repeated-differently": 409,
  "assurance-needed": 403,
  "quota-spent": 429,
};

/** A refusal that the contract itself lists: the request was understood, and the answer is no. */
export const REFUSED_STATUS = 409;

/** The longest `Idempotency-Key`. */
export const MAX_KEY_CHARACTERS = 200;
