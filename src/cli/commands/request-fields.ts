import { parseArgs } from 'node:util';
import { didYouMean } from '../../service/did-you-mean';
import { fieldsOf } from '../../platform/field-errors';
import { processes } from '../../processes/catalogue';
import type { Process } from '../../processes/process';
import { WrongUse } from '../wrong-use';

/** What `start --help` says about the fields of each process. */
export function helpOnFields(): string {
  const widest = Math.max(...processes.map(({ name }) => name.length));
  const lines = processes.map((process) => `  ${process.name.padEnd(widest)}  ${usageOf(process)}`);
  return ['', 'Fields of each process:', ...lines].join('\n');
}

/**
 * The request that words such as `--employee E-1003` make for a process.
 * @throws WrongUse for a field that the process does not have, or one without a value.
 */
export function requestOf(process: Process, words: string[]): Record<string, unknown> {
  const fields = fieldsOf(process.request);
  const advice = `${process.name} takes ${usageOf(process)}, or --file <file>.`;
  const unknown = words.flatMap((word) => /^--([^=]+)/.exec(word)?.[1] ?? []).find((field) => !fields.includes(field));
  if (unknown !== undefined) {
    throw new WrongUse(`${process.name} has no field ${unknown}${didYouMean(unknown, fields)}`, advice);
  }
  try {
    const options = Object.fromEntries(fields.map((field) => [field, { type: 'string' as const }]));
    return { ...parseArgs({ args: words, options, strict: true }).values };
  } catch (error) {
    throw new WrongUse((error as Error).message, advice);
  }
}

function usageOf({ request }: Process): string {
  return fieldsOf(request)
    .map((field) => `--${field} <${field}>`)
    .join(' ');
}
