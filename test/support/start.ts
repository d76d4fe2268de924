import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDemoModel } from './demoModel.ts';
import { desktopVsCode } from './desktopVsCode.ts';
import { onStopRequest } from './onStopRequest.ts';
import { projectPaths } from './projectPaths.ts';
import { runBuild } from './runBuild.ts';
import { keptSampleWorkspace, SAMPLE_MODEL_PORT } from './sampleWorkspace.ts';
import { describeFailure, SetupError } from './setupError.ts';
import { smoke } from './smoke.ts';
import { startDesktop } from './startDesktop.ts';
import { VsCodeServer } from './vscodeServer.ts';

const WEB_PORT = 11578;

const { values } = parseArgs({
  options: {
    web: { type: 'boolean' },
    smoke: { type: 'boolean' },
    fresh: { type: 'boolean' },
    /** Only makes the sample workspace ready, for a debugger that opens the window itself. */
    prepare: { type: 'boolean' },
  },
});

try {
  runBuild();
  if (values.smoke) await runSmoke();
  else await serve();
} catch (error) {
  console.error(values.smoke ? `smoke: failed: ${describeFailure(error)}` : describeFailure(error));
  process.exit(1);
}

async function runSmoke(): Promise<void> {
  onStopRequest(130, async () => {});
  const { isWell, line } = await smoke();
  console.log(line);
  process.exit(isWell ? 0 : 1);
}

/** Runs until it is asked to stop, or the desktop window is closed. */
async function serve(): Promise<void> {
  const stops: (() => Promise<void>)[] = [];
  onStopRequest(0, async () => {
    for (const stop of stops.reverse()) await stop();
  });
  const model = await startDemoModel({ port: SAMPLE_MODEL_PORT });
  stops.push(() => model.close());
  const workspace = keptSampleWorkspace(model.port, values.fresh === true);
  console.log(`demo model: ${model.url}`);
  if (values.prepare) {
    console.log('The sample workspace is ready; Ctrl+C ends.');
    return;
  }
  const program = values.web ? undefined : desktopVsCode();
  if (program) {
    const desktop = startDesktop(program, workspace);
    stops.push(() => desktop.stop());
    console.log('VS Code opens with the sample workspace; closing it, or Ctrl+C, ends.');
    if ((await desktop.exited) !== 0)
      throw new SetupError('VS Code ended with a failure; "npm start -- --web" needs no desktop.');
    process.kill(process.pid, 'SIGTERM');
    return;
  }
  const server = await VsCodeServer.start({ port: WEB_PORT, profile: join(projectPaths.vscodeTest, 'profile-web') });
  stops.push(() => server.kill());
  console.log(
    `VS Code: ${server.url(workspace)}\nOpen assistant.pipe and click Open Chat Beside in its title. Ctrl+C ends.`,
  );
}
