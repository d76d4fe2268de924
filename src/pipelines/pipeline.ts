import * as z from 'zod/mini';

/** What is absent, null or of another type counts as not given: none of these keys is needed to run. */
const optionalText = z.catch(z.optional(z.string()), undefined);

/** A node of the graph; keys that we do not know are kept. */
export const component = z.looseObject({
  id: z.string().check(z.minLength(1)),
  /** What kind of node it is; empty for what a canvas keeps beside the nodes. */
  provider: z._default(z.string(), ''),
  name: optionalText,
  config: z.pipe(
    z.nullish(z.looseObject({})),
    z.transform((config) => config ?? {}),
  ),
  input: z.optional(z.array(z.looseObject({ lane: z.string(), from: z.string() }))),
  control: z.optional(z.array(z.looseObject({ classType: z.string(), from: z.string() }))),
});
export type Component = z.infer<typeof component>;

/** The top level of a `.pipe` file, unwrapped. */
export const pipelineFile = z.looseObject({
  components: z.array(z.unknown()),
  project_id: optionalText,
  source: optionalText,
  name: optionalText,
  description: optionalText,
});

/** A `.pipe` file as far as a chat needs it. */
export interface Pipeline {
  readonly components: readonly Component[];
  /** `project_id`: the identity of the pipeline. Absent in files that never ran. */
  readonly projectId: string | undefined;
  /** The file's own choice of source; empty strings count as absent. */
  readonly source: string | undefined;
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** Whether the file wraps the pipeline in `{"pipeline": …}`. */
  readonly isWrapped: boolean;
  /** The whole of it as the file has it, unwrapped: what a server is given to run. */
  readonly content: Readonly<Record<string, unknown>>;
}
