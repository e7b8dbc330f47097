/** Names of the processes of this program, which are loaded when they are asked for: their schemas take a while. */
export function processNames(): string[] {
  const { processes } = require('../processes/catalogue') as typeof import('../processes/catalogue');
  return processes.map(({ name }) => name);
}
