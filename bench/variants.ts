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

/** A variant on a server, with a task queue of its own; one of ours may report to a central view. */
export type Variants = (name: VariantName, address: string, queue?: string, viewUrl?: string) => OnTemporal;

/** Bundle the flows into `dir`. */
export async function bundleVariants(dir: string): Promise<Variants> {
  const bundle = async (name: string, flows: string, plugin?: ReturnType<typeof whereabouts>) => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: require.resolve(`./flows/${flows}`),
      plugins: plugin ? [plugin] : [],
      logger: new DefaultLogger('ERROR'),
    });
    const file = join(dir, `${name}.js`);
    await writeFile(file, code);
    return file;
  };
  const bundles = {
    byHand: await bundle('by-hand', 'by-hand'),
    withPlugin: await bundle('with-plugin', 'by-hand', whereabouts()),
    kit: await bundle('kit', 'kit', whereabouts()),
    reporting: await bundle('reporting', 'kit', whereabouts({ report: () => Promise.resolve() })),
  };
  return (name, address, queue = name, viewUrl) => {
    const variant = variants[name];
    const ours = viewUrl === undefined ? bundles.kit : bundles.reporting;
    const file = !variant.plugin ? bundles.byHand : variant.asCase ? ours : bundles.withPlugin;
    return {
      ...{ engine: 'temporal', address, taskQueue: queue, bundle: file, ...variant },
      ...(viewUrl !== undefined && { viewUrl }),
    };
  };
}
