// What is shown stands in the address after #, so that a copied link, a reload and the back button restore it.
//   run (repeated), sweep, site, dimension (repeated), step, from, to, part, smooth, sort, descending, find, state (repeated)

const REPEATED = ['run', 'dimension', 'state'];
const NUMBERS = ['step', 'from', 'to', 'smooth', 'dimension'];

function read(hash) {
  const view = { run: [], dimension: [], state: [] };
  for (const [name, text] of new URLSearchParams(hash.replace(/^#/, ''))) {
    const value = NUMBERS.includes(name) ? Number(text) : text;
    if (NUMBERS.includes(name) && !Number.isFinite(value)) continue;
    if (REPEATED.includes(name)) view[name].push(value);
    else view[name] = value;
  }
  return view;
}

function write(view) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(view)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') words.append(name, one);
    }
  }
  return '#' + words;
}

class Address extends EventTarget {
  #view = read(location.hash);
  #pending = 0;

  constructor() {
    super();
    window.addEventListener('popstate', () => {
      if (location.hash === write(this.#view)) return;
      const before = this.#view;
      this.#view = read(location.hash);
      this.#tell([...new Set([...Object.keys(before), ...Object.keys(this.#view)])]);
    });
  }

  get view() {
    return this.#view;
  }

  /** Changes parts of the view. A new choice of runs is a new entry of the browser's history; anything else is not. */
  change(parts) {
    const before = this.#view;
    this.#view = { ...before, ...parts };
    if ((parts.run && String(parts.run) !== String(before.run)) || ('sweep' in parts && parts.sweep !== before.sweep)) {
      clearTimeout(this.#pending);
      history.pushState(null, '', write(this.#view));
    } else {
      // Browsers refuse more than some hundred changes of the address in half a minute; a slider makes more.
      clearTimeout(this.#pending);
      this.#pending = setTimeout(() => history.replaceState(null, '', write(this.#view)), 150);
    }
    this.#tell(Object.keys(parts));
  }

  /** The whole address as it is now. */
  link() {
    return location.origin + location.pathname + write(this.#view);
  }

  /** The event's detail: the set of what may have changed. */
  #tell(names) {
    this.dispatchEvent(new CustomEvent('change', { detail: new Set(names) }));
  }
}

export const address = new Address();
