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

/**
 * One of several: radio buttons that look like one control.
 *
 * @param {HTMLElement} group
 * @param {string} name
 * @param {readonly string[]} values
 * @param {(value: string) => string} label
 */
export function addChoices(group, name, values, label) {
    for (const value of values) {
        const input = make('input');
        input.type = 'radio';
        input.name = name;
        input.value = value;
        group.append(make('label', 'choice', input, make('span', '', label(value))));
    }
}
