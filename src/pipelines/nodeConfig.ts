import * as z from 'zod/mini';
import type { Component } from './pipeline.ts';

export type NodeConfig = Readonly<Record<string, unknown>>;

const settings = z.looseObject({});

/** The profile that a node's config names; undefined when it names none. */
export function profileName(node: Component): string | undefined {
  return typeof node.config.profile === 'string' && node.config.profile !== '' ? node.config.profile : undefined;
}

/**
 * What the file sets for a node, without the defaults of its kind. With a `profile` it is the object of that name;
 * without one it is the config itself, over an object named like the default profile. Null counts as not set.
 */
export function nodeConfig(node: Component, defaultProfile: string): NodeConfig {
  const profile = profileName(node);
  const nested = settings.safeParse(node.config[profile ?? defaultProfile]);
  const own = profile === undefined ? node.config : {};
  return { ...withoutNull(nested.success ? nested.data : {}), ...withoutNull(own) };
}

/** The instructions of a `prompt` node, which are a list or one text. */
export function promptInstructions(node: Component): string[] {
  const { instructions } = nodeConfig(node, 'default');
  const list: unknown[] = Array.isArray(instructions) ? instructions : [instructions];
  return list.filter((item) => typeof item === 'string').filter((item) => item.trim() !== '');
}

function withoutNull(config: NodeConfig): NodeConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
}
