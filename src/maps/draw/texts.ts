/** Shares of the font size: wider than the letters of the usual sans-serif fonts. */
function widthOfSign(sign: string): number {
  if (/[ijl.,:;'|!()[\]]/.test(sign)) return 0.36;
  if (/[ftr\s\-/]/.test(sign)) return 0.42;
  if (/[mwMW@%—…]/.test(sign)) return 0.98;
  if (/[A-Z]/.test(sign)) return 0.74;
  return (sign.codePointAt(0) ?? 0) > 0x2e7f ? 1.1 : 0.61;
}

export function widthOf(text: string, fontSize: number): number {
  return fontSize * [...text].reduce((sum, sign) => sum + widthOfSign(sign), 0);
}

export interface Wrapping {
  width: number;
  fontSize: number;
  lines: number;
}

/** Lines that fit the width; what does not fit in them is cut off with an ellipsis. */
export function wrapped(text: string, { width, fontSize, lines: most }: Wrapping): string[] {
  const fits = (line: string) => widthOf(line, fontSize) <= width;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).flatMap((one) => pieces(one, fits))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  lines.push(line);
  const kept = lines.filter((one) => one !== '');
  if (kept.length <= most) return kept;
  return [...kept.slice(0, most - 1), shortened(kept.slice(most - 1).join(' '), fits)];
}

function shortened(text: string, fits: (line: string) => boolean): string {
  const signs = [...text];
  while (signs.length > 0 && !fits(`${signs.join('').trimEnd()}…`)) signs.pop();
  return `${signs.join('').trimEnd()}…`;
}

/** A word that is too long is broken, where it is made of several if it can be. */
function pieces(word: string, fits: (line: string) => boolean): string[] {
  if (fits(word)) return [word];
  const signs = [...word];
  let length = signs.length;
  while (length > 1 && !fits(signs.slice(0, length).join(''))) length -= 1;
  const joints = [...word.matchAll(/(?<=[._\-/=])|(?<=[a-z])(?=[A-Z])/g)].map(({ index }) => index);
  const cut = joints.findLast((joint) => joint > 2 && joint <= length) ?? length;
  return [signs.slice(0, cut).join(''), ...pieces(signs.slice(cut).join(''), fits)];
}
