/** TASK_STATUS: all of its fields, as of a task that does not exist. */
export const noTaskStatus: TaskStatus = {
  name: '',
  project_id: '',
  source: '',
  completed: false,
  state: 0,
  startTime: 0,
  endTime: 0,
  debuggerAttached: false,
  status: '',
  warnings: [],
  errors: [],
  currentObject: '',
  currentSize: 0,
  notes: [],
  totalSize: 0,
  totalCount: 0,
  completedSize: 0,
  completedCount: 0,
  failedSize: 0,
  failedCount: 0,
  wordsSize: 0,
  wordsCount: 0,
  rateSize: 0,
  rateCount: 0,
  serviceUp: false,
  exitCode: 0,
  exitMessage: '',
  pipeflow: { totalPipes: 0, byPipe: {} },
  metrics: {
    cpu_percent: 0,
    cpu_memory_mb: 0,
    gpu_memory_mb: 0,
    peak_cpu_percent: 0,
    peak_cpu_memory_mb: 0,
    peak_gpu_memory_mb: 0,
    avg_cpu_percent: 0,
    avg_cpu_memory_mb: 0,
    avg_gpu_memory_mb: 0,
  },
  tokens: { cpu_utilization: 0, cpu_memory: 0, gpu_memory: 0, gpu_inference: 0, custom: {}, total: 0 },
};

export interface TaskStatus {
  readonly name: string;
  readonly project_id: string;
  readonly source: string;
  readonly completed: boolean;
  readonly state: number;
  /** Epoch seconds. */
  readonly startTime: number;
  readonly endTime: number;
  readonly status: string;
  readonly errors: readonly string[];
  readonly notes: readonly object[];
  readonly totalSize: number;
  readonly totalCount: number;
  readonly completedSize: number;
  readonly completedCount: number;
  readonly failedSize: number;
  readonly failedCount: number;
  readonly serviceUp: boolean;
  readonly [other: string]: unknown;
}

export const TASK_STATE = { starting: 1, initializing: 2, running: 3, stopping: 4, completed: 5, cancelled: 6 };

/** What a chat source shows of itself while it runs. */
export function chatNote(token: string, publicToken: string): object {
  return {
    'button-text': 'Chat now',
    'button-link': `{host}/chat?auth=${publicToken}`,
    'url-text': 'Chat interface URL',
    'url-link': '{host}/chat',
    'auth-text': 'Public Authorization Key',
    'auth-key': publicToken,
    'token-text': 'Private Token',
    'token-key': token,
  };
}
