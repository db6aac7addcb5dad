// Numbers as text, names with a meaning, and small helpers; nothing here knows the data.
const bru = {};

/** An element; attributes that are functions are listeners. Children are text or elements, never HTML. */
bru.element = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (typeof value === "function") node.addEventListener(key, value);
        else if (value !== null && value !== false) node.setAttribute(key, value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return node;
};

/**
 * A table of rows (elements). A title is a text, a text with its unit ([text, unit]), or a heading that is an element
 * already.
 */
bru.table = (id, titles, rows) => {
    const heading = (title) => {
        if (title instanceof Element) return title;
        const [text, unit] = [title].flat();
        return bru.element("th", {}, text, unit ? bru.element("span", {class: "unit"}, ` ${unit}`) : null);
    };
    return bru.element(
        "table",
        {id},
        bru.element("thead", {}, bru.element("tr", {}, titles.map(heading))),
        bru.element("tbody", {}, rows),
    );
};

/** What may be wider than the page, and scrolls there. */
bru.scrolled = (wide) => bru.element("div", {class: "scroll"}, wide);

bru.escaped = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** A row of a table in a hover text; cells are HTML. */
bru.hoverRow = (...cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;

bru.grouped = (value) => {
    const digits = Math.abs(Math.round(value))
        .toString()
        .replace(/\B(?=(\d{3})+$)/g, ",");
    return (value < 0 && digits !== "0" ? "-" : "") + digits;
};

/** Four significant digits, thousands grouped. */
bru.short = (value) => {
    if (value === null || !Number.isFinite(value)) return "–";
    const magnitude = Math.abs(value);
    if (magnitude >= 999.95) return magnitude < 1e15 ? bru.grouped(value) : value.toExponential(3);
    if (magnitude === 0) return "0";
    const before = Math.floor(Math.log10(magnitude)) + 1;
    if (before < -4) return value.toExponential(2);
    return value.toFixed(Math.max(0, Math.min(6, 4 - before)));
};

/** How the numbers of one column are written: whole, with one digit, or four significant ones. */
bru.numberStyle = (values) => {
    const present = values.filter((value) => value !== null);
    if (present.every(Number.isInteger)) return (value) => (value === null ? "–" : bru.grouped(value));
    if (present.every((value) => Number.isInteger(value * 2)))
        return (value) =>
            value === null ? "–" : bru.grouped(Math.trunc(value)) + (Number.isInteger(value) ? ".0" : ".5");
    return bru.short;
};

bru.plural = (count, one, many) => `${bru.grouped(count)} ${count === 1 ? one : many}`;

/** The last part of a path to a file; other texts as they are. */
bru.baseName = (text) => (/\/[^/]+\.\w+$/.test(text) ? text.slice(text.lastIndexOf("/") + 1) : text);

bru.marks = {chosen: "★", default: "◆", selected: "○"};

bru.cycleClasses = [
    {key: "compute", title: "compute", help: "a chunk enters the lanes: useful work"},
    {key: "state_wait", title: "state wait", help: "waits for h values that are not final yet"},
    {
        key: "update_wait",
        title: "update wait",
        help: "waits for scale_bias and cell_update, which are busy",
    },
    {key: "input_wait", title: "input wait", help: "waits for input that the DMA has not brought"},
    {
        key: "output_wait",
        title: "output wait",
        help: "no room for output that the DMA has not taken",
    },
    {
        key: "weight_load",
        title: "weight load",
        help: "before the first start: weights are loaded, once per run",
    },
    {
        key: "idle",
        title: "idle",
        help: "nothing to do: after the last step, until the host has noticed",
    },
];

bru.resources = [
    {key: "lut", title: "LUT", help: "look-up tables: logic"},
    {key: "memory_lut", title: "LUT as memory", help: "look-up tables used as small memories"},
    {key: "ff", title: "flip-flops", help: "registers"},
    {key: "bram36", title: "block RAM", help: "memories of 36 Kibit: weights and tables"},
    {key: "dsp", title: "DSP", help: "multipliers with accumulator"},
];
