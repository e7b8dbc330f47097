const excluded: string[] = [];

/**
 * From here on these persons decide and resolve nothing in this case, whatever their role: whom the case is about
 * (separation of duties). After continue-as-new it has to be said again.
 */
export function exclude(...persons: string[]): void {
  excluded.push(...persons);
}

export function excludedPersons(): string[] {
  return excluded;
}

/** Whether the person is one of them; ids are the same without regard to case and to white space around them. */
export function isAmong(person: string, persons: string[]): boolean {
  const known = persons.map(normalised);
  return known.includes(normalised(person));
}

function normalised(person: string): string {
  return person.trim().toLowerCase();
}
