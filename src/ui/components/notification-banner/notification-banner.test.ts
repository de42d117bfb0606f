import { notificationBanner } from "#ui/components/notification-banner/notification-banner";
import { testFixtures } from "#ui/testing/govuk-fixtures";

testFixtures("notification-banner", notificationBanner);
