// The state of a run: a sign, a word and a colour.

import { element } from './dom.js';

const SIGNS = { running: '●', finished: '✓', interrupted: '❚❚', failed: '✕', killed: '⊘', diverged: '∞', unreadable: '!', unknown: '?' };
const MEANINGS = {
  running: 'training now',
  finished: 'all steps are done',
  interrupted: 'stopped by its user after a checkpoint; norma resume continues',
  failed: 'ended by an error',
  killed: 'no sign of life, and no end written: the process is gone; norma resume continues',
  diverged: 'the loss is not a number any more',
  unreadable: 'its files cannot be read',
  unknown: 'no end is written, and the version that made it kept no sign of life',
};

export const STATES = Object.keys(SIGNS);

export const stateBadge = row => element('span', { class: `state ${row.state}`, title: row.sentence ?? MEANINGS[row.state] },
  element('span', { 'aria-hidden': 'true', class: 'sign' }, SIGNS[row.state] ?? '?'), ` ${row.state}`);
