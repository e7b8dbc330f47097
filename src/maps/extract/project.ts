import { dirname, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import type { SourcePlace } from '../process-map';

/** Sources of a project, type-checked together. */
export interface Project {
  program: ts.Program;
  checker: ts.TypeChecker;
  /** What places are relative to: the folder of its tsconfig.json, or of its first file, unless told. */
  root: string;
  /** The team that owns a system, by the system's name. */
  teams: Readonly<Record<string, string>>;
}

/** A project that cannot be read; the message says what to do. */
export class UnreadableProject extends Error {
  override readonly name = 'UnreadableProject';
}

/** Reads files, what they import and the nearest tsconfig.json, as one program. */
export function openProject(
  files: readonly string[],
  { teams = {}, root }: Partial<Pick<Project, 'teams' | 'root'>> = {},
): Project {
  const paths = files.map((file) => resolve(file));
  const [first] = paths;
  if (first === undefined) throw new UnreadableProject('No file was given.');
  const config = ts.findConfigFile(dirname(first), ts.sys.fileExists);
  const options: ts.CompilerOptions = {
    ...(config === undefined ? { strict: true, module: ts.ModuleKind.Node20 } : optionsIn(config)),
    noEmit: true,
    skipLibCheck: true,
    incremental: false,
    composite: false,
  };
  const program = ts.createProgram(paths, options, hostFor(options));
  for (const [index, path] of paths.entries()) {
    if (!program.getSourceFile(path)) throw new UnreadableProject(`There is no TypeScript file ${files[index]}.`);
  }
  refuseUnreadable(program, paths, options);
  return { program, checker: program.getTypeChecker(), root: root ?? dirname(config ?? first), teams };
}

/** What cannot be parsed, or has no types of Temporal, would be taken for code in which nothing happens. */
function refuseUnreadable(program: ts.Program, paths: readonly string[], options: ts.CompilerOptions): void {
  for (const path of paths) {
    const source = program.getSourceFile(path);
    const [error] = program.getSyntacticDiagnostics(source);
    if (error?.file) {
      const { line } = error.file.getLineAndCharacterOfPosition(error.start ?? 0);
      const message = ts.flattenDiagnosticMessageText(error.messageText, ' ');
      throw new UnreadableProject(`${path}:${line + 1} is no TypeScript: ${message}`);
    }
    const importing = /from ['"](@temporalio\/workflow)['"]/.exec(source?.text ?? '')?.[1];
    if (importing !== undefined && !ts.resolveModuleName(importing, path, options, ts.sys).resolvedModule) {
      throw new UnreadableProject(
        `${path} imports ${importing}, which is not installed: install the packages of the project.`,
      );
    }
  }
}

/** Comments in declarations of libraries are not read: they are most of what there is to read. */
function hostFor(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, given, ...rest) => {
    const wanted = typeof given === 'object' ? given : { languageVersion: given };
    const { ParseAll, ParseNone } = ts.JSDocParsingMode;
    return read(name, { ...wanted, jsDocParsingMode: name.endsWith('.d.ts') ? ParseNone : ParseAll }, ...rest);
  };
  return host;
}

function optionsIn(config: string): ts.CompilerOptions {
  const read: { config?: unknown; error?: ts.Diagnostic } = ts.readConfigFile(config, ts.sys.readFile);
  const { config: given, error } = read;
  if (error) throw new UnreadableProject(`${config}: ${ts.flattenDiagnosticMessageText(error.messageText, '\n')}`);
  return ts.parseJsonConfigFileContent(given, ts.sys, dirname(config)).options;
}

/** Where a node stands, for people and reports. */
export function placeOf({ root }: Pick<Project, 'root'>, node: ts.Node): SourcePlace {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return { file: relative(root, file.fileName).split(sep).join('/'), line: line + 1 };
}
