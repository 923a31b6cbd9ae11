/* What is on the screen as a picture.  Loaded when one is saved. */

import { date, moment, price, priceDecimals } from '../data/format.js';
import { lastPrice } from '../data/snapshot.js';
import { FAMILY } from './text.js';

/** @typedef {import('../data/snapshot.js').Snapshot} Snapshot */

/**
 * @typedef {object} Picture
 * @property {HTMLCanvasElement} chart
 * @property {number} ratio   its pixels per CSS pixel
 * @property {Snapshot} snapshot
 * @property {number} replay  ms of the past moment; 0 for now
 * @property {HTMLCanvasElement} strip  the palette, dark end left
 * @property {readonly {at: number, text: string, usd: string}[]} ticks
 * @property {string} scale   the ends in words
 * @property {readonly string[]} notes  what layers say of themselves
 * @property {(name: string) => string} colour  of a custom property
 */

/**
 * The chart with title, time, source and scale written around it, so that it
 * explains itself wherever it goes.
 *
 * @param {Picture} picture
 * @returns {HTMLCanvasElement}
 */
export function drawPicture(picture) {
    const { chart, ratio, snapshot, colour } = picture;
    const canvas = document.createElement('canvas');
    canvas.width = chart.width;
    /* Where there is no room for two texts in a line, there is one more line. */
    const more = chart.width / ratio < NARROW ? LINE : 0;
    const context = canvas.getContext('2d');
    if (!context)
        throw new Error('this browser has no 2d canvas');
    context.font = `${NOTE_PX}px ${FAMILY}`;
    const notes = picture.notes.flatMap((note) => linesOf(note, chart.width / ratio - 24, (text) => context.measureText(text).width));
    canvas.height = chart.height + Math.round((HEAD + FOOT + 2 * more + notes.length * NOTE_LINE) * ratio);
    context.fillStyle = colour('--ground');
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(chart, 0, Math.round((HEAD + more) * ratio));
    context.scale(ratio, ratio);
    const width = canvas.width / ratio;
    const write = writer(context, width, colour);
    drawHead(write, picture, width, more);
    for (const [i, note] of notes.entries())
        write(note, 12, HEAD + more + chart.height / ratio + NOTE_LINE * (i + 1) - 4, NOTE_PX, '--soft');
    drawFoot(context, write, picture, width, canvas.height / ratio, more);
    if (snapshot.source === 'demo')
        drawMark(context, width, HEAD + more + chart.height / ratio / 2);
    return canvas;
}

/** Pixels of a picture to one CSS pixel, at least: it is looked at elsewhere. */
const SHARP = 2;
/** A browser that has not told the chart by then keeps the pixels of the screen. */
const FRAMES_MAX = 20;

/**
 * The chart with at least SHARP pixels to one of CSS.  On a screen with fewer it
 * is magnified for some frames, behind a copy of what was there.
 *
 * @param {import('../../vendor/lightweight-charts.mjs').IChartApi} chart
 * @param {HTMLElement} element  that it fills
 * @param {boolean} crosshair  as it is on the screen
 * @returns {Promise<HTMLCanvasElement>}
 */
export async function shoot(chart, element, crosshair) {
    const seen = chart.takeScreenshot(true, crosshair);
    const [width, height] = [element.clientWidth, element.clientHeight];
    const zoom = SHARP * width / seen.width;
    if (!(zoom > 1))
        return seen;
    const canvas = /** @type {HTMLCanvasElement} */ (element.querySelector('canvas'));
    const wanted = Math.floor(canvas.width * zoom);
    const size = { inset: '0 auto auto 0', width: `${width}px`, height: `${height}px` };
    const cover = /** @type {HTMLCanvasElement} */ (seen.cloneNode());
    cover.getContext('2d')?.drawImage(seen, 0, 0);
    Object.assign(cover.style, size, { position: 'absolute' });
    element.after(cover);
    try {
        Object.assign(element.style, size, { zoom: String(zoom) });
        for (let i = 0; i < FRAMES_MAX && canvas.width < wanted; i++)
            await new Promise(requestAnimationFrame);
        return canvas.width < wanted ? seen : chart.takeScreenshot(true, crosshair);
    } finally {
        Object.assign(element.style, { inset: '', width: '', height: '', zoom: '' });
        cover.remove();
    }
}

/** As in the captions, of which a picture has no colours. @type {Readonly<Record<string, string>>} */
const MARKS = { long: '● ', short: '○ ' };

