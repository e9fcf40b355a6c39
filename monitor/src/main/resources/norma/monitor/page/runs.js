// The list of runs: sorted, filtered, one or several picked.

import { command, element } from './dom.js';
import { ago, duration, known, quantity, significant, whole } from './format.js';
import { address } from './address.js';
import { counted, sweepOf, sweeps } from './groups.js';
import { origin } from './settings.js';
import { STATES, stateBadge } from './states.js';

const COLUMNS = [
  { key: 'name', label: 'Run', of: row => row.name },
  { key: 'state', label: 'State', of: row => STATES.indexOf(row.state) },
  { key: 'step', label: 'Step', number: true, of: row => row.step },
  { key: 'loss', label: 'Loss', number: true, of: row => row.loss, title: 'Training loss, nats' },
  { key: 'validation', label: 'Perplexity', number: true, of: row => row.validation_perplexity, title: 'Of the newest validation' },
  { key: 'outliers', label: 'Outliers', number: true, of: row => row.outliers, title: 'Outlier dimensions by the paper’s rule at the newest step' },
  { key: 'rate', label: 'Tokens/s', number: true, of: row => row.tokens_per_second },
  { key: 'left', label: 'Time left', number: true, of: row => row.seconds_left },
  { key: 'device', label: 'Device', of: row => row.device },
  { key: 'updated', label: 'Updated', number: true, of: row => (row.updated ? Date.parse(row.updated) || row.updated : null) },
];
const MOST_PICKED = 12;

export class Runs {
  #rows = new Map();
  #lines = new Map();
  #opened = new Set();
  #below = new Map();
  #sweeps = new Map();

  /** What is shown, whether the address says so or nothing does. */
  shown = [];

