import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import ts from 'typescript';
import { mapOf, openProject, workflowsIn, type Workflow } from '../../../src/maps/extract';
import { childrenOf } from '../../../src/maps/blocks';
import type { Block, ProcessMap } from '../../../src/maps/process-map';
import { processMapSchema } from '../../../src/maps/schema';
import { z } from 'zod';
import { outlineOf } from './outline';

const files = ['constructs.ts', 'flagged.ts'].map((name) => join(__dirname, name));
const project = openProject(files);
const workflows = files.flatMap((file) => workflowsIn(project, file));
const maps = new Map(workflows.map((workflow) => [workflow.name, mapOf(project, workflow)]));

test.each(workflows.map((workflow) => [workflow.name, workflow] as const))('%s', (name, workflow) => {
  expect(outlineOf(mapNamed(name))).toBe(expectedOf(workflow));
});

test('ids are unique in a map, and every block has one', () => {
  for (const { body, handlers } of maps.values()) {
    const ids = [body, ...handlers.map((handler) => handler.body)].flatMap(idsOf);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  }
});

test('maps fit the published schema', () => {
  const validate = new Ajv2020({ strict: false }).compile(z.toJSONSchema(processMapSchema));
  for (const map of maps.values()) {
    validate(JSON.parse(JSON.stringify(map)));
    expect(validate.errors).toBeNull();
  }
});

function mapNamed(name: string): ProcessMap {
  const map = maps.get(name);
  if (!map) throw new Error(`no map of ${name}`);
  return map;
}

function expectedOf({ node }: Workflow): string {
  const [tag] = ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === 'map');
  const comment = tag?.getFullText().split('\n').slice(1) ?? [];
  return comment
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .filter((line) => line.trim() !== '' && line !== '/')
    .join('\n');
}

function idsOf(block: Block): string[] {
  return [block.id, ...childrenOf(block).flatMap(idsOf)];
}
