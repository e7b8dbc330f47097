import { WrongUse } from '../wrong-use';

/** A name in the ways it is written: `travel-request`, `travelRequest`, `TravelRequest`, `travel request`. */
export interface Name {
  kebab: string;
  camel: string;
  pascal: string;
  words: string;
}

/** The process to write, and the system that it calls. */
export interface Names {
  process: Name;
  system: Name;
}

/** In characters; ids of cases and lines of code are made of names. */
const longest = 30;

/**
 * The names of a process and its system as they were typed, each in either case (`travel-request`, `travelRequest`). The
 * system of a process is called after it unless told.
 * @throws WrongUse for a name that cannot be one in TypeScript.
 */
export function namesOf(process: string, system?: string): Names {
  const named = nameOf('process', process);
  const names = {
    process: named,
    system: system === undefined ? written(`${named.kebab}-system`) : nameOf('system', system),
  };
  if (names.process.camel !== names.system.camel) return names;
  throw new WrongUse(
    `The process and the system are both named ${named.camel}.`,
    `Name the system otherwise, or leave out --system to have it named ${named.camel}System.`,
  );
}

function nameOf(kind: 'process' | 'system', typed: string): Name {
  const advice = `Give words such as travel-request or travelRequest, at most ${longest} characters.`;
  const refuse = (why: string) => new WrongUse(`The ${kind} cannot be named "${typed}": ${why}.`, advice);
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$|^[a-z][a-zA-Z0-9]*$/.test(typed)) {
    throw refuse('a name is made of letters and digits, and begins with a small letter');
  }
  if (typed.length > longest) throw refuse(`it has ${typed.length} characters`);
  const name = written(typed.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
  if (taken.has(name.camel)) throw refuse(`${name.camel} has a meaning of its own in the code`);
  return name;
}

function written(kebab: string): Name {
  const words = kebab.split('-');
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return { kebab, camel: pascal.charAt(0).toLowerCase() + pascal.slice(1), pascal, words: words.join(' ') };
}

/** Reserved words of JavaScript and TypeScript modules, what a workflow imports, and locals where the system is called. */
const taken = new Set(
  [
    'abstract any arguments as async await boolean break case catch class const continue debugger declare default delete',
    'do else enum eval export extends false finally for from function get if implements import in instanceof interface is',
    'let module namespace never new null number object of package private protected public readonly require return set',
    'static string super switch symbol this throw true try type typeof undefined unknown var void while with yield',
    'approve exclude outcome system',
    'approval approved found input request unknownRequest',
  ].flatMap((words) => words.split(' ')),
);
