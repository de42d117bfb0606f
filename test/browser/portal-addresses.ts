/** The item of the demonstration. */
export const GUIDE = "/services/quality/foodBusinessLicence";

/** What the shop of the demonstration has. */
export interface ShopCases {
  readonly draft: string;
  /** A case in hand, and one that ended with a licence. */
  readonly checked: string;
  readonly licensed: string;
  readonly licenceNumber: string;
}

/** Every page that a person can open, by name. */
export function portalAddresses({ draft, checked, licensed, licenceNumber }: ShopCases): readonly string[] {
  return [
    "/",
    "/services",
    "/services?q=resturant",
    "/services?q=%E9%A3%9E%E6%9C%BA",
    GUIDE,
    `${GUIDE}/start`,
    `/drafts/${draft}/facts`,
    `/drafts/${draft}/form/1`,
    `/drafts/${draft}/form/3`,
    `/drafts/${draft}/materials`,
    `/drafts/${draft}/review`,
    `/drafts/${draft}/discard`,
    `/drafts/${draft}/wrong/representativeName`,
    `/drafts/${draft}/wrong/applicantName`,
    `/cases/${checked}/received`,
    `/cases/${checked}`,
    `/cases/${licensed}`,
    `/cases/${checked}/send/withdrawn`,
    `/cases/${licensed}/rating`,
    "/my",
    "/my/cases",
    "/my/messages",
    "/my/licences",
    "/my/access",
    "/my/access?of=represented&show=all",
    "/my/powers",
    "/my/corrections",
    "/my/identity",
    "/my/account",
    "/my/email",
    "/my/authorizations",
    "/verify",
    "/verifier",
    `/verify/${licenceNumber}`,
    "/verify/JY10000000000000",
    "/disclosure",
    "/catalogue",
    "/ledger",
    "/privacy",
    "/accessibility",
    "/nothing-here",
  ];
}