/** What the captions over a chart say. @param {Element} root @returns {string[]} */
export function notesOf(root) {
    const captions = [...root.querySelectorAll('.executed-caption, .executed-line, .volume-line, .depth-caption')]
        .filter((caption) => caption.checkVisibility() && caption.textContent !== '');
    return captions.map((caption) => {
        /* A circle of a size means nothing beside a picture of another size. */
        const parts = [...caption.children].filter((part) => !part.querySelector('[data-side=size]'));
        const textOf = (/** @type {Element} */ part) => (MARKS[part.querySelector('[data-side]')?.getAttribute('data-side') ?? ''] ?? '') + part.textContent;
        return parts.length > 0 ? parts.map(textOf).join(' · ') : String(caption.textContent);
    });
}

/**
 * A text in lines that are no wider, broken between words.
 *
 * @param {string} text
 * @param {number} width
 * @param {(text: string) => number} measure
 * @returns {string[]}
 */
export function linesOf(text, width, measure) {
    const [first, ...words] = text.split(' ');
    const lines = [first];
    for (const word of words) {
        const longer = `${lines[lines.length - 1]} ${word}`;
        if (measure(longer) <= width)
            lines[lines.length - 1] = longer;
        else
            lines.push(word);
    }
    return lines;
}

const NOTE_PX = 10;
const NOTE_LINE = 15;

const HEAD = 58;
const FOOT = 62;
const LINE = 17;
const NARROW = 640;

/** @typedef {(text: string, x: number, y: number, size: number, colour: string, align?: CanvasTextAlign, weight?: number) => void} Write */

/** @param {CanvasRenderingContext2D} context @param {number} width @param {Picture["colour"]} colourOf @returns {Write} */
function writer(context, width, colourOf) {
    return (text, x, y, size, colour, align = 'left', weight = 400) => {
        context.font = `${weight} ${size}px ${FAMILY}`;
        context.fillStyle = colourOf(colour);
        context.textAlign = align;
        context.fillText(text, x, y, width - 24);
    };
}

/** @param {Write} write @param {Picture} picture @param {number} width @param {number} more  px, a line of its own */
function drawHead(write, { snapshot, replay }, width, more) {
    const { symbol, interval, exchange, market, candles, dataTime } = snapshot;
    const decimals = priceDecimals({ candles });
    const daily = interval === '1d';
    const when = replay > 0 ? replay : Number.isFinite(dataTime) ? dataTime : candles.time[candles.time.length - 1];
    const where = [exchange, market].filter(Boolean).join(' ');
    write(`${symbol} ${interval}`, 12, 24, 17, '--text', 'left', 700);
    write('Liquidation heatmap · Liqmap', width - 12, 24, 13, '--soft', 'right', 600);
    write(`${where} · last ${price(lastPrice(snapshot), decimals)} · ${candles.time.length} candles`, 12, 45, 12, '--soft');
    const stamp = daily ? `${date(when)} UTC` : moment(when, false);
    write(`${SOURCE[snapshot.source]}${replay > 0 ? ' replayed' : ''} · ${stamp}`, more ? 12 : width - 12, 45 + more, 12, '--soft', more ? 'left' : 'right');
}

const SOURCE = { live: 'Live data', demo: 'DEMO, a simulated market', file: 'From a file' };

/** @param {CanvasRenderingContext2D} context @param {Write} write @param {Picture} picture @param {number} width @param {number} height @param {number} more */
function drawFoot(context, write, { strip, ticks, scale }, width, height, more) {
    const top = height - FOOT - more + 10;
    const long = Math.min(340, width - 24);
    context.drawImage(strip, 12, top, long, 10);
    for (const tick of ticks) {
        const x = 12 + tick.at * long;
        const align = tick.at === 0 ? 'left' : tick.at === 1 ? 'right' : 'center';
        write(tick.text, x, top + 22, 10, '--text', align);
        write(tick.usd, x, top + 34, 9, '--dim', align);
    }
    write(`Density · ${scale}`, 12, top + 47, 10, '--soft');
    if (more) {
        write('A model’s estimate, not advice', 12, top + 47 + more, 11, '--soft');
        write('Charts: TradingView Lightweight Charts™', width - 12, top + 47 + more, 9, '--dim', 'right');
    } else {
        write('A model’s estimate, not advice', width - 12, top + 9, 11, '--soft', 'right');
        write('$: modelled open interest a row, an upper bound', width - 12, top + 26, 10, '--dim', 'right');
        write('Charts: TradingView Lightweight Charts™', width - 12, top + 42, 10, '--dim', 'right');
    }
}

/** @param {CanvasRenderingContext2D} context @param {number} width @param {number} y */
function drawMark(context, width, y) {
    context.font = `800 ${Math.min(150, width / 6)}px ${FAMILY}`;
    context.textAlign = 'center';
    context.fillStyle = 'rgb(255 255 255 / .25)';
    context.fillText('DEMO', width / 2, y);
}
