/* What is written of executed liquidations: their legend and what they lack, the
 * line above their totals, two lines of the tooltip. */

import { usd } from '../data/format.js';
import { make, setText } from './dom.js';

/**
 * @typedef {import('../data/executed.js').Total} Total
 *
 * @typedef {object} Key  what the areas of circles mean
 * @property {number} dollars  of a circle of this radius
 * @property {number} radius   CSS pixels
 * @property {number} least    dollars from which on there are circles
 *
 * @typedef {object} Caption
 * @property {string[]} lines    none: nothing is shown
 * @property {boolean} problem   they are a reason, not a legend
 * @property {{long: string, short: string}} sides  colours
 * @property {Key | null} key    null without circles
 * @property {number} profileWidth  to be kept free at the right, CSS pixels
 */

const STYLE = `
.executed-caption { position: absolute; top: 4px; left: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 0 10px; align-items: center; max-width: calc(100% - var(--axis, 4rem) - var(--profile, 0px)); padding: 1px 8px 2px; background: color-mix(in srgb, var(--ground) 80%, transparent); color: var(--soft); font-size: .6875rem; line-height: 1.35; pointer-events: none; }
.executed-caption[data-problem] { color: var(--text); }
.executed-caption[hidden] { display: none; }
.executed-key { display: inline-flex; align-items: center; gap: 4px; white-space: nowrap; }
.executed-mark { box-sizing: border-box; width: 10px; height: 10px; border-radius: 50%; outline: 1px solid #0b0d14; }
.executed-mark[data-side="long"] { background: var(--of-long); }
.executed-mark[data-side="short"] { border: 2px solid var(--of-short); outline-offset: -1px; }
.executed-mark[data-side="size"] { border: 1px solid var(--soft); outline: none; }
.executed-line { position: absolute; left: 0; z-index: 2; max-width: calc(100% - var(--axis, 4rem)); overflow: hidden; padding: 1px 8px 2px; background: color-mix(in srgb, var(--ground) 80%, transparent); color: var(--soft); font-size: .6875rem; line-height: 1.35; white-space: nowrap; text-overflow: ellipsis; pointer-events: none; }
@media (max-width: 47.5em) { .executed-caption, .executed-line { font-size: .65625rem; } }
`;

/** @param {string} className @param {string} testid */
function overlay(className, testid) {
    const element = make('div', className);
    element.dataset.testid = testid;
    element.hidden = true;
    return element;
}

/** @param {string} side @param {string} label */
function markOf(side, label) {
    const mark = make('span', 'executed-mark');
    mark.dataset.side = side;
    return make('span', 'executed-key', mark, label);
}

/** Dollars of one side of a candle. @param {Total | null} total @param {"long" | "short"} side */
function amountOf(total, side) {
    if (!total)
        return '–';
    return Number.isNaN(total[side]) ? 'not recorded' : (total.least ? '≥ ' : '') + usd(total[side]);
}

/** The circle of a round number of dollars, as large as on the map. @param {Key} key */
function sizeMark({ dollars, radius }) {
    const label = markOf('size', usd(dollars).replace('.00', ''));
    const mark = /** @type {HTMLElement} */ (label.firstElementChild);
    mark.style.width = `${2 * radius}px`;
    mark.style.height = `${2 * radius}px`;
    return label;
}

export class ExecutedWords {
    /** @param {HTMLElement} chart */
    constructor(chart) {
        this.written = '';
        this.caption = overlay('executed-caption', 'executed-caption');
        this.line = overlay('executed-line', 'executed-line');
        chart.after(this.caption, this.line);
        const [long, short] = [this.value('long'), this.value('short')];
        this.field = { long, short };
        this.tip = [make('div', 'tip-line', make('span', 'tip-key', 'Longs liquidated'), long),
            make('div', 'tip-line', make('span', 'tip-key', 'Shorts liquidated'), short)];
        document.querySelector('#tooltip .tip-rule')?.before(...this.tip);
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        document.adoptedStyleSheets.push(sheet);
    }

    /** @param {"long" | "short"} side */
    value(side) {
        const element = make('span', 'tip-liquidated');
        element.dataset.testid = `tip-liquidated-${side}`;
        return element;
    }

    /** @param {boolean} on @param {Total | null} total  of the candle under the cursor */
    writeTip(on, total) {
        for (const line of this.tip)
            line.hidden = !on;
        for (const side of /** @type {const} */ (['long', 'short']))
            setText(this.field[side], amountOf(total, side));
    }

    /** @param {number} top  of the pane, CSS pixels from the chart's; NaN: there is none @param {Total | null} total  of a candle */
    writeLine(top, total) {
        this.line.hidden = Number.isNaN(top);
        if (this.line.hidden)
            return;
        setText(this.line, `Liquidated: shorts ${amountOf(total, 'short')} ▲, longs ${amountOf(total, 'long')} ▼`);
        this.line.style.top = `${top}px`;
    }

    /** @param {Caption} caption */
    writeCaption(caption) {
        const text = JSON.stringify(caption);
        if (text === this.written)
            return;
        this.written = text;
        const { lines: [first = '', ...rest], problem, sides, key, profileWidth } = caption;
        this.caption.hidden = first === '';
        this.caption.toggleAttribute('data-problem', problem);
        const { style } = this.caption;
        style.setProperty('--of-long', sides.long);
        style.setProperty('--of-short', sides.short);
        style.setProperty('--profile', `${profileWidth}px`);
        this.caption.replaceChildren(make('span', '', first),
            ...key ? [markOf('long', 'longs'), markOf('short', 'shorts'), sizeMark(key), make('span', '', `circles from ${usd(key.least)}`)] : [],
            ...rest.map((line) => make('span', '', line)));
    }
}
