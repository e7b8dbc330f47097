import ts from 'typescript';
import type { Random } from '../replay/random';

/** How deep values of types go that hold themselves. */
const deepest = 6;

/** A random value of a type, as JSON carries it. */
export function valueOfType(checker: ts.TypeChecker, type: ts.Type, random: Random, depth = 0): unknown {
  const inside = (part: ts.Type) => valueOfType(checker, part, random, depth + 1);
  const { flags } = type;
  if (depth > deepest || flags & (ts.TypeFlags.VoidLike | ts.TypeFlags.Never)) return undefined;
  if (flags & ts.TypeFlags.Null) return null;
  if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return random.oneOf([undefined, true, false, 'text', 2]);
  if (type.isStringLiteral() || type.isNumberLiteral()) return type.value;
  if (flags & ts.TypeFlags.BooleanLiteral) return checker.typeToString(type) === 'true';
  if (type.isUnion()) return inside(random.oneOf(type.types));
  if (flags & ts.TypeFlags.TemplateLiteral) return '1 minute';
  if (flags & ts.TypeFlags.StringLike) return random.oneOf(['', 'one', 'two']);
  if (flags & ts.TypeFlags.NumberLike) return random.below(5);
  if (checker.isTupleType(type)) return checker.getTypeArguments(type as ts.TupleTypeReference).map(inside);
  if (checker.isArrayType(type)) {
    const [item] = checker.getTypeArguments(type as ts.TypeReference);
    return item ? random.times(random.below(4), () => inside(item)) : [];
  }
  return objectOfType(checker, type, random, inside);
}

function objectOfType(
  checker: ts.TypeChecker,
  type: ts.Type,
  random: Random,
  inside: (part: ts.Type) => unknown,
): object {
  const given = checker.getPropertiesOfType(type).flatMap((property) => {
    const isLeftOut = (property.flags & ts.SymbolFlags.Optional) !== 0 && random.chance(50);
    const part = checker.getTypeOfSymbol(property);
    return isLeftOut || part.getCallSignatures().length > 0 ? [] : [[property.name, inside(part)] as const];
  });
  return Object.fromEntries(given);
}
