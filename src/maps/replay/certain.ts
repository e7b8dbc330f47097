import type { Block, Join } from '../process-map';
import { anyLeaving, leavingOf, type Leaving } from './exits';
import { common, union, type Ids } from './ids';
import type { Term } from './term';
import type { Terms } from './terms';

/** The steps on every path to each way out that there is; `never` stands for going round for good. */
type ByLeaving = ReadonlyMap<Leaving | 'never', Ids>;

const none: Ids = new Set();

/** What is certain to come of terms as long as no step fails. */
export class Certain {
  private readonly known = new Map<number, ByLeaving>();

  constructor(private readonly terms: Terms) {}

  /** The steps on every path that ends well; on every path that fails where there is no other. */
  of(term: Term): Ids {
    const byLeaving = this.byLeaving(term);
    const well = [...byLeaving].filter(([leaving]) => leaving !== 'throw').map(([, ids]) => ids);
    return common(well.length > 0 ? well : [...byLeaving.values()]);
  }

  private byLeaving(term: Term): ByLeaving {
    const known = this.known.get(term.id);
    if (known) return known;
    const byLeaving = this.find(term);
    this.known.set(term.id, byLeaving);
    return byLeaving;
  }

  private find(term: Term): ByLeaving {
    switch (term.kind) {
      case 'fresh':
        return this.ofBlock(term.block);
      case 'running':
        return new Map([['normal', none]]);
      case 'ended':
        return merged([
          ...(term.ending === 'failed' ? [] : [new Map([['normal' as const, none]])]),
          ...(term.ending === 'done' ? [] : [new Map([['throw' as const, none]])]),
        ]);
      case 'parallel':
        return ofJoined(
          term.block.join,
          term.branches.map((branch) => this.byLeaving(branch)),
        );
      case 'forEach': {
        const active = ofJoined(
          term.block.join,
          term.active.map((instance) => this.byLeaving(instance)),
        );
        const more = ofJoined(term.block.join, [this.byLeaving(this.terms.fresh(term.block.body))]);
        if (term.active.length === 0) return merged([more, nothing]);
        const isOneEnough = term.block.join === 'race' || term.block.join === 'any';
        return merged([active, isOneEnough ? more : without(more, 'normal')]);
      }
      case 'between rounds': {
        const { block } = term;
        const round = this.byLeaving(this.terms.fresh(block.body));
        const out = new Map<Leaving | 'never', Ids>();
        for (const [leaving, ids] of round) {
          if (leaving === 'normal' || leaving === `continue ${block.id}`) continue;
          out.set(leaving === `break ${block.id}` ? 'normal' : leaving, ids);
        }
        if (!block.forever) return merged([nothing, out]);
        return out.size > 0 ? out : new Map([['never', common([...round.values()])]]);
      }
      case 'awaited':
      case 'source':
        return this.byLeaving(term.work);
      default:
        return merged(
          [...this.byLeaving(term.current)].map(([leaving, before]) => {
            const next = leaving === 'never' ? leaving : this.terms.after(term, leaving);
            if (typeof next === 'string') return new Map([[next, before]]);
            return new Map([...this.byLeaving(next)].map(([left, after]) => [left, union([before, after])] as const));
          }),
        );
    }
  }

  private ofBlock(block: Block): ByLeaving {
    switch (block.kind) {
      case 'step':
        return new Map([['normal', new Set([block.id])]]);
      case 'choice':
        return renamed(
          merged(block.branches.map((branch) => this.byLeaving(this.terms.fresh(branch.block)))),
          `break ${block.id}`,
        );
      case 'background':
        return new Map([['normal', begunAtOnce(block.body)]]);
      case 'exit':
        return new Map([[leavingOf(block), none]]);
      case 'unknown':
        return new Map(anyLeaving.map((leaving) => [leaving, none]));
      default: {
        const opened = this.terms.opened(block);
        return opened ? this.byLeaving(opened) : nothing;
      }
    }
  }
}

const nothing: ByLeaving = new Map([['normal', none]]);

/** What work begins before it awaits anything. */
function begunAtOnce(block: Block): Ids {
  switch (block.kind) {
    case 'step':
      return block.type === 'wait' ? none : new Set([block.id]);
    case 'helper':
    case 'attempt':
      return begunAtOnce(block.body);
    case 'sequence':
      return block.blocks[0] ? begunAtOnce(block.blocks[0]) : none;
    default:
      return none;
  }
}

/** Where all is awaited, all of it comes; where one ends it, what each of them brings. */
function ofJoined(join: Join, parts: readonly ByLeaving[]): ByLeaving {
  const isOneEnough = join === 'race' || join === 'any';
  if (join === 'all' || join === 'allSettled') {
    const settled = join === 'all' ? parts : parts.map((part) => swallowed(part));
    const normal = settled.map((part) => part.get('normal'));
    const all = normal.every((ids) => ids !== undefined) ? [new Map([['normal' as const, union(normal)]])] : [];
    return merged([...all, ...settled.map((part) => without(part, 'normal'))]);
  }
  const ways = merged(parts);
  return isOneEnough && parts.length > 1 && parts.some((part) => !part.has('never')) ? without(ways, 'never') : ways;
}

function swallowed(part: ByLeaving): ByLeaving {
  const thrown = part.get('throw');
  return thrown ? merged([without(part, 'throw'), new Map([['normal', thrown]])]) : part;
}

function renamed(part: ByLeaving, leaving: Leaving): ByLeaving {
  const ids = part.get(leaving);
  return ids ? merged([without(part, leaving), new Map([['normal', ids]])]) : part;
}

function without(part: ByLeaving, leaving: Leaving | 'never'): ByLeaving {
  return new Map([...part].filter(([left]) => left !== leaving));
}

function merged(parts: readonly ByLeaving[]): ByLeaving {
  const all = new Map<Leaving | 'never', Ids>();
  for (const part of parts) for (const [leaving, ids] of part) all.set(leaving, common([ids, all.get(leaving) ?? ids]));
  return all;
}
