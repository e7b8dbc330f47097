import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { Process } from '../processes/process';
import { fieldErrors, type LocatedError } from './field-errors';
import { inWords } from './field-words';
import { packageRoot } from './package';
import { UserError } from './user-error';

/** The folder of settings files: `WHEREABOUTS_SETTINGS`, else `settings` of the clone. */
export function settingsFolder(env: Record<string, string | undefined> = process.env): string {
  return env['WHEREABOUTS_SETTINGS'] ? resolve(env['WHEREABOUTS_SETTINGS']) : join(packageRoot, 'settings');
}

/**
 * Reads what a user configured about a process, `<folder>/<process>.yaml`; undefined when there is nothing to configure.
 * @throws UserError naming file, line, field, value and what is allowed.
 */
export async function readSettings<Settings>(
  { name, settings }: Pick<Process<never, Settings>, 'name' | 'settings'>,
  folder = settingsFolder(),
): Promise<Settings> {
  if (!settings) return undefined as Settings;
  const file = join(folder, `${name}.yaml`);
  const text = await readText(file);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) throw mistakes(file, [`line ${lines.linePos(broken.pos[0]).line}: ${broken.message}`]);
  const content: unknown = document.toJS();
  const parsed = settings.safeParse(content);
  if (parsed.success) return parsed.data;
  throw mistakes(
    file,
    fieldErrors(parsed.error, content, settings).map(
      (error) => `line ${lines.linePos(positionOf(document, error)).line}: ${inWords(error)}`,
    ),
  );
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(
      `The settings file ${shown(file)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Put it there, or set WHEREABOUTS_SETTINGS to the folder of the settings files.',
    );
  }
}

function mistakes(file: string, found: string[]): UserError {
  return new UserError(
    found.map((mistake) => `${shown(file)}, ${mistake}`).join('\n'),
    'Mend the file and try again. Running cases keep the settings they began with.',
  );
}

/** Where a field stands in the text; for a missing one, the part it is missing from. */
function positionOf(document: Document.Parsed, { path }: LocatedError): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(key)) : undefined;
    const node = pair ? pair.key : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range[0] ?? 0;
}

function shown(file: string): string {
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith('..') ? file : fromHere;
}
