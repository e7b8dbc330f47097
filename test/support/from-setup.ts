/** What the set-up of the tests left in this variable. */
export function fromSetup(variable: string): string {
  const value = process.env[variable];
  if (value === undefined)
    throw new Error(`${variable} is not set: tests run under jest with test/support/global-setup.ts`);
  return value;
}
