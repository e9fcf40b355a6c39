// Everything that is asked of the server: plain GETs, and one stream of server-sent events.

/** A run's path below the runs folder is one segment of the address. */
const runPath = id => `/api/runs/${encodeURIComponent(id)}`;

async function get(path, query = {}) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null) words.append(name, one);
  }
  let response;
  try {
    response = await fetch(words.size ? `${path}?${words}` : path, { credentials: 'same-origin' });
  } catch (reason) {
    throw new Error('The server does not answer.', { cause: reason });
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Error(problem.error || `The server answered ${response.status}.`);
}

const json = (...request) => get(...request).then(response => response.json());

/** Length of a JSON header, the header with blanks up to a multiple of 4, then float32, all little-endian. */
async function floats(...request) {
  const buffer = await get(...request).then(response => response.arrayBuffer());
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { header, numbers: new Float32Array(buffer, 4 + length) };
}

export const server = {
  look: () => json('/api/look'),
  runs: () => json('/api/runs'),
  run: id => json(runPath(id)),
  metrics: (id, points) => json(`${runPath(id)}/metrics`, { points }),
  outliers: (id, points) => json(`${runPath(id)}/outliers`, { points }),
  sweep: id => json(`/api/sweeps/${encodeURIComponent(id)}`),
  compare: ids => json('/api/compare', { run: ids }),

  /** min and max [points][width] of a site's weight or bias; from a step on, only the points that reach it. */
  async trajectories(id, site, which, points, from) {
    const { header, numbers } = await floats(`${runPath(id)}/trajectories`, { site, part: which, points, from });
    const size = header.points * header.width;
    return { ...header, min: numbers.subarray(0, size), max: numbers.subarray(size, 2 * size) };
  },

  /** z [sites][width] at the recorded step that is nearest. */
  async heatmap(id, which, step) {
    const { header, numbers } = await floats(`${runPath(id)}/heatmap`, { part: which, step });
    return { ...header, z: numbers };
  },

  /** Values and z of one site at the recorded step that is nearest. */
  vector: (id, site, which, step) => json(`${runPath(id)}/vector`, { site, part: which, step }),

  /** Every logged row of training or validation, as CSV. */
  logged: (id, kind) => get(`${runPath(id)}/metrics.csv`, { kind }).then(r => r.text()),

  /** Every recorded value of some dimensions, as CSV. */
  values: (id, site, which, dimension) => get(`${runPath(id)}/values`, { site, part: which, dimension }).then(r => r.text()),
};

/** One request at a time; of those that are asked for meanwhile only the newest is made. */
export class Latest {
  #busy = false;
  #next = null;

  constructor(load, show, fail) {
    Object.assign(this, { load, show, fail });
  }

  ask(...about) {
    this.#next = about;
    if (!this.#busy) return this.#run();
    return undefined;
  }

  async #run() {
    this.#busy = true;
    try {
      while (this.#next) {
        const about = this.#next;
        this.#next = null;
        try {
          this.show(await this.load(...about), ...about);
        } catch (reason) {
          this.fail(reason);
        }
      }
    } finally {
      this.#busy = false;
    }
  }
}

/** The stream of events of some runs; begins again by itself when it is cut off. */
export class Live {
  #source = null;
  #timer = 0;
  #wait = 500;
  #ids = [];

  constructor(listeners) {
    this.listeners = listeners;
  }

  follow(ids) {
    this.#ids = ids;
    this.#open();
  }

  #open() {
    clearTimeout(this.#timer);
    this.#source?.close();
    const words = new URLSearchParams(this.#ids.map(id => ['run', id]));
    const source = new EventSource(words.size ? `/api/events?${words}` : '/api/events');
    this.#source = source;
    for (const name of ['hello', 'runs', 'metrics', 'metrics_reset', 'metrics_complete', 'recording', 'trajectories', 'probes']) {
      source.addEventListener(name, event => this.listeners[name]?.(JSON.parse(event.data)));
    }
    source.onopen = () => {
      this.#wait = 500;
      this.listeners.open();
    };
    source.onerror = () => {
      this.listeners.lost();
      source.close();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#open(), this.#wait);
      this.#wait = Math.min(5000, this.#wait * 2);
    };
  }
}
