import * as z from 'zod/mini';
import { ChatError } from '../protocol/chatError.ts';
import { jsonProblem } from './jsonProblem.ts';
import { type Component, component, type Pipeline, pipelineFile } from './pipeline.ts';

const wrapper = z.looseObject({ pipeline: z.looseObject({}), components: z.optional(z.undefined()) });

/**
 * Reads the text of a `.pipe` file, wrapped or not, with or without a byte order mark.
 * @throws ChatError `pipeline-invalid`, saying what is wrong, where, and what to do.
 */
export function parsePipeline(text: string): Pipeline {
  const content = parseJson(withoutBom(text));
  const wrapped = wrapper.safeParse(content);
  const file = pipelineFile.safeParse(wrapped.success ? wrapped.data.pipeline : content);
  if (!file.success) {
    throw invalid('This file has no list of "components", so it is no pipeline. Open a .pipe file, or draw one first.');
  }
  return {
    components: uniqueById(file.data.components.map(parseComponent)),
    projectId: file.data.project_id || undefined,
    source: file.data.source || undefined,
    name: file.data.name || undefined,
    description: file.data.description || undefined,
    isWrapped: wrapped.success,
    content: wrapped.success ? wrapped.data.pipeline : file.data,
  };
}

/** The text without a leading byte order mark, which JSON does not allow. */
export function withoutBom(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ChatError(
      'pipeline-invalid',
      `This pipeline file is not valid JSON: ${jsonProblem(text)}. Correct it there.`,
      {
        cause,
      },
    );
  }
}

function parseComponent(item: unknown, index: number): Component {
  const parsed = component.safeParse(item);
  if (parsed.success) return parsed.data;
  const place = parsed.error.issues[0]?.path ?? [];
  if (place.length === 0 || place[0] === 'id') {
    throw invalid(`Node ${index + 1} in the pipeline's "components" has no id. Give it one that no other node has.`);
  }
  throw invalid(
    `Node ${index + 1} in the pipeline's "components" has a "${place.join('.')}" that can't be read. Correct or remove it.`,
  );
}

function uniqueById(components: Component[]): Component[] {
  const ids = new Set<string>();
  for (const { id } of components) {
    if (ids.has(id)) throw invalid(`Two nodes of the pipeline have the id "${id}". Rename one of them.`);
    ids.add(id);
  }
  return components;
}

function invalid(message: string): ChatError {
  return new ChatError('pipeline-invalid', message);
}
