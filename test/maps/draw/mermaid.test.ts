import { graphOf, mermaidOf } from '../../../src/maps/draw';
import { choiceCalled, mapOf, nothing, sequence, step } from '../replay/maps';

function lineWith(text: string, mermaid: string): string | undefined {
  return mermaid
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line.includes(text));
}

test('nodes are named by number, so that no label is read as a word of Mermaid', () => {
  const mermaid = mermaidOf(graphOf(mapOf(sequence(step('end'), step('subgraph')))));
  expect(mermaid).toContain('n2("end")');
  expect(mermaid).toContain('n3("subgraph")');
  expect(mermaid).toContain('n2 --> n3');
});

test.each([
  ['a "word" [x] {y} <b> & #35;', 'a #34;word#34; #91;x#93; #123;y#125; #60;b#62; #38; #35;35#59;'],
  ['1. first', '1#46; first'],
  ['- first', '#45; first'],
  ['12.5 × 3 – größer', '12#46;5 × 3 – größer'],
  ['fa:fa-car', 'fa#58;fa-car'],
  ['%%{init: {}}%%', '#37;#37;#123;init: #123;#125;#125;#37;#37;'],
  ['two\n  lines', 'two lines'],
])('%s is written so that it is read as it is', (label, written) => {
  const mermaid = mermaidOf(graphOf(mapOf(step('A', { label }))));
  expect(lineWith('n2(', mermaid)).toBe(`n2("${written}")`);
});

test('a step says who does it and how long that may take, where that is literal', () => {
  const body = sequence(
    step('A', { system: 'payroll', team: 'finance' }),
    step('B', { type: 'task', role: 'accountant', dueIn: '2 days' }),
    step('C', { type: 'task', dueIn: 'settings.dueIn' }),
  );
  const mermaid = mermaidOf(graphOf(mapOf(body)));
  expect(mermaid).toContain('("A<br/>payroll #40;finance#41;")');
  expect(mermaid).toContain('("👤 B<br/>accountant · within 2 days")');
  expect(mermaid).toContain('("👤 C")');
});

test('ways are labelled', () => {
  const mermaid = mermaidOf(graphOf(mapOf(choiceCalled('which', 'A', nothing()))));
  expect(mermaid).toContain('n2 -->|"0"| n3');
  expect(mermaid).toContain('n2 -->|"1"| n4');
});

test('states are told by sign and colour, with a legend', () => {
  const graph = graphOf(mapOf(sequence('A', 'B')));
  const mermaid = mermaidOf(graph, new Map([['A', 'done']]));
  expect(mermaid).toContain('n2("✓ A")');
  expect(mermaid).toContain('class n2,doneLegend doneState');
  expect(mermaid).toContain('subgraph legend');
  expect(mermaidOf(graph)).not.toContain('legend');
});
