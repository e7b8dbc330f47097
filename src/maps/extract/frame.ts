import ts from 'typescript';

/** What names mean where code runs: parameters of the calls that led there. Everything else is found by its declaration. */
export interface Frame {
  parent?: Frame;
  bindings: ReadonlyMap<ts.Symbol, Binding>;
}

/** An expression in its own frame, or what is taken out of one. */
export type Binding =
  | { expression: ts.Expression; frame: Frame }
  /** A property of what is bound. */
  | { of: Binding; property: string }
  /** One of a list, which is bound. */
  | { elementOf: Binding }
  /** What is given, or the default where that is undefined. */
  | { given: Binding; byDefault: Binding };

export const outermost: Frame = { bindings: new Map() };

export function bindingOf(symbol: ts.Symbol, frame: Frame): Binding | undefined {
  for (let at: Frame | undefined = frame; at; at = at.parent) {
    const found = at.bindings.get(symbol);
    if (found) return found;
  }
  return undefined;
}

/** All that names are bound to. */
export function bindingsIn({ parent, bindings }: Frame): Binding[] {
  return [...bindings.values(), ...(parent ? bindingsIn(parent) : [])];
}

/** The frame of a call: the function's own, with what its parameters are bound to. */
export function frameOfCall(
  checker: ts.TypeChecker,
  parameters: readonly ts.ParameterDeclaration[],
  passed: readonly (Binding | undefined)[],
  parent: Frame,
): Frame {
  const bindings = new Map<ts.Symbol, Binding>();
  const withDefault = (given: Binding, initializer: ts.Expression | undefined): Binding =>
    initializer ? { given, byDefault: { expression: initializer, frame: parent } } : given;
  const mayBeUndefined = (binding: Binding): boolean =>
    !('expression' in binding) || isOptional(checker.getTypeAtLocation(binding.expression));
  const bind = (name: ts.BindingName, binding: Binding): void => {
    if (ts.isIdentifier(name)) {
      const symbol = checker.getSymbolAtLocation(name);
      if (symbol) bindings.set(symbol, binding);
      return;
    }
    for (const element of name.elements) {
      if (ts.isOmittedExpression(element) || element.dotDotDotToken) continue;
      const isList = ts.isArrayBindingPattern(name);
      const taken: Binding = isList ? { elementOf: binding } : { of: binding, property: propertyOf(element) };
      bind(element.name, withDefault(taken, element.initializer));
    }
  };
  for (const [index, { name, initializer }] of parameters.entries()) {
    const own = passed[index];
    const byDefault = initializer && { expression: initializer, frame: parent };
    const binding = own ? withDefault(own, mayBeUndefined(own) ? initializer : undefined) : byDefault;
    if (binding) bind(name, binding);
  }
  return { parent, bindings };
}

/** The property that an element of a pattern takes. */
export function propertyOf({ propertyName, name }: ts.BindingElement): string {
  const from = propertyName ?? name;
  return ts.isIdentifier(from) || ts.isStringLiteral(from) ? from.text : '';
}

function isOptional(type: ts.Type): boolean {
  const { Undefined, Any, Unknown } = ts.TypeFlags;
  return (type.isUnion() ? type.types : [type]).some(({ flags }) => (flags & (Undefined | Any | Unknown)) !== 0);
}
