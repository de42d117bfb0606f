import { phaseBanner } from "#ui/components/phase-banner/phase-banner";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("phase-banner", phaseBanner);
