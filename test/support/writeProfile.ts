import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Nothing on the screen but the work, and nothing sent anywhere. */
const SETTINGS = {
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  'git.openRepositoryInParentFolders': 'never',
} as const;

/** Makes a profile folder for a VS Code that the scripts open; settings that are there already stay. */
export function writeProfile(profile: string, settings: Readonly<Record<string, unknown>> = {}): void {
  // The server of 1.103 does not make its folders by itself.
  for (const folder of ['user/User', 'extensions', 'server']) mkdirSync(join(profile, folder), { recursive: true });
  const file = join(profile, 'user/User/settings.json');
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify({ ...SETTINGS, ...settings }, null, 2)}\n`);
}
