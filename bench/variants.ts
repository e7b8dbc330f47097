import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { whereabouts } from '../src/kit/worker';
import type { OnTemporal } from './engines/engine';

export type VariantName = 'plain' | 'plain, by signal' | 'plugin' | 'kit' | 'kit, reads';

type Variant = Pick<OnTemporal, 'workflow' | 'plugin' | 'decidedBy' | 'asCase'>;

const byHand: Variant = { workflow: 'salaryByHand', plugin: false, decidedBy: 'update', asCase: false };
const kit: Variant = { workflow: 'salary', plugin: true, decidedBy: 'signal', asCase: true };

const variants: Record<VariantName, Variant> = {
  plain: byHand,
  'plain, by signal': { ...byHand, decidedBy: 'signal' },
  plugin: { ...byHand, plugin: true },
  kit,
  'kit, reads': { ...kit, workflow: 'salaryWithReads' },
};

export const variantNames = Object.keys(variants) as VariantName[];

/** A variant on a server, with a task queue of its own. */
export type Variants = (name: VariantName, address: string, queue?: string) => OnTemporal;

/** Bundle the flows into `dir`. */
export async function bundleVariants(dir: string): Promise<Variants> {
  const bundle = async (name: string, flows: string, plugin: boolean) => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: require.resolve(`./flows/${flows}`),
      plugins: plugin ? [whereabouts()] : [],
      logger: new DefaultLogger('ERROR'),
    });
    const file = join(dir, `${name}.js`);
    await writeFile(file, code);
    return file;
  };
  const bundles = {
    byHand: await bundle('by-hand', 'by-hand', false),
    withPlugin: await bundle('with-plugin', 'by-hand', true),
    kit: await bundle('kit', 'kit', true),
  };
  return (name, address, queue = name) => {
    const variant = variants[name];
    const file = !variant.plugin ? bundles.byHand : variant.asCase ? bundles.kit : bundles.withPlugin;
    return { engine: 'temporal', address, taskQueue: queue, bundle: file, ...variant };
  };
}
