// News of the server are passed on together, at once after a quiet time and otherwise so seldom that drawing them takes at
// most a two-hundredth of the time, and more seldom where nobody has touched the page for a while: it may run beside the
// training that it shows.

const SHARE = 200;
const SHORTEST = 2000;
const UNTOUCHED = 30_000;
const LONGEST = 30_000;
/** How long after a touch the page counts as being used. */
const USED = 30_000;
/** More than a page that nobody looks at needs to keep: it asks for everything again. */
const MOST = 1000;

export class Pace {
  #runs = new Map();
  #gone = new Set();
  #metrics = new Map();
  #recordings = new Map();
  #again = new Set();
  #timer = 0;
  #drawing = false;
  #next = 0;
  #touched = performance.now();
  #asked = performance.now();

  /** @param pass called with {runs, gone, metrics: Map run → news[], recordings: Map run → news, again: Set of runs to ask for anew}
   *  @param ask called where somebody who uses the page would see more if the server looked now */
  constructor(pass, ask) {
    this.pass = pass;
    this.ask = ask;
    document.addEventListener('visibilitychange', () => this.#soon());
    for (const touch of ['pointermove', 'pointerdown', 'keydown', 'scroll']) document.addEventListener(touch, () => this.#touch(), { passive: true });
  }

  runs({ runs, gone = [] }) {
    for (const row of runs) {
      this.#runs.set(row.id, row);
      this.#gone.delete(row.id);
    }
    for (const id of gone) {
      this.#runs.delete(id);
      this.#gone.add(id);
    }
    this.#soon();
  }

  metrics(news) {
    const { run } = news;
    if (this.#again.has(run)) return;
    const all = this.#metrics.get(run) ?? [];
    if (all.length >= MOST) return this.reset(news);
    this.#metrics.set(run, [...all, news]);
    return this.#soon();
  }

  /** What was logged has to be asked for anew, whatever is waiting here. */
  reset({ run }) {
    this.#metrics.delete(run);
    this.#again.add(run);
    this.#soon();
  }

  recording(news) {
    this.#recordings.set(news.run, news);
    this.#soon();
  }

  /** Who takes the page up again does not wait. */
  #touch() {
    const now = performance.now();
    const used = now - this.#touched < USED;
    this.#touched = now;
    if (now - this.#asked > SHORTEST) {
      this.#asked = now;
      this.ask();
    }
    if (used || this.#drawing || !this.#timer || this.#next <= now) return;
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#next = now;
    this.#soon();
  }

  /** A page that is hidden waits until it is seen again. */
  #soon() {
    if (this.#timer || document.hidden || !(this.#runs.size + this.#gone.size + this.#metrics.size + this.#recordings.size + this.#again.size)) return;
    this.#timer = setTimeout(() => this.#now(), Math.max(0, this.#next - performance.now()));
  }

  #now() {
    const news = { runs: [...this.#runs.values()], gone: [...this.#gone], metrics: this.#metrics, recordings: this.#recordings, again: this.#again };
    [this.#runs, this.#gone, this.#metrics, this.#recordings, this.#again] = [new Map(), new Set(), new Map(), new Map(), new Set()];
    const begun = performance.now();
    this.#next = begun + LONGEST; // until it is known
    this.#drawing = true;
    try {
      this.pass(news);
    } finally { // what one panel cannot draw must not be the last that the page shows
      requestAnimationFrame(() => setTimeout(() => {
        const now = performance.now();
        this.#next = now + Math.min(LONGEST, Math.max(now - this.#touched < USED ? SHORTEST : UNTOUCHED, SHARE * (now - begun)));
        this.#timer = 0;
        this.#drawing = false;
        this.#soon();
      }));
    }
  }
}
