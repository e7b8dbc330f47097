import ts from 'typescript';
import type { Project, Workflow } from '../../../src/maps/extract';
import { declaredAt, type Declared } from '../../../src/maps/extract/declared';

/** What the types of a project tell of what workflows are given. */
export interface Told {
  checker: ts.TypeChecker;
  /** What activities answer, by their names. */
  activities: ReadonlyMap<string, ts.Type>;
  /** What messages carry, by their names. */
  messages: ReadonlyMap<string, readonly ts.Type[]>;
}

const proxies = new Set(['proxyActivities', 'proxyLocalActivities', 'system']);
const messageMakers = new Set(['defineSignal', 'defineUpdate']);

export function toldBy(project: Project): Told {
  const { checker, program } = project;
  const activities = new Map<string, ts.Type>();
  const messages = new Map<string, readonly ts.Type[]>();
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const declared = declaredAt(project, node);
      if (declared && isOurs(declared, proxies)) addActivities(checker, node, declared.name === 'system', activities);
      if (declared && isOurs(declared, messageMakers)) addMessage(checker, node, declared.name, messages);
    }
    ts.forEachChild(node, look);
  };
  for (const file of program.getSourceFiles()) if (!file.isDeclarationFile) look(file);
  return { checker, activities, messages };
}

function isOurs({ origin, name }: Declared, names: ReadonlySet<string>): boolean {
  return (origin === 'temporal' || origin === 'kit') && names.has(name);
}

function addActivities(
  checker: ts.TypeChecker,
  call: ts.CallExpression,
  isSystem: boolean,
  activities: Map<string, ts.Type>,
): void {
  const [first] = call.arguments;
  const prefix = isSystem && first && ts.isStringLiteral(first) ? `${first.text}.` : '';
  for (const property of checker.getPropertiesOfType(checker.getTypeAtLocation(call))) {
    const [signature] = checker.getTypeOfSymbol(property).getCallSignatures();
    const answer = signature && checker.getAwaitedType(checker.getReturnTypeOfSignature(signature));
    if (answer) activities.set(`${prefix}${property.name}`, answer);
  }
}

function addMessage(
  checker: ts.TypeChecker,
  call: ts.CallExpression,
  maker: string,
  messages: Map<string, readonly ts.Type[]>,
): void {
  const [first] = call.arguments;
  if (!first || !ts.isStringLiteral(first)) return;
  const definition = checker.getTypeAtLocation(call);
  const parts = definition.aliasTypeArguments ?? checker.getTypeArguments(definition as ts.TypeReference);
  const carried = maker === 'defineUpdate' ? parts[1] : parts[0];
  messages.set(first.text, carried && checker.isTupleType(carried) ? typesIn(checker, carried) : []);
}

function typesIn(checker: ts.TypeChecker, tuple: ts.Type): readonly ts.Type[] {
  return checker.getTypeArguments(tuple as ts.TupleTypeReference);
}

/** The types of what a workflow is started with. */
export function inputOf({ checker }: Told, { node }: Workflow): ts.Type[] {
  return node.parameters.map((parameter) => checker.getTypeAtLocation(parameter));
}
