import * as z from 'zod/mini';
import type { Component } from '../pipelines/pipeline.ts';

/** The lanes that the built-in engine can return. */
export type ResultLane = 'answers' | 'questions';

const config = z.looseObject({
  laneName: z.catch(z.optional(z.string()), undefined),
  lanes: z.catch(z._default(z.array(z.looseObject({ laneId: z.string(), laneName: z.string() })), []), []),
});

/** The key of a lane's values in the result: the response node's `laneName`, its older `lanes` list, else the lane. */
export function resultKey(node: Component, lane: ResultLane): string {
  const { laneName, lanes } = config.parse(node.config);
  return laneName || lanes.find((item) => item.laneId === lane)?.laneName || lane;
}
