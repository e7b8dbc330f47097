import type { Block, ProcessMap } from '../../../src/maps/process-map';

/** A map as lines that people can compare: a block a line, what is in it indented. */
export function outlineOf({ body, handlers, flags }: ProcessMap): string {
  return [
    ...linesOf(body),
    ...handlers.flatMap((handler) => [`on ${handler.type} ${handler.name ?? 'any'}`, ...inside(linesOf(handler.body))]),
    ...flags.map(({ code, message }) => `flag ${code}: ${message}`),
  ].join('\n');
}

function linesOf(block: Block): string[] {
  switch (block.kind) {
    case 'sequence':
      return block.blocks.flatMap(linesOf);
    case 'step': {
      const { type, name, label, role, dueIn, fedBy, goesOnAtStart, isLocal, tells } = block;
      const words = [type, name ?? `"${label}"`, role && `by ${role}`, dueIn && `in ${dueIn}`, isLocal && 'local'];
      const more = [fedBy && `fed by ${fedBy.join(', ')}`, goesOnAtStart && 'goes on'];
      const line = [...words, ...more].filter(Boolean).join(' ');
      return tells ? [line, ...inside(['tells', ...inside(linesOf(tells))])] : [line];
    }
    case 'parallel':
      return [block.join, ...block.branches.flatMap((branch) => inside(['|', ...inside(linesOf(branch))]))];
    case 'forEach':
      return [`${block.join}, ${block.label.toLowerCase()}`, ...inside(linesOf(block.body))];
    case 'choice':
      return [
        block.label,
        ...block.branches.flatMap((branch) => inside([`${branch.label}:`, ...inside(linesOf(branch.block))])),
      ];
    case 'loop': {
      const how = block.forever ? 'loop' : block.once ? 'loop at least once' : 'loop';
      return [`${how}, ${block.label.toLowerCase()}`, ...inside(linesOf(block.body))];
    }
    case 'attempt':
      return [
        'try',
        ...inside(linesOf(block.body)),
        ...(block.handler ? ['catch', ...inside(linesOf(block.handler))] : []),
        ...(block.finalizer ? ['finally', ...inside(linesOf(block.finalizer))] : []),
      ];
    case 'helper':
      return [`${block.name}()`, ...inside(linesOf(block.body))];
    case 'background':
      return [block.isAwaited ? 'beside' : 'beside, not awaited', ...inside(linesOf(block.body))];
    case 'exit':
      return [[block.exit, block.label && `"${block.label}"`].filter(Boolean).join(' ')];
    case 'unknown':
      return ['unknown'];
  }
}

function inside(lines: string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
