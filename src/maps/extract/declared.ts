import ts from 'typescript';
import { bare } from './bare';
import type { Project } from './project';

const temporal = /\/@temporalio\/(?:workflow|common)\//;
/** Also from inside of Whereabouts itself. */
const kit = /\/(?:src|dist)\/kit\/workflow\/[a-z-]+(?:\.d)?\.ts$/;

/** Where a function that is called comes from. */
export type Origin = 'temporal' | 'kit' | 'language' | 'library' | 'project';

/** A function that is called, as it is declared: `sleep`, or `CancellationScope.withTimeout` for a method. */
export interface Declared {
  origin: Origin;
  name: string;
  declaration: ts.Declaration;
}

/** What symbol an expression names, imports followed. */
export function symbolAt({ checker }: Pick<Project, 'checker'>, node: ts.Node): ts.Symbol | undefined {
  const symbol = checker.getSymbolAtLocation(node);
  return symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The declaration that a call or `new` resolves to, by symbol, whatever it was renamed to. */
export function declaredAt(project: Project, call: ts.CallExpression | ts.NewExpression): Declared | undefined {
  const callee = bare(call.expression);
  const symbol =
    symbolAt(project, ts.isPropertyAccessExpression(callee) ? callee.name : callee) ??
    project.checker.getTypeAtLocation(callee).getSymbol();
  const declaration = symbol?.declarations?.[0];
  if (!symbol || !declaration) return undefined;
  return { origin: originOf(project, declaration), name: nameOf(symbol, declaration), declaration };
}

function nameOf(symbol: ts.Symbol, { parent }: ts.Declaration): string {
  const isMember = ts.isClassLike(parent) || ts.isInterfaceDeclaration(parent);
  return isMember && parent.name ? `${parent.name.text}.${symbol.name}` : symbol.name;
}

/** Which of the sources a declaration belongs to. */
export function originOf({ program }: Pick<Project, 'program'>, declaration: ts.Node): Origin {
  const file = declaration.getSourceFile();
  if (temporal.test(file.fileName)) return 'temporal';
  if (kit.test(file.fileName)) return 'kit';
  if (program.isSourceFileDefaultLibrary(file) || file.fileName.includes('/node_modules/@types/node/'))
    return 'language';
  return file.isDeclarationFile || program.isSourceFileFromExternalLibrary(file) ? 'library' : 'project';
}

/** Whether values of the type can be awaited for what they bring. */
export function isThenable(type: ts.Type): boolean {
  return (type.isUnion() ? type.types : [type]).some((one) => one.getProperty('then') !== undefined);
}

/** Whether nothing is known of the type. */
export function isAny(type: ts.Type): boolean {
  return (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
}

/** Whether a function of the type is an activity of a proxy: the types of Temporal and of the kit say so. */
export function isActivityType({ checker }: Pick<Project, 'checker'>, type: ts.Type): boolean {
  const types = type.isUnion() ? type.types : [type];
  return types.some((one) =>
    checker.getPropertiesOfType(one).some((property) => {
      if (property.name !== 'executeWithOptions' && !property.name.startsWith('__@systemCall')) return false;
      const file = property.declarations?.[0]?.getSourceFile().fileName ?? '';
      return temporal.test(file) || kit.test(file);
    }),
  );
}
