import { widthOf, wrapped } from '../../../src/maps/draw/texts';

const room = { width: 100, fontSize: 12, lines: 3 };

test.each([
  ['Book the salary', ['Book the salary']],
  ['Calculate the bonus again', ['Calculate the', 'bonus again']],
  ['this.state.clusterState', ['this.state.', 'clusterState']],
  ['sendDelayedEmailTimeout', ['sendDelayed', 'EmailTimeout']],
  ['', []],
])('%s is wrapped', (text, lines) => {
  expect(wrapped(text, room)).toEqual(lines);
});

test('what does not fit is cut off, and no line is wider than its room', () => {
  const lines = wrapped('Tell everybody who has ever been told anything about this that it is over now', room);
  expect(lines).toHaveLength(3);
  expect(lines.at(-1)).toMatch(/…$/);
  for (const line of lines) expect(widthOf(line, room.fontSize)).toBeLessThanOrEqual(room.width);
});
