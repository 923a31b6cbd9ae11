/* The "Share" panel: a link to this view, a picture, tables, the JSON.  Loaded
 * when it is opened. */

import { make, setText } from './dom.js';
import { linkOf } from '../data/address.js';
import { queryText } from '../data/query.js';
import { action } from './inputs.js';

/**
 * @typedef {import('../data/snapshot.js').Snapshot} Snapshot
 * @typedef {typeof import('../data/csv.js')} Csv
 */

export class ShareMenu {
    /**
     * @param {HTMLElement} panel  empty
     * @param {import('../data/state.js').PageStore} store
     * @param {(snapshot: Snapshot) => Promise<HTMLCanvasElement>} picture
     */
    constructor(panel, store, picture) {
        this.store = store;
        this.link = make('input', 'share-link');
        this.link.readOnly = true;
        this.link.dataset.testid = 'share-link';
        this.link.setAttribute('aria-label', 'Link to this view');
        this.link.addEventListener('focus', () => this.link.select());
        this.result = make('p', 'menu-note');
        this.result.setAttribute('role', 'status');
        this.result.dataset.testid = 'share-result';
        this.json = make('a', 'plain', 'JSON');
        this.json.dataset.testid = 'share-json';
        this.json.href = 'api/v1/heatmap';
        panel.append(
            make('p', 'menu-head', 'Link to this view'), this.link,
            make('div', 'menu-buttons',
                action('copy-link', 'Copy link', () => this.copy(false)),
                action('copy-moment', 'Copy link to this moment', () => this.copy(true))),
            this.result,
            make('p', 'menu-head', 'Save'),
            make('div', 'menu-buttons',
                action('save-png', 'Picture', () => this.save('map.png', async (snapshot) => pngOf(await picture(snapshot)))),
                action('save-levels', 'Levels CSV', () => this.save('levels.csv', (snapshot, { levelsCsv }) => textOf(levelsCsv(snapshot)))),
                action('save-grid', 'Grid CSV', () => this.save('grid.csv', (snapshot, { gridCsv }) => textOf(gridCsv(snapshot)))),
                this.json));
    }

    /** What has changed since it was open. */
    opened() {
        this.link.value = this.linkTo(false);
        this.json.href = 'api/v1/heatmap' + queryText(this.store.state.query);
        setText(this.result, '');
    }

    /** @param {boolean} moment  as it is now, also tomorrow */
    linkTo(moment) {
        return location.origin + location.pathname + linkOf(this.store.state, moment);
    }

    /**
     * Save the map in some form; what writes it is loaded now.
     *
     * @param {string} what  "map.png"
     * @param {(snapshot: Snapshot, csv: Csv) => Blob | Promise<Blob>} write
     */
    async save(what, write) {
        const { map } = this.store.state;
        if (!map)
            return;
        try {
            const csv = await import('../data/csv.js');
            download(await write(map.snapshot, csv), csv.fileName(map.snapshot, what));
            setText(this.result, '');
        } catch (error) {
            setText(this.result, `Not saved: ${error instanceof Error ? error.message : error}`);
        }
    }

    /** @param {boolean} moment */
    async copy(moment) {
        this.link.value = this.linkTo(moment);
        setText(this.result, await copied(this.link) ? 'Copied.' : 'Press Ctrl+C, or hold to copy.');
    }
}

/** @param {string} table */
const textOf = (table) => new Blob([table], { type: 'text/csv' });

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
function pngOf(canvas) {
    return new Promise((resolve, reject) => {
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large for this browser'))));
    });
}

/** @param {Blob} blob @param {string} name */
export function download(blob, name) {
    const link = make('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    /* The browser has its own reference once the download began. */
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
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
