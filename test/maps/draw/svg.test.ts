import { graphOf, svgOf } from '../../../src/maps/draw';
import { background, choice, exit, mapOf, ofType, sequence, step } from '../replay/maps';

const salary = graphOf(
  mapOf(
    sequence(
      step('A', { label: 'Find <the> "employee" & more', system: 'accounting' }),
      ofType('task', 'B', { role: 'accountant', dueIn: '2 days' }),
      choice('C', exit('throw')),
    ),
  ),
);

test('a picture is described for those who do not see it', async () => {
  const svg = await svgOf(salary);
  expect(svg).toMatch(/^<svg [^>]*role="img" aria-label="Salary"/);
  expect(svg).toContain('<title>Salary</title>');
  expect(svg).toContain('<desc>3 steps, in lanes for process, accountant, accounting.</desc>');
  expect(svg).toContain('<title>B · accountant · within 2 days</title>');
});

test('texts are written as text', async () => {
  const svg = await svgOf(salary);
  expect(svg).toContain('<title>Find &#60;the&#62; &#34;employee&#34; &#38; more · accounting</title>');
  expect(svg).not.toContain('<the>');
});

test('a picture brings its own background and needs nothing from elsewhere', async () => {
  const svg = await svgOf(salary);
  expect(svg).toMatch(/<rect width="\d+" height="\d+" fill="#ffffff"\/>/);
  expect(svg).not.toMatch(/href|<script|<style|url\(/);
});

test('states are told by a sign, a line and words, with a legend, only where they are given', async () => {
  const drawn = await svgOf(salary, new Map([['B', 'waiting']]));
  expect(drawn).toContain('<title>B · accountant · within 2 days · waiting</title>');
  expect(drawn).toContain('>skipped</text>');
  expect(await svgOf(salary)).not.toContain('>skipped</text>');
});

test('lines that are not plain are explained', async () => {
  const meanwhile = await svgOf(graphOf(mapOf(sequence(background('A'), 'B'))));
  expect(meanwhile).toContain('>meanwhile, holds up nothing</text>');
  expect(await svgOf(salary)).not.toContain('meanwhile');
});
