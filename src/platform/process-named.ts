import { processes } from '../processes/catalogue';
import type { Process } from '../processes/process';
import { didYouMean } from '../service/did-you-mean';
import { UserError } from './user-error';

/**
 * The process of a name.
 * @throws UserError when there is none.
 */
export function processNamed(name: string): Process {
  const found = processes.find((process) => process.name === name);
  if (found) return found;
  const names = processes.map((process) => process.name);
  const hint = didYouMean(name, names) || `; there is ${names.join(', ')}`;
  throw new UserError(`There is no process ${name}${hint}`, 'Name a process that there is.');
}
