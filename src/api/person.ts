export const roles = [
  'administrator',
  'operator',
  'manager',
  'finance director',
  'office manager',
  'accountant',
  'employee',
  'auditor',
] as const;
export type Role = (typeof roles)[number];

/** Who asks. */
export interface Person {
  /** As in `by` and `candidates`, e.g. `E-1002`. */
  id: string;
  name: string;
  roles: Role[];
}
