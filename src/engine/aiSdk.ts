/**
 * What is used of the AI SDK. It is bundled by itself, with its own copy of zod, and loaded with the first question;
 * together with the rest it would be loaded at the start.
 */
export { createOpenAICompatible } from '@ai-sdk/openai-compatible';
export { streamText } from 'ai';
