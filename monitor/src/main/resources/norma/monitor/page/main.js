// Starts the page: the list of runs, the view of what is picked, and the stream of events that feeds both.

import { announce, element } from './dom.js';
import { address } from './address.js';
import { ComparisonView } from './comparison.js';
import { followAddress } from './line-chart.js';
import { Pace } from './pace.js';
import { RunView } from './run.js';
import { Runs } from './runs.js';
import { Live, server } from './server.js';
import { SweepView } from './sweep.js';

const byId = id => document.getElementById(id);
const host = byId('view');
const connection = byId('connection');
const runs = new Runs(byId('runs'), () => host.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' }));
const PATIENCE = 1500;
let view = null;
let shown = null;
let connected = false;

const live = new Live({
  open() {
    const again = connected === 'lost';
    connection.textContent = 'live';
    connection.className = 'live';
    connected = true;
    if (again) announce('Connected again.');
    if (again) list().then(() => view?.reconnected());
  },
  lost() {
    connection.textContent = 'The server does not answer; trying again…';
    connection.className = 'lost';
    connected = 'lost';
  },
  hello: () => view?.begin(),
  runs: news => pace.runs(news),
  metrics: news => pace.metrics(news),
  metrics_reset: news => pace.reset(news),
  metrics_complete: news => pace.reset(news),
  recording: news => pace.recording(news),
  trajectories: news => of(news, one => { if (news.complete) one.passed(); }),
  probes: news => of(news, one => one.refresh()),
});

const pace = new Pace(news => {
  if (news.runs.length || news.gone.length) {
    runs.change(news);
    news.runs.forEach(row => { if (view?.ids.includes(row.id)) view.changed(row); });
    if (!view || address.view.sweep || news.gone.some(id => view.ids.includes(id))) show(); // a sweep may have begun another run
  }
  news.again.forEach(run => of({ run }, one => one.reset()));
  news.metrics.forEach((all, run) => of({ run }, one => one.logged(all)));
  news.recordings.forEach((last, run) => of({ run }, one => one.recorded(last)));
}, () => server.look().catch(() => {})); // where it does not answer, that is said above

function of({ run }, call) {
  if (view?.ids.includes(run)) call(view);
}

/** The list of runs, and what is wrong with the folder. */
async function list() {
  const trouble = byId('trouble');
  try {
    const { folder, runs: rows, problems = [] } = await server.runs();
    byId('folder').textContent = folder;
    document.title = `Norma monitor – ${folder}`;
    trouble.hidden = !problems.length;
    trouble.textContent = problems.join(' ');
    runs.set(rows, folder);
  } catch (reason) {
    trouble.textContent = `${reason.message} Is norma monitor still running? This page tries again by itself.`;
    trouble.hidden = false;
  }
}

/** Shows the sweep that the address names; says so where there is none. */
function showSweep(id) {
  const group = runs.sweep(id);
  const key = JSON.stringify([id, group?.runs.map(row => row.id)]);
  if (key === shown) return;
  shown = key;
  view?.destroy();
  view = null;
  runs.shown = [];
  runs.draw();
  if (group) view = new SweepView(host, group, byId('folder').textContent);
  else host.replaceChildren(element('p', { class: 'notice' }, `There is no run of a sweep ${id} in this folder (any more). Pick another one above.`));
  live.follow([]);
  const shownNow = view;
  setTimeout(() => shownNow?.begin(), PATIENCE);
}

/** Shows what the address says is picked; without a choice the first run of the list that trains, or the newest. */
function show() {
  if (address.view.sweep) {
    showSweep(address.view.sweep);
    return;
  }
  const ids = address.view.run.filter(id => runs.row(id));
  const missing = address.view.run.filter(id => !runs.row(id));
  const [first] = [...runs.rows].sort((a, b) => (b.state === 'running') - (a.state === 'running') || (b.kind === 'pretraining') - (a.kind === 'pretraining')
    || String(b.started ?? '').localeCompare(String(a.started ?? '')));
  const chosen = ids.length || missing.length ? ids : first ? [first.id] : [];
  const key = JSON.stringify([chosen, missing]);
  if (key === shown) return;
  shown = key;
  runs.shown = chosen;
  runs.draw();
  view?.destroy();
  view = null;
  if (missing.length && !chosen.length) {
    host.replaceChildren(element('p', { class: 'notice' }, `There is no run ${missing.join(', ')} in this folder (any more). Pick another one above.`));
  } else if (chosen.length === 1) {
    view = new RunView(host, runs.row(chosen[0]));
  } else if (chosen.length > 1) {
    view = new ComparisonView(host, chosen.map(id => runs.row(id)), byId('folder').textContent);
  } else {
    host.replaceChildren();
  }
  live.follow(chosen);
  const shownNow = view;
  setTimeout(() => shownNow?.begin(), PATIENCE); // a server with too many listeners still answers
}

const LISTED = ['sort', 'descending', 'find', 'state', 'run', 'sweep'];

address.addEventListener('change', ({ detail: changed }) => {
  if (changed.has('run') || changed.has('sweep')) show();
  if (LISTED.some(name => changed.has(name))) runs.draw();
  view?.follow(changed);
  followAddress(changed);
});

byId('skip').addEventListener('click', event => {
  event.preventDefault(); // the address holds the view
  host.focus();
});

await list();
show();
