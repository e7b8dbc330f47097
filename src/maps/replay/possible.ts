import type { Block } from '../process-map';
import { anyLeaving, leavingOf, type Leaving } from './exits';
import { union, type Ids } from './ids';
import type { Term } from './term';
import type { Terms } from './terms';

interface Reach {
  ids: Ids;
  leavings: ReadonlySet<Leaving>;
}

/** What may come of terms on some path, those of failures included. */
export class Possible {
  private readonly known = new Map<number, Reach>();

  constructor(private readonly terms: Terms) {}

  of(term: Term): Ids {
    return this.reach(term).ids;
  }

  /** Whether the case may be continued as new from here, and so begin anew. */
  mayContinueAsNew(term: Term): boolean {
    return this.reach(term).leavings.has('continueAsNew');
  }

  private reach(term: Term): Reach {
    const known = this.known.get(term.id);
    if (known) return known;
    const reach = this.find(term);
    this.known.set(term.id, reach);
    return reach;
  }

  private find(term: Term): Reach {
    switch (term.kind) {
      case 'fresh':
        return together([this.ofBlock(term.block), left('throw')]);
      case 'running':
        return left('normal', 'throw');
      case 'ended':
        return term.ending === 'done' ? left('normal') : left('normal', 'throw');
      case 'parallel':
        return together([left('normal'), ...term.branches.map((branch) => this.reach(branch))]);
      case 'forEach':
        return together([
          left('normal'),
          this.reach(this.terms.fresh(term.block.body)),
          ...term.active.map((instance) => this.reach(instance)),
        ]);
      case 'between rounds': {
        const { id, body, forever } = term.block;
        const { ids, leavings } = this.reach(this.terms.fresh(body));
        const goesRound: Leaving[] = ['normal', `continue ${id}`, `break ${id}`];
        const ends = !forever || leavings.has(`break ${id}`);
        const out = [...leavings].filter((leaving) => !goesRound.includes(leaving));
        return { ids, leavings: new Set(ends ? ['normal', ...out] : out) };
      }
      case 'awaited':
      case 'source':
        return this.reach(term.work);
      default: {
        const { ids, leavings } = this.reach(term.current);
        const later = [...leavings].map((leaving) => {
          const next = this.terms.after(term, leaving);
          return typeof next === 'string' ? left(next) : this.reach(next);
        });
        return together([{ ids, leavings: new Set() }, ...later]);
      }
    }
  }

  private ofBlock(block: Block): Reach {
    switch (block.kind) {
      case 'step': {
        const tells = block.tells ? this.reach(this.terms.fresh(block.tells)).ids : new Set<string>();
        return { ids: new Set([block.id, ...tells]), leavings: new Set(['normal']) };
      }
      case 'choice': {
        const { ids, leavings } = together(block.branches.map((branch) => this.reach(this.terms.fresh(branch.block))));
        const renamed = [...leavings].map((leaving) => (leaving === `break ${block.id}` ? 'normal' : leaving));
        return { ids, leavings: new Set(renamed) };
      }
      case 'background':
        return { ids: this.reach(this.terms.fresh(block.body)).ids, leavings: new Set(['normal']) };
      case 'exit':
        return left(leavingOf(block));
      case 'unknown':
        return left(...anyLeaving);
      default: {
        const opened = this.terms.opened(block);
        return opened ? this.reach(opened) : left('normal');
      }
    }
  }
}

function left(...leavings: Leaving[]): Reach {
  return { ids: new Set(), leavings: new Set(leavings) };
}

function together(all: readonly Reach[]): Reach {
  return {
    ids: union(all.map(({ ids }) => ids)),
    leavings: new Set(all.flatMap(({ leavings }) => [...leavings])),
  };
}
