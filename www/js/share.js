/* The "Share" panel: a link to this view, a picture, tables, the JSON. */

import { make, setText } from './dom.js';
import { download, draw, fileName, gridCsv, levelsCsv } from './exports.js';
import { action, menu } from './menu.js';

/**
 * @typedef {import('./snapshot.js').Snapshot} Snapshot
 *
 * @typedef {object} ShareActions
 * @property {(moment: boolean) => string} link  the whole view; true: as it is at this moment
 * @property {() => import('./exports.js').Picture | null} picture  null before the first map
 * @property {() => Snapshot | null} snapshot
 * @property {() => string} json  address of the answer behind the map
 */

export class ShareMenu {
    /** @param {ShareActions} on */
    constructor(on) {
        this.on = on;
        const panel = menu('share-menu', () => this.opened());
        this.link = make('input', 'share-link');
        this.link.readOnly = true;
        this.link.dataset.testid = 'share-link';
        this.link.setAttribute('aria-label', 'Link to this view');
        this.link.addEventListener('focus', () => this.link.select());
        this.said = make('p', 'menu-note');
        this.said.setAttribute('role', 'status');
        this.said.dataset.testid = 'share-said';
        this.json = make('a', 'plain', 'JSON');
        this.json.dataset.testid = 'share-json';
        panel.append(
            make('p', 'menu-head', 'Link to this view'), this.link,
            make('div', 'menu-buttons',
                action('copy-link', 'Copy link', () => this.copy(false)),
                action('copy-moment', 'Copy link to this moment', () => this.copy(true))),
            this.said,
            make('p', 'menu-head', 'Take it with you'),
            make('div', 'menu-buttons', action('save-png', 'Picture', () => this.savePicture()),
                action('save-levels', 'Levels CSV', () => this.saveTable('levels.csv', levelsCsv)),
                action('save-grid', 'Grid CSV', () => this.saveTable('grid.csv', gridCsv)), this.json));
    }

    opened() {
        this.link.value = this.on.link(false);
        this.json.href = this.on.json();
        setText(this.said, '');
    }

    savePicture() {
        const picture = this.on.picture();
        if (!picture)
            return;
        draw(picture).toBlob((blob) => {
            if (blob)
                download(blob, fileName(picture.snapshot, 'map.png'));
        });
    }

    /** @param {string} what @param {(snapshot: Snapshot) => string} write */
    saveTable(what, write) {
        const snapshot = this.on.snapshot();
        if (snapshot)
            download(new Blob([write(snapshot)], { type: 'text/csv' }), fileName(snapshot, what));
    }

    /** @param {boolean} moment */
    async copy(moment) {
        this.link.value = this.on.link(moment);
        setText(this.said, await copied(this.link) ? 'Copied.' : 'Press Ctrl+C, or hold to copy.');
    }
}

/** @param {HTMLInputElement} input @returns {Promise<boolean>} */
async function copied(input) {
    try {
        await navigator.clipboard.writeText(input.value);
        return true;
    } catch {
        /* Not over plain HTTP from another machine. */
        input.focus();
        return document.execCommand('copy');
    }
}
