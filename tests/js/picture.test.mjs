import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf, notesOf } from '../../www/js/draw/picture.js';

test('a note is broken between words where it is too wide', () => {
    const width = (text) => text.length;
    assert.deepEqual(linesOf('one two three', 99, width), ['one two three']);
    assert.deepEqual(linesOf('one two three', 7, width), ['one two', 'three']);
    assert.deepEqual(linesOf('endless one two', 5, width), ['endless', 'one', 'two'], 'a word is never broken');
});

/** An element with parts; side: of the mark in it. */
const element = (text, { side = '', children = [], visible = true } = {}) => ({
    textContent: text, children, checkVisibility: () => visible,
    querySelector: (wanted) => (side && (wanted === '[data-side]' || wanted === `[data-side=${side}]`) ? { getAttribute: () => side } : null),
});

test('what captions say is written, with marks and without what means nothing in a picture', () => {
    const executed = element('all', { children: [element('Executed'), element('longs', { side: 'long' }), element('shorts', { side: 'short' }), element('$1 M', { side: 'size' }), element('from $2')] });
    const root = { querySelectorAll: () => [executed, element('hidden', { visible: false }), element(''), element('Order book')] };
    assert.deepEqual(notesOf(root), ['Executed · ● longs · ○ shorts · from $2', 'Order book']);
});
