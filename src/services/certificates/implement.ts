import type { z } from "zod";
import { trust } from "#infrastructure/trust";
import type { Context } from "#kernel/system/context";
import { implementer } from "#kernel/system/system";
import { certificates } from "./contract.ts";

export const uses = { trust };

/** Binds this room's contract and what it uses, so that each operation can live in a file of its own. */
export const implement = implementer(certificates, uses);

type Own = Context<typeof certificates, typeof uses, never>;
export type Registers = Own["registers"];
export type Rooms = Own["rooms"];
export type LicenceCertificate = z.output<(typeof certificates)["registers"]["licenceCertificate"]["schema"]>;
