import { breadcrumbs } from "#ui/components/breadcrumbs/breadcrumbs";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("breadcrumbs", breadcrumbs);
