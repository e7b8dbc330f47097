import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import type { ServiceApp } from '../service/http';
import { viewFigures } from '../view/figures';
import type { ApiParts } from './server';

/**
 * `GET /metrics` for Prometheus: figures of the business from the view, durations of requests, and what the process uses.
 * It is as public as the audit: Prometheus sends the token of an auditor, scope `read`, as its `authorization`.
 */
export function addMetrics(app: ServiceApp, { view }: Pick<ApiParts, 'view'>): void {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const cases = new Gauge({
    name: 'whereabouts_cases',
    help: 'Cases by process and status',
    labelNames: ['process', 'status'],
    registers,
  });
  const openTasks = gauge('whereabouts_open_tasks', 'Tasks that wait for a person');
  const oldestTask = gauge('whereabouts_oldest_task_seconds', 'How long the oldest open task has waited');
  const incidents = gauge('whereabouts_open_incidents', 'Steps that failed for good and are parked');
  const unconfirmed = gauge(
    'whereabouts_unconfirmed_seconds',
    'Age of the oldest report of a worker that the case itself has not confirmed yet',
  );
  const corrections = gauge(
    'whereabouts_corrections',
    'How often the answer of a case differed from what its worker had reported of the same moment',
  );
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long requests took',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });

  app.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    const route = routeOptions.url ?? 'none';
    durations.observe({ method, route, status: statusCode }, elapsedTime / 1_000);
  });
  app.addHook('onClose', (_app, done) => {
    register.clear();
    done();
  });
  app.get(
    '/metrics',
    {
      config: { allows: ['read', 'Audit'] },
      schema: {
        operationId: 'readMetrics',
        summary: 'Figures for Prometheus',
        tags: ['health'],
        response: { 200: { description: 'In the text format', content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_request, reply) => {
      const figures = await viewFigures(view);
      cases.reset();
      for (const { process, status, count } of figures.cases) cases.set({ process, status }, count);
      openTasks.set(figures.openTasks);
      oldestTask.set(ageInSeconds(figures.oldestTaskSince));
      incidents.set(figures.openIncidents);
      unconfirmed.set(ageInSeconds(figures.unconfirmedSince));
      corrections.set(figures.corrections);
      return reply.type(register.contentType).send(await register.metrics());
    },
  );
}

/** 0 when there is nothing that could be old. */
function ageInSeconds(since: string | null): number {
  return since === null ? 0 : Math.max(0, (Date.now() - Date.parse(since)) / 1_000);
}
