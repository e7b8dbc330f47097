import ts from 'typescript';
import type { Project } from './project';

const subclasses = new WeakMap<ts.Program, ReadonlyMap<ts.Symbol, readonly ts.ClassLikeDeclaration[]>>();

/** Members of classes of the project that may stand for this one, since their class extends that of it. */
export function overridesOf(project: Project, member: ts.Declaration, name: string): ts.ClassElement[] {
  const { parent } = member;
  if (!ts.isClassLike(parent)) return [];
  return subclassesOf(project, parent).flatMap((one) =>
    one.members.filter((other) => other.name && ts.isIdentifier(other.name) && other.name.text === name),
  );
}

function subclassesOf(project: Project, of: ts.ClassLikeDeclaration): ts.ClassLikeDeclaration[] {
  const symbol = project.checker.getTypeAtLocation(of).getSymbol();
  const direct = (symbol && subclassesIn(project).get(symbol)) ?? [];
  return direct.flatMap((one) => [one, ...subclassesOf(project, one)]);
}

function subclassesIn({ program, checker }: Project): ReadonlyMap<ts.Symbol, readonly ts.ClassLikeDeclaration[]> {
  const known = subclasses.get(program);
  if (known) return known;
  const found = new Map<ts.Symbol, ts.ClassLikeDeclaration[]>();
  const look = (node: ts.Node): void => {
    const extended = ts.isClassLike(node)
      ? node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0]
      : undefined;
    const symbol = extended && checker.getTypeAtLocation(extended).getSymbol();
    if (symbol && ts.isClassLike(node)) found.set(symbol, [...(found.get(symbol) ?? []), node]);
    ts.forEachChild(node, look);
  };
  for (const file of program.getSourceFiles()) {
    if (!file.isDeclarationFile && !program.isSourceFileFromExternalLibrary(file)) look(file);
  }
  subclasses.set(program, found);
  return found;
}
