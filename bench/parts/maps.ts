import { join } from 'node:path';
import { filesWithWorkflows, mapOf, openProject, workflowsIn } from '../../src/maps/extract';
import { spreadOf } from '../statistics';
import { inWords } from '../table';
import type { Part } from './part';

/**
 * What it takes to read the maps of a project's workflows, beside reading and binding its files, which any compiler has to.
 * `MAPS_OF` names a folder of another project, e.g. Temporal's public samples with their packages installed.
 */
export const maps: Part = ({ rounds, say }) => {
  const folder = process.env['MAPS_OF'] ?? join(__dirname, '..', '..', 'test', 'maps');
  const files = filesWithWorkflows([folder]);
  say(`${files.length} files in ${folder}, ${rounds} rounds`);
  const measured = Array.from({ length: rounds }, () => {
    const begun = performance.now();
    const project = openProject(files);
    const opened = performance.now();
    const found = files.flatMap((file) => workflowsIn(project, file)).map((workflow) => mapOf(project, workflow));
    const read = performance.now();
    return { files: opened - begun, whole: read - begun, workflows: found.length };
  });
  const seconds = (of: number[]) => inWords(spreadOf(of.map((milliseconds) => milliseconds / 1_000)), 2);
  return Promise.resolve([
    {
      title: `Maps of ${measured[0]?.workflows ?? 0} functions in ${files.length} files`,
      head: ['', 'seconds', 'to the files alone, round by round'],
      rows: [
        ['files read and bound', seconds(measured.map((round) => round.files)), ''],
        [
          'with all maps',
          seconds(measured.map((round) => round.whole)),
          inWords(spreadOf(measured.map((round) => round.whole / round.files)), 2),
        ],
      ],
    },
  ]);
};
