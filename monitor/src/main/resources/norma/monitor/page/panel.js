// A chart's frame: title, what it shows, export, and what is said while there is nothing to show.

import { announce, command, copy, element } from './dom.js';
import { downloadCsv, downloadPng, downloadSvg } from './download.js';
import { address } from './address.js';

let count = 0;

export class Panel {
  /**
   * @param title of the panel
   * @param options note: one sentence beneath; wide: over both columns; exports: {name(), csv(), csvs: {of: text()}, svg()}, what of it there is
   */
  constructor(title, { note = '', wide = false, exports = null } = {}) {
    const id = `panel-${++count}`;
    this.title = title;
    this.note = element('p', { class: 'note' }, note);
    this.tools = element('div', { class: 'tools' });
    this.body = element('div', { class: 'body' });
    this.said = element('div', { class: 'said', hidden: true });
    this.root = element('section', { class: wide ? 'panel wide' : 'panel', 'aria-labelledby': id },
      element('header', {}, element('h3', { id }, title), this.tools),
      this.note, this.said, this.body);
    if (exports) this.menu(exports);
  }

  menu(exports) {
    const run = async work => {
      details.open = false;
      try {
        await work();
      } catch (reason) {
        this.say(`Not saved: ${reason.message}`);
      }
    };
    const name = () => exports.name();
    const item = (label, work) => element('button', { type: 'button', onclick: () => run(work) }, label);
    const link = item('Copy link to this view', () => copy(address.link(), summary));
    const items = [
      exports.svg && item('PNG image', async () => downloadPng(await exports.svg(), name())),
      exports.svg && item('SVG image', async () => downloadSvg(await exports.svg(), name())),
      exports.csv && item('CSV, exact numbers', async () => downloadCsv(await exports.csv(), name())),
      ...Object.entries(exports.csvs ?? {}).map(([of, text]) => item(`CSV of ${of}, exact`, async () => downloadCsv(await text(), `${name()} ${of}`))),
      link,
    ];
    const summary = element('summary', { 'aria-label': `Export ${this.title}` }, 'Export');
    const details = element('details', { class: 'menu' }, summary, element('div', { class: 'items' }, items));
    details.addEventListener('keydown', event => {
      if (event.key === 'Escape' && details.open) {
        details.open = false;
        summary.focus();
        event.stopPropagation();
      }
    });
    details.addEventListener('focusout', event => {
      if (!details.contains(event.relatedTarget)) details.open = false;
    });
    this.tools.append(details);
  }

  /** Shows the content. */
  show() {
    this.said.hidden = true;
    this.body.hidden = false;
  }

  /** Says a sentence, and which command would fill the panel, in place of the content. */
  say(sentence, commandText = null) {
    this.said.replaceChildren(element('p', {}, sentence), ...(commandText ? [command(commandText)] : []));
    this.said.hidden = false;
    this.body.hidden = true;
  }

  fail(reason) {
    this.say(`${reason.message} What is shown elsewhere on this page is unaffected.`);
    announce(`${this.title}: ${reason.message}`);
  }
}
