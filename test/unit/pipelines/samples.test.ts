import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'mocha';
import { planPipeline } from '../../../src/engine/planPipeline.ts';
import { resolveConfig } from '../../../src/engine/resolveConfig.ts';
import { chooseSource } from '../../../src/pipelines/chatSources.ts';
import { modelName } from '../../../src/pipelines/describePipeline.ts';
import { parsePipeline } from '../../../src/pipelines/parsePipeline.ts';
import { persistSessions } from '../../../src/pipelines/persistSessions.ts';

function sample(name: string) {
  return parsePipeline(readFileSync(new URL(`../../../media/samples/${name}`, import.meta.url), 'utf8'));
}

suite('sample pipelines', () => {
  test('each saves its chats under an identity of its own', () => {
    const samples = [sample('assistant.pipe'), sample('echo.pipe')];
    assert.equal(new Set(samples.map((pipeline) => pipeline.projectId)).size, 2);
    for (const pipeline of samples) assert.equal(persistSessions(pipeline, chooseSource(pipeline).id), true);
  });

  test('the assistant asks the demo model, the echo asks nobody', () => {
    const assistant = sample('assistant.pipe');
    const [model] = planPipeline(assistant, 'chat_1').models;
    assert.ok(model);
    assert.equal(resolveConfig(model.node).endpoint, 'http://127.0.0.1:11577/v1');
    assert.equal(modelName(assistant), 'demo');
    assert.deepEqual(planPipeline(sample('echo.pipe'), 'chat_1').models, []);
  });
});
