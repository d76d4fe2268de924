import * as z from 'zod/mini';
import { Refusal } from './refusal.ts';

const component = z.looseObject({
  id: z._default(z.string(), ''),
  provider: z._default(z.string(), ''),
  config: z._default(z.looseObject({ mode: z.optional(z.unknown()) }), {}),
});

export const givenPipeline = z.looseObject({
  project_id: z.optional(z.string()),
  source: z.optional(z.string()),
  components: z.optional(z.unknown()),
});
export type GivenPipeline = z.infer<typeof givenPipeline>;

/** Where questions enter: as the request says, as the pipeline says, or the only one that is marked. @throws Refusal */
export function pipelineSource(pipeline: GivenPipeline, wanted: string | undefined): { id: string; provider: string } {
  const components = z.array(component).safeParse(pipeline.components ?? []);
  if (!components.success) throw new Refusal('Invalid components in pipeline');
  const id = wanted || pipeline.source || impliedSource(components.data);
  const found = components.data.find((node) => node.id === id);
  if (!found) throw new Refusal(`Pipeline source component "${id}" not found in components list`);
  if (found.provider === '') throw new Refusal(`Source "${id}" not found in pipeline`);
  return { id, provider: found.provider };
}

function impliedSource(components: readonly z.infer<typeof component>[]): string {
  const [only, second] = components.filter(({ config }) => config.mode === 'Source');
  if (second) throw new Refusal('Pipeline has multiple source components, please specify one explicitly');
  if (!only) throw new Refusal('Pipeline does not have a source component defined');
  return only.id;
}
