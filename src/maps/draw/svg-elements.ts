import { smallSize } from './shapes';

export type Attributes = Record<string, string | number>;

/** An element of SVG; what is in it is SVG too. */
export function element(
  name: string,
  attributes: Record<string, string | number>,
  inner: readonly string[] = [],
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(`${shortened(value)}`)}"`);
  const head = `<${name}${written.join('')}`;
  if (inner.length === 0) return `${head}/>`;
  return `${head}>${inner.join('')}</${name}>`;
}

function shortened(value: string | number): string | number {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value;
}

/** Text as SVG; a blank for signs that XML does not allow. */
export function escaped(text: string): string {
  return text
    .replaceAll(/\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu, ' ')
    .replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export function titled(text: string): string {
  return element('title', {}, [escaped(text)]);
}

/** A line of text on a base line. */
export function textAt(x: number, y: number, text: string, more: Attributes = {}): string {
  return element('text', { x, y, ...more }, [escaped(text)]);
}

export const small = { 'font-size': smallSize };
export const centred = { 'text-anchor': 'middle' };

/** A line through points, with round corners. */
export function roundedPath(points: readonly { x: number; y: number }[]): string {
  const corner = 5;
  return points
    .map(({ x, y }, index) => {
      const before = points[index - 1];
      const after = points[index + 1];
      if (!before) return `M${at(x, y)}`;
      if (!after) return `L${at(x, y)}`;
      const into = Math.min(corner, Math.hypot(x - before.x, y - before.y) / 2);
      const out = Math.min(corner, Math.hypot(after.x - x, after.y - y) / 2);
      const begin = at(x + Math.sign(before.x - x) * into, y + Math.sign(before.y - y) * into);
      const end = at(x + Math.sign(after.x - x) * out, y + Math.sign(after.y - y) * out);
      return `L${begin}Q${at(x, y)} ${end}`;
    })
    .join('');
}

const at = (x: number, y: number) => `${shortened(x)} ${shortened(y)}`;

export function moved(x: number, y: number, inner: string): string {
  return element('g', { transform: `translate(${at(x, y)})` }, [inner]);
}
