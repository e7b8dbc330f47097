import type { SystemClient } from '../service/client';
import type { SystemDefinition } from '../service/system';
import { createAccountingActivities } from './accounting/activities';
import { accounting } from './accounting/service';
import { createBonusActivities } from './bonus/activities';
import { bonus } from './bonus/service';
import { createNotificationsActivities } from './notifications/activities';
import { notifications } from './notifications/service';
import { createPayrollActivities } from './payroll/activities';
import { payroll } from './payroll/service';

/** A system as callers and whoever runs it know it. */
export interface SystemEntry {
  name: string;
  /** What `startSystem` runs; absent for a system that others run. */
  definition?: SystemDefinition;
  /** What workflows may call on it, registered as `<system>.<operation>`. */
  createActivities: (client: SystemClient) => object;
}

/** Every system there is. */
export const systems: readonly SystemEntry[] = [
  entry(accounting, createAccountingActivities),
  entry(bonus, createBonusActivities),
  entry(payroll, createPayrollActivities),
  entry(notifications, createNotificationsActivities),
];

function entry(definition: SystemDefinition, createActivities: (client: SystemClient) => object): SystemEntry {
  return { name: definition.name, definition, createActivities };
}
