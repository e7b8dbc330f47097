/** `calculateBonus` becomes `Calculate bonus`; `bonus.calculateBonus` too. */
export function humanise(name: string): string {
  const words = (name.split('.').at(-1) ?? name)
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
