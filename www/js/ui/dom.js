/* Small helpers to find and make elements. */

/**
 * The element of an id that index.html is known to have.
 *
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
    const element = document.getElementById(id);
    if (!(element instanceof kind))
        throw new Error(`index.html has no ${kind.name} #${id}`);
    return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [className]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className = '', ...children) {
    const element = document.createElement(tag);
    if (className)
        element.className = className;
    element.append(...children);
    return element;
}

/** Write only what changed: the rest of the page is left alone. @param {Node} node @param {string} text */
export function setText(node, text) {
    if (node.textContent !== text)
        node.textContent = text;
}

/** The head of a table. @param {readonly string[]} names */
export function headRow(names) {
    return make('tr', '', ...names.map((name) => {
        const cell = make('th', '', name);
        cell.scope = 'col';
        return cell;
    }));
}

/** What was last written where. @type {WeakMap<HTMLElement, string>} */
const written = new WeakMap();

/**
 * Rebuild a part of the page only when it says something else.
 *
 * @template T
 * @param {HTMLElement} root
 * @param {T} content
 * @param {(content: T) => readonly (Node | string)[]} build  the new children
 * @returns {boolean} whether it was rebuilt
 */
export function rebuild(root, content, build) {
    const text = JSON.stringify(content);
    if (written.get(root) === text)
        return false;
    written.set(root, text);
    root.replaceChildren(...build(content));
    return true;
}

/** The rows of a list of names and values. @param {readonly (readonly [string, string])[]} rows */
export function pairs(rows) {
    return rows.flatMap(([name, value]) => [make('dt', '', name), make('dd', '', value)]);
}
