// Trajectories of one site and the heat map of all: which site, which dimensions are in colour, which step.

import { element } from './dom.js';
import { address } from './address.js';
import { HeatMap } from './heatmap.js';
import { server } from './server.js';
import { Sight } from './sight.js';
import { Trajectories } from './trajectories.js';

const MOST = 6;
const THRESHOLD = 3;

export class LayerNorms {
  #recorded;
  #automatic = [];
  #site = null;
  #again = 0;
  #late = false;
  #sight;
  #cost = 0;

  /** @param detail of the run; one that has recorded something */
  constructor(detail) {
    this.detail = detail;
    this.#recorded = detail.recorded;
    const pick = dimension => this.pick(dimension);
    this.parts = ['weight', 'bias'].map(part => new Trajectories(detail, part, pick));
    this.map = new HeatMap(detail, detail.recorded, (site, dimension) => this.pick(dimension, detail.sites[site].name));
    this.choice = element('select', { id: 'site', onchange: () => address.change({ site: this.choice.value }) }, this.#options());
    this.dimensions = element('input', {
      type: 'text', id: 'dimensions', inputmode: 'numeric', autocomplete: 'off', placeholder: 'outliers', pattern: '[0-9 ,]*', 'aria-describedby': 'dimensions-help',
      onchange: () => address.change({ dimension: [...new Set((this.dimensions.value.match(/\d+/g) ?? []).map(Number))] }),
    });
    this.bar = element('div', { class: 'bar-of-site' },
      element('label', { for: 'site' }, 'LayerNorm site'), this.choice, element('label', { for: 'dimensions' }, 'Dimensions in colour'), this.dimensions,
      element('span', { id: 'dimensions-help', class: 'note' }, 'numbers, or empty for the outliers; a click on a line adds its dimension'));
    this.panels = [...this.parts, this.map].map(one => one.panel);
    this.#sight = new Sight(this.panels.map(panel => panel.root), () => { if (this.#late) this.grow({}); });
  }

  /** Sites of a network or stack of its own stand together. */
  #options() {
    const groups = new Map();
    for (const site of this.detail.sites) {
      const name = [site.network, site.stack].filter(Boolean).join(' ') || 'sites';
      groups.set(name, [...(groups.get(name) ?? []), element('option', { value: site.name }, site.name)]);
    }
    return groups.size < 2 ? [...groups.values()].flat() : [...groups].map(([name, options]) => element('optgroup', { label: name }, options));
  }

  /** Finds what is to be in colour, then asks for the curves. */
  async load() {
    const { last_step: last } = this.#recorded;
    try {
      this.newest = await Promise.all(['weight', 'bias'].map(part => server.heatmap(this.detail.id, part, last)));
    } catch (reason) {
      this.panels.forEach(panel => panel.fail(reason));
      return;
    }
    this.follow();
    await Promise.all([...this.parts.map(part => this.#loadPart(part)), this.map.load()]);
  }

  /** The largest |z| of weight and bias at the newest step, of a dimension at a site. */
  #size(row, dimension) {
    return Math.max(...this.newest.map(map => Math.abs(map.z[row * map.width + dimension]) || 0));
  }

  /** The site that was chosen, or the layer's output in which something lies farthest from the others. */
  #chosen() {
    const { sites } = this.detail;
    const named = sites.find(site => site.name === address.view.site);
    if (named) return named;
    const outputs = sites.filter(site => site.kind?.toLowerCase() === 'output');
    const rule = this.newest[0].outliers ?? [];
    const worth = site => Math.max(...Array.from({ length: site.width }, (_, d) => this.#size(site.index, d) * (rule.includes(d) ? 100 : 1)));
    return (outputs.length ? outputs : sites).reduce((best, site) => (worth(site) > worth(best) ? site : best));
  }

  /** Outliers by the rule first, then whatever lies farthest beyond the threshold at this site. */
  #outliers(site) {
    const rule = this.newest[0].outliers ?? [];
    const far = Array.from({ length: site.width }, (_, d) => d).filter(d => !rule.includes(d) && this.#size(site.index, d) > THRESHOLD);
    return [...rule, ...far.sort((a, b) => this.#size(site.index, b) - this.#size(site.index, a))].slice(0, MOST);
  }

  /** The address says another site, dimension, step or part. */
  follow() {
    if (!this.newest) return;
    const site = this.#chosen();
    const another = this.#site?.index !== site.index;
    this.#site = site;
    this.choice.value = site.name;
    const chosen = address.view.dimension;
    if (document.activeElement !== this.dimensions) this.dimensions.value = chosen.join(', ');
    // A run that grows must not change the colours of what is looked at: what was found first keeps its hue.
    const found = this.#outliers(site);
    this.#automatic = another ? found : [...this.#automatic.filter(d => found.includes(d)), ...found.filter(d => !this.#automatic.includes(d))];
    const shown = chosen.length ? chosen.slice(0, 7) : this.#automatic;
    this.parts.forEach(part => part.highlight(shown));
    this.map.opened = site.index;
    this.map.mark(shown);
    if (another) this.parts.forEach(part => this.#loadPart(part));
  }

  #loadPart(part) {
    if (this.#site[part.part] !== false) return part.load(this.#site);
    part.panel.say(`${this.#site.name} has no ${part.part}.`);
    return undefined;
  }

  /** The heat map at another step. */
  step() {
    this.map.load();
  }

  /** A dimension is put in colour, or taken out again; another site may be opened with it. */
  pick(dimension, site = undefined) {
    const shown = address.view.dimension.length ? address.view.dimension : this.#automatic;
    const there = shown.includes(dimension);
    if (site && site !== this.#site.name) address.change({ site, ...(there ? {} : { dimension: [...shown, dimension] }) });
    else address.change({ dimension: there ? shown.filter(d => d !== dimension) : [...shown, dimension] });
  }

  /** More was recorded. Curves are fetched again, but the fetching never takes more than a two-hundredth of the time. */
  grow(recorded) {
    this.#recorded = { ...this.#recorded, ...recorded };
    this.#late = !this.#sight.now;
    if (this.#again || this.#late) return;
    this.#again = setTimeout(async () => {
      const begun = performance.now();
      this.map.grow(this.#recorded);
      await this.load();
      this.#cost = performance.now() - begun;
      this.#again = 0;
    }, Math.min(60_000, Math.max(4000, 200 * this.#cost)));
  }

  destroy() {
    clearTimeout(this.#again);
    this.#sight.disconnect();
    [...this.parts, this.map].forEach(one => one.destroy());
  }
}