  constructor(host, show) {
    this.show = show;
    setInterval(() => { if (!document.hidden) this.draw(); }, 10_000); // "2 min ago" grows old
    this.find = element('input', { type: 'search', id: 'find', placeholder: 'name, architecture, setting', oninput: () => address.change({ find: this.find.value }) });
    this.states = element('div', { class: 'states', role: 'group', 'aria-label': 'States shown' });
    this.picked = element('p', { class: 'picked', role: 'status' });
    this.compare = element('button', { type: 'button', class: 'quiet', onclick: () => this.#pick([]) }, 'Clear');
    this.empty = element('div', { class: 'said', hidden: true });
    this.body = element('tbody');
    this.heads = COLUMNS.map(column => element('th', { scope: 'col', class: column.number ? 'number' : '', title: column.title },
      element('button', { type: 'button', onclick: () => this.#sort(column.key) }, column.label)));
    this.table = element('div', { class: 'scroll runs-table' }, element('table', {}, element('caption', { class: 'unseen' }, 'Runs; a click on a name shows the run, the boxes put several over each other'),
      element('thead', {}, element('tr', {}, element('th', { scope: 'col', class: 'box' }, element('span', { class: 'unseen' }, 'Compare')), this.heads)), this.body));
    host.append(element('div', { class: 'runs-head' }, element('h2', { id: 'runs-title' }, 'Runs'),
      element('label', { for: 'find', class: 'unseen' }, 'Filter runs'), this.find, this.states, this.picked, this.compare), this.empty, this.table);
  }

  /** All runs of the folder. */
  set(rows, folder) {
    this.folder = folder;
    this.#rows = new Map(rows.map(row => [row.id, row]));
    this.draw();
  }

  change({ runs, gone }) {
    for (const row of runs) this.#rows.set(row.id, row);
    for (const id of gone ?? []) this.#rows.delete(id);
    this.draw();
  }

  row(id) {
    return this.#rows.get(id);
  }

  get rows() {
    return [...this.#rows.values()];
  }

  /** The runs of a sweep as one line; undefined if there are none. */
  sweep(id) {
    return sweeps(this.rows).find(one => one.group === id);
  }

  #sort(key) {
    const { sort = 'updated', descending } = address.view;
    address.change({ sort: key, descending: sort === key && !descending ? '1' : undefined });
  }

  #pick(ids) {
    address.change({ run: ids.slice(0, MOST_PICKED), sweep: undefined, step: undefined, from: undefined, to: undefined, dimension: [], site: ids.length === 1 ? address.view.site : undefined });
  }

  #toggle(id) {
    const now = this.shown;
    this.#pick(now.includes(id) ? now.filter(other => other !== id) : [...now, id]);
  }

  #open(row) {
    if (row.group === undefined) this.#pick([row.id]);
    else address.change({ sweep: row.group, run: [], step: undefined, from: undefined, to: undefined, dimension: [], site: undefined });
    this.show();
  }

  /** What a run is folded under: runs in whose folders it lies, such as the fine-tuning of a seed, and its sweep. */
  #above(row) {
    if (row.group !== undefined) return [];
    const parts = row.id.split('/');
    const sweep = this.#sweeps.get(sweepOf(row));
    return [...(sweep ? [sweep.id] : []), ...parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/')).filter(id => this.#rows.has(id))];
  }

  #countBelow() {
    this.#below.clear();
    this.#sweeps = new Map(sweeps(this.rows).map(one => [one.group, one]));
    for (const row of this.#rows.values()) this.#above(row).forEach(id => this.#below.set(id, (this.#below.get(id) ?? 0) + 1));
  }

  #unfold(id) {
    if (!this.#opened.delete(id)) this.#opened.add(id);
    this.draw();
  }

  #sorted() {
    const { find = '', state } = address.view;
    const words = find.toLowerCase().split(/\s+/).filter(Boolean);
    const text = row => [row.name, row.architecture, row.objective, row.device, row.parent?.id ?? row.parent?.run, row.sweep?.name, ...Object.keys(row.changed ?? {})].join(' ').toLowerCase();
    const unfolded = row => words.length > 0 || state.length > 0 || this.shown.includes(row.id) || this.#above(row).every(id => this.#opened.has(id));
    const fits = row => (!state.length || state.includes(row.state)) && words.every(word => text(row).includes(word));
    const all = [...this.#sweeps.values()].filter(one => one.runs.some(fits)).concat(this.rows.filter(row => unfolded(row) && fits(row)));
    return this.#nested(all, this.#order(address.view));
  }

  /** Below a sweep its runs, whatever the list is sorted by. */
  #nested(rows, order) {
    const sweep = row => (row.group === undefined ? this.#sweeps.get(sweepOf(row)) : undefined);
    const within = Map.groupBy(rows, sweep);
    return (within.get(undefined) ?? []).sort(order).flatMap(row => [row, ...(row.group === undefined ? [] : (within.get(row) ?? []).sort(order))]);
  }

  #order({ sort, descending }) {
    // Without a choice: what trains first, then the newest.
    if (!sort) return (a, b) => (b.state === 'running') - (a.state === 'running') || String(b.started ?? '').localeCompare(String(a.started ?? '')) || a.name.localeCompare(b.name);
    const { of } = COLUMNS.find(column => column.key === sort) ?? COLUMNS[0];
    const sign = descending ? -1 : 1;
    return (a, b) => {
      const [x, y] = [of(a), of(b)];
      if (!known(x) && typeof x !== 'string') return known(y) || typeof y === 'string' ? 1 : 0;
      if (!known(y) && typeof y !== 'string') return -1;
      return sign * (typeof x === 'string' ? x.localeCompare(y, 'en', { numeric: true }) : x - y);
    };
  }

  draw() {
    const { sort, descending, find = '', state, run } = address.view;
    if (document.activeElement !== this.find) this.find.value = find;
    COLUMNS.forEach((column, i) => this.heads[i].setAttribute('aria-sort', sort === column.key ? (descending ? 'descending' : 'ascending') : 'none'));
    this.#drawStates();
    this.#countBelow();
    const rows = this.#sorted();
    this.#say(rows);
    const filtered = find.trim() !== '' || state.length > 0;
    const listed = filtered ? rows.filter(row => row.group === undefined).length : this.#rows.size;
    // Rows are kept and moved, so that the focus stays where it is while runs report.
    const lines = rows.map(row => this.#line(row));
    lines.forEach((line, i) => { if (this.body.children[i] !== line) this.body.insertBefore(line, this.body.children[i] ?? null); });
    while (this.body.children.length > lines.length) this.body.lastChild.remove();
    this.picked.textContent = this.shown.length > 1 ? `${this.shown.length} runs over each other` : `${listed === this.#rows.size ? '' : `${listed} of `}${quantity(this.#rows.size, 'run')}`;
    this.compare.hidden = !run.length;
  }

  #say(rows) {
    this.empty.hidden = rows.length > 0;
    this.table.hidden = rows.length === 0;
    if (rows.length) return;
    this.empty.replaceChildren(...(this.#rows.size
      ? [element('p', {}, 'No run fits the filter.'), element('button', { type: 'button', class: 'quiet', onclick: () => address.change({ find: undefined, state: [] }) }, 'Show all')]
      : [element('p', {}, `There is no run in ${this.folder} yet. As soon as one begins, it appears here without reloading.`), command('./norma pretrain configs/quickstart.yaml')]));
  }

  #drawStates() {
    const counts = new Map();
    this.rows.forEach(row => counts.set(row.state, (counts.get(row.state) ?? 0) + 1));
    const { state } = address.view;
    const key = JSON.stringify([[...counts], state]);
    if (key === this.statesKey) return;
    this.statesKey = key;
    const focused = this.states.contains(document.activeElement) ? document.activeElement.dataset.state : null;
    this.states.replaceChildren(...STATES.filter(name => counts.has(name)).map(name => element('button', {
      type: 'button', 'data-state': name, 'aria-pressed': String(state.includes(name)),
      onclick: () => address.change({ state: address.view.state.includes(name) ? address.view.state.filter(other => other !== name) : [...address.view.state, name] }),
    }, `${name} ${counts.get(name)}`)));
    if (focused) this.states.querySelector(`[data-state="${focused}"]`)?.focus();
  }

  #line(row) {
    const picked = row.group === undefined ? this.shown.includes(row.id) : address.view.sweep === row.group;
    const below = this.#below.get(row.id) ?? 0;
    const key = JSON.stringify([{ ...row, runs: row.runs?.map(run => run.state) }, picked, below, this.#opened.has(row.id), ago(row.updated)]);
    const known = this.#lines.get(row.id);
    if (known?.key === key) return known.line;
    const line = known?.line ?? element('tr');
    const focused = line.contains(document.activeElement) ? document.activeElement.className : null;
    line.className = picked ? 'picked' : '';
    const box = row.group === undefined && element('input', { type: 'checkbox', class: 'pick', 'aria-label': `Compare ${row.name}`, onchange: () => this.#toggle(row.id) });
    if (box) box.checked = picked;
    const name = element('button', { type: 'button', class: 'link name', onclick: () => this.#open(row) }, row.name);
    if (picked) name.setAttribute('aria-current', 'true');
    const fold = below > 0 && element('button', {
      type: 'button', class: 'fold-runs', 'aria-expanded': String(this.#opened.has(row.id)), onclick: () => this.#unfold(row.id),
    }, row.group === undefined ? `${below} inside` : quantity(below, 'run'));
    line.replaceChildren(element('td', { class: 'box' }, box), element('th', { scope: 'row', class: this.#above(row).length ? 'inside' : '' }, name, fold, remarks(row)), ...cells(row));
    this.#lines.set(row.id, { key, line });
    if (focused) line.querySelector(`.${focused.split(' ').at(-1)}`)?.focus();
    return line;
  }
}

/** What a fork or a point of a sweep changes, and the sentence of a run that did not end well. */
function remarks(row) {
  if (row.group !== undefined) return [element('small', {}, `sweep of ${row.base}: ${counted(row.runs)}`)];
  const changed = Object.entries(row.changed ?? {}).map(([key, value]) => `${key} = ${value?.after ?? value}`);
  const point = Object.entries(row.sweep?.point ?? {}).map(([key, value]) => `${key} = ${value}`);
  return [
    row.parent && element('small', {}, `${origin(row)}${changed.length ? `: ${changed.slice(0, 3).join(', ')}${changed.length > 3 ? ', …' : ''}` : ''}`),
    row.sweep && element('small', {}, `sweep ${row.sweep.name}${point.length ? `: ${point.join(', ')}` : ''}`),
    row.sentence && !['running', 'finished'].includes(row.state) && element('small', { class: `sentence ${row.state}` }, row.sentence),
  ];
}

function cells(row) {
  const cell = (label, value, number = true, title = undefined) => element('td', { class: number ? 'number' : '', 'data-label': label, title }, value);
  const share = known(row.step) && known(row.steps) && row.steps > 0 ? Math.min(1, row.step / row.steps) : null;
  const bar = share === null ? null : element('progress', { max: '1', 'aria-hidden': 'true' });
  if (bar) bar.value = share;
  return [
    cell('State', stateBadge(row), false),
    cell('Step', [known(row.step) ? whole(row.step) : '–', known(row.steps) ? element('span', { class: 'of' }, ` / ${whole(row.steps)}`) : null, bar]),
    cell('Loss', significant(row.loss)), cell('Perplexity', significant(row.validation_perplexity)), cell('Outliers', known(row.outliers) ? whole(row.outliers) : '–'),
    cell('Tokens/s', whole(row.tokens_per_second)), cell('Time left', row.state === 'running' ? duration(row.seconds_left) : '–'),
    cell('Device', [row.device, row.precision && row.precision !== 'float32' ? row.precision : null].filter(Boolean).join(' ') || '–', false),
    cell('Updated', ago(row.updated), true, row.updated ?? undefined),
  ];
}
