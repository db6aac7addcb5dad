// What the charts share: making one that follows its place's width, text styles, tooltips, the mark of a point.
/** `onWidth`: called after the place has got another width, where the layout of the chart depends on it. */
bru.chart = (place, renderer, height, onWidth = null) => {
    place.style.height = `${height}px`;
    const chart = echarts.init(place, null, {renderer});
    let width = place.clientWidth;
    new ResizeObserver(() => {
        chart.resize();
        if (place.clientWidth === width) return;
        width = place.clientWidth;
        onWidth?.();
    }).observe(place);
    return chart;
};

/** A place so narrow that names in front of a chart must be short. */
bru.isNarrow = (place) => place.clientWidth < 700;

bru.textStyle = () => ({fontFamily: "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif", color: bru.colours.ink});

bru.baseOption = (description) => ({
    animation: false,
    textStyle: bru.textStyle(),
    aria: {enabled: true, label: {description}},
});

bru.tooltip = () => ({
    confine: true,
    backgroundColor: bru.colours.paper,
    borderColor: bru.colours.edge,
    padding: 8,
    textStyle: {...bru.textStyle(), fontSize: 13},
});

/** What the colours and signs of a chart mean, as text that wraps with the page: items are [sign, name of the colour,
    text]. */
bru.legend = (...items) =>
    bru.element(
        "div",
        {class: "legend"},
        items.map(([sign, colour, text]) =>
            bru.element(
                "span",
                {},
                bru.element("b", {style: `color:${bru.paint(colour)}`, "aria-hidden": "true"}, sign),
                ` ${text}`,
            ),
        ),
    );

/** The legend of points, with one sign for lines or each kind of point its own. */
bru.pointLegend = (...more) => {
    const {marks} = bru;
    return bru.legend(
        ["●", "infeasible", "not feasible"],
        ["●", "feasible", "feasible"],
        ["●", "front", "Pareto front"],
        ...more,
        [marks.default, "default", "default"],
        [marks.chosen, "chosen", "chosen"],
        [marks.selected, "selected", "selected"],
    );
};

bru.valueAxis = (name, more = {}) => ({
    type: "value",
    name,
    nameLocation: "middle",
    nameGap: 34,
    nameTextStyle: {color: bru.colours.ink, fontSize: 13},
    axisLine: {show: true, lineStyle: {color: bru.colours.faint}},
    axisLabel: bru.axisLabel(false),
    splitLine: {lineStyle: {color: bru.colours.grid}},
    ...more,
});

bru.axisNumber = (value) =>
    Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-4)
        ? value.toExponential(0)
        : Number(value.toPrecision(6)).toLocaleString("en-US", {maximumFractionDigits: 6});

/** Logarithmic axes end where the values do, and name powers of two only. */
bru.axisType = (log) => (log ? {type: "log", logBase: 2} : {type: "value", scale: true});
bru.axisLabel = (log) => ({
    color: bru.colours.faint,
    formatter: bru.axisNumber,
    hideOverlap: true,
    ...(log ? {showMinLabel: false, showMaxLabel: false} : {}),
});

bru.extent = (values) => [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
];

/** Ends of an axis that holds all values, nulls aside, with a margin on either side, at round numbers. */
bru.niceRange = (values, log, margin) => {
    const [low, high] = bru.extent(values.filter((value) => value !== null && (!log || value > 0)));
    if (!(high > low)) return {};
    if (log) return {min: low / (high / low) ** margin, max: high * (high / low) ** margin};
    const unit = 10 ** Math.floor(Math.log10(high - low) - 0.7);
    const rounded = (value, round) => Number((round(value / unit) * unit).toPrecision(12));
    const [bottom, top] = [
        rounded(low - margin * (high - low), Math.floor),
        rounded(high + margin * (high - low), Math.ceil),
    ];
    return {min: low >= 0 ? Math.max(0, bottom) : bottom, max: top};
};

/** "latency (us, lower is better)" */
bru.axisTitle = (column) => {
    const better = column.better === "low" ? "lower is better" : column.better === "high" ? "higher is better" : "";
    const details = [bru.shownUnit(column), better].filter((text) => text).join(", ");
    return column.title + (details ? ` (${details})` : "");
};

/** The unit, where the title does not name it already: "cycles per step" are cycles. */
bru.shownUnit = ({unit, title}) =>
    unit &&
    unit.length > 2 &&
    title
        .toLowerCase()
        .split(/\W+/)
        .some((word) => word.startsWith(unit.toLowerCase()))
        ? ""
        : unit || "";

bru.unitTitle = (column) => (bru.shownUnit(column) ? `${column.title} (${column.unit})` : column.title);

/** What a point is, in words: "chosen, on the front". */
bru.standing = (store, point) => {
    if (point === kDefault)
        return store.feasible(point) ? "default configuration" : "default configuration, not feasible";
    const words = [];
    if (point === store.chosen) words.push("chosen");
    if (!store.ok(point)) words.push("cannot be built");
    else if (store.onFront(point)) words.push("on the Pareto front");
    else if (store.feasible(point)) words.push("feasible");
    else words.push(store.violated(point) ? `not feasible: ${store.violated(point)}` : "not feasible");
    return words.join(", ");
};

/** The hover text of a point: all parameters, then the objectives and `more` columns. */
bru.pointTooltip = (store, point, more = []) => {
    const columns = [...store.parameters, ...store.data.objectives.map(store.column), ...more];
    const seen = new Set();
    const rows = columns
        .filter((column) => !seen.has(column) && seen.add(column))
        .map((column) =>
            bru.hoverRow(
                bru.escaped(column.title),
                `<b>${bru.escaped(store.text(point, column))}</b> ${bru.escaped(bru.shownUnit(column))}`,
            ),
        );
    const head = `<b>${bru.escaped(store.name(point))}</b> ${bru.escaped(bru.standing(store, point))}`;
    return `${head}<table>${rows.join("")}</table>`;
};

/** "Default", "Chosen #12" */
bru.markTitle = (store, title, point) => (point === kDefault ? title : `${title} ${store.name(point)}`);

bru.heading = (title, lead) => [bru.element("h2", {}, title), bru.element("p", {class: "lead"}, lead)];

bru.section = (id, title, lead, ...children) =>
    bru.element("section", {id, "aria-label": title}, bru.heading(title, lead), ...children);

/** The default, the chosen and the selected point, those that exist and ran, each once. */
bru.markedPoints = (store) => {
    const marked = [];
    if (store.hasDefault && store.ok(kDefault)) marked.push({point: kDefault, kind: "default", title: "Default"});
    if (store.chosen !== null && store.ok(store.chosen))
        marked.push({point: store.chosen, kind: "chosen", title: "Chosen"});
    const selected = store.selected;
    if (selected !== null && store.ok(selected) && marked.every((mark) => mark.point !== selected))
        marked.push({point: selected, kind: "selected", title: "Selected"});
    return marked;
};

/** A click on a dot or line whose last value is its point selects the point everywhere. */
bru.onPointClick = (chart, store) =>
    chart.on("click", (event) => {
        const point =
            event.data?.point ?? (Array.isArray(event.value) ? event.value[event.value.length - 1] : undefined);
        if (point !== undefined && point !== kDefault) store.select(point);
    });
