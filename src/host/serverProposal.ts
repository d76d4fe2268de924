/** What is known of the servers that a user works with. */
export interface KnownServers {
  /** `rocketride.development.connectionMode`; undefined without the RocketRide extension. */
  readonly connectionMode: unknown;
  /** `rocketride.development.hostUrl` */
  readonly hostUrl: unknown;
}

export interface ServerProposal {
  /** Empty when none can be told. */
  readonly url: string;
  /** Where it is from, or why there is none. */
  readonly why: string;
  /** The key that such a server takes unless it was given one. */
  readonly key?: string;
}

const CLOUD = 'https://cloud.rocketride.ai:80';
const LOCAL = 'http://localhost:5565';
const LOCAL_KEY = 'MYAPIKEY';

/** The server that the RocketRide extension is set to, to be proposed to the user: it is never used unasked. */
export function serverProposal({ connectionMode, hostUrl }: KnownServers): ServerProposal {
  switch (connectionMode) {
    case 'cloud':
      return { url: CLOUD, why: 'The RocketRide extension is set to the cloud.' };
    case 'docker':
      return { url: LOCAL, why: 'The RocketRide extension is set to a server in Docker.', key: LOCAL_KEY };
    case 'service':
      return { url: LOCAL, why: 'The RocketRide extension is set to a server on this machine.', key: LOCAL_KEY };
    case 'onprem':
      return typeof hostUrl === 'string' && hostUrl.trim() !== ''
        ? { url: hostUrl.trim(), why: 'The RocketRide extension is set to this server.' }
        : { url: '', why: 'The RocketRide extension is set to a server of your own, but not to which.' };
    case 'local':
      return {
        url: '',
        why: 'The RocketRide extension starts an engine of its own on a port that only it knows. Its log names the port.',
      };
    default:
      return { url: '', why: 'For example https://rocketride.example.com or localhost:5565.' };
  }
}
