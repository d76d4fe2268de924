import * as z from 'zod/mini';

/** A node of the graph; keys that we do not know are kept. */
export const component = z.looseObject({
  id: z.string(),
  provider: z.string(),
  name: z.optional(z.string()),
  config: z._default(z.looseObject({}), {}),
  input: z.optional(z.array(z.looseObject({ lane: z.string(), from: z.string() }))),
  control: z.optional(z.array(z.looseObject({ classType: z.string(), from: z.string() }))),
});
export type Component = z.infer<typeof component>;

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
}
