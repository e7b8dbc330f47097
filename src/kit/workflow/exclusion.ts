const excluded = new Set<string>();

/**
 * From here on these persons decide and resolve nothing in this case, whatever their role: whom the case is about
 * (separation of duties). After continue-as-new it has to be said again.
 */
export function exclude(...persons: string[]): void {
  for (const person of persons) excluded.add(person);
}

export function excludedPersons(): string[] {
  return [...excluded];
}
