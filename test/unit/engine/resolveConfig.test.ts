import assert from 'node:assert/strict';
import { suite, test } from 'mocha';
import { resolveConfig } from '../../../src/engine/resolveConfig.ts';
import { chatErrorOf } from '../../support/chatErrorOf.ts';
import { node } from '../../support/pipelineFixture.ts';

const openAi = (custom: object) => node('llm_1', 'llm_openai_api', [], { profile: 'custom', custom });
const ollama = (config: object) => resolveConfig(node('llm_1', 'llm_ollama', [], config));
const good = { model: 'm', base_url: 'https://api.example.com/v1' };

async function refusal(config: object, provider = 'llm_openai_api'): Promise<string> {
  const error = await chatErrorOf(() => resolveConfig(node('llm_1', provider, [], config)));
  assert.equal(error.code, 'pipeline-invalid');
  assert.match(error.message, /"llm_1"/);
  return error.message;
}

suite('resolveConfig', () => {
  test('the settings of the profile are taken; an empty key is none', () => {
    assert.deepEqual(resolveConfig(openAi({ ...good, apikey: '' })), {
      nodeId: 'llm_1',
      model: 'm',
      endpoint: 'https://api.example.com/v1',
      endpointField: 'base_url',
      apiKey: undefined,
    });
  });

  test('without a profile the settings lie in the config itself, over those of the default profile', () => {
    const config = { model: 'own', base_url: null, custom: { ...good, model: 'nested' } };
    const { model, endpoint } = resolveConfig(node('llm_1', 'llm_openai_api', [], config));
    assert.deepEqual([model, endpoint], ['own', good.base_url]);
  });

  test('ollama has a default model and address, and knows the profiles of the server', () => {
    const standard = ollama({});
    assert.deepEqual([standard.model, standard.endpoint], ['llama3.3:latest', 'http://localhost:11434/v1']);
    assert.equal(ollama({ profile: 'qwen2_5-7b' }).model, 'qwen2.5');
    assert.equal(
      ollama({ profile: 'llama3_3', llama3_3: { serverbase: 'http://gpu:1/v1' } }).endpoint,
      'http://gpu:1/v1',
    );
    assert.equal(ollama({ profile: 'mine', mine: { model: 'x' } }).model, 'x');
    assert.equal(ollama({ profile: 'custom', custom: { model: 'y' } }).model, 'y');
  });

  test('an unknown profile is refused with those that exist', async () => {
    assert.match(await refusal({ profile: 'gpt', gpt: good }), /"gpt".*Use one of: custom\./);
    assert.match(await refusal({ profile: 'nope' }, 'llm_ollama'), /"nope".*custom, llama3_3/);
  });

  test('a missing or bad value is named with its field', async () => {
    const custom = (values: object) => refusal({ profile: 'custom', custom: { ...good, ...values } });
    assert.match(await custom({ model: '' }), /"model"/);
    assert.match(await custom({ base_url: undefined }), /"base_url"/);
    assert.match(await custom({ base_url: 'api.example.com' }), /"base_url".*http/);
    assert.match(await custom({ base_url: 'file:///etc/passwd' }), /"base_url".*http/);
    assert.match(await custom({ base_url: 'https://me:pw@example.com' }), /user name or password/);
    assert.match(await custom({ apikey: 7 }), /"apikey".*no text/);
  });

  test('only ROCKETRIDE_ names may be filled in, and never the key of the server', async () => {
    const key = (apikey: string) => refusal({ profile: 'custom', custom: { ...good, apikey } });
    assert.match(await key(`\${OPENAI_API_KEY}`), /OPENAI_API_KEY.*begin with ROCKETRIDE_/);
    assert.match(await key(`x\${ROCKETRIDE_APIKEY}`), /never given to a model/);
    const address = await refusal({ profile: 'custom', custom: { ...good, base_url: `https://\${HOME}/v1` } });
    assert.match(address, /HOME/);
  });

  test('a placeholder elsewhere stays as it is', () => {
    assert.equal(resolveConfig(openAi({ ...good, model: `\${ROCKETRIDE_X}` })).model, `\${ROCKETRIDE_X}`);
  });
});
