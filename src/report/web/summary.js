// The head of a sweep's page: what was swept, what came out, and default, chosen and selected point side by side.
bru.sweepHeader = (store) => {
    const {data} = store;
    const model = data.fixed["run.model"];
    const title = model ? `Shapes of BRU for ${bru.baseName(model)}` : "Shapes of BRU";
    const sampling = {
        grid: "every combination",
        random: "random points",
        lhs: "a Latin hypercube",
        nsga2: "a guided search (NSGA-II)",
    };
    const manifest = data.manifest;
    const hasTrace = data.fixed["run.trace"] || data.parameters.some((parameter) => parameter.key === "run.trace");
    const steps = manifest.steps || data.fixed["run.steps"];
    const device = Object.values(data.devices)
        .map((each) => each.name)
        .join(", ");
    const parts = [
        `bru sweep ${manifest.sweep_file || ""}`.trim(),
        sampling[manifest.sampling] || manifest.sampling,
        hasTrace && steps
            ? `${bru.grouped(Number(steps))} steps of ${bru.baseName(data.fixed["run.trace"] || "the trace")} per point`
            : null,
        hasTrace ? null : "random steps",
        device,
        data.fixed["bru.clock_mhz"] ? `${data.fixed["bru.clock_mhz"]} MHz` : null,
        manifest.version ? `bru ${manifest.version}` : null,
    ];
    return bru.element(
        "header",
        {},
        bru.element("h1", {}, title),
        bru.element("p", {class: "faint"}, parts.filter((part) => part).join(" · ")),
        bru.element("p", {class: "headline", id: "headline"}, bru.headline(store)),
    );
};

/** The outcome in a few sentences: the chosen point in the objectives, beside the default, and what the default fails. */
bru.headline = (store) => {
    const {chosen} = store;
    if (chosen === null)
        return [
            "No point is feasible: none meets all constraints, so none was chosen. The table below says what " +
                "each point fails.",
            bru.defaultVerdict(store),
        ];
    const names = store.parameters.map((parameter) => `${parameter.title} ${store.text(chosen, parameter)}`).join(", ");
    const [first, ...others] = store.data.objectives.map(store.column).filter((column) => column);
    const parts = [
        bru.element("b", {}, `${bru.marks.chosen} Point ${store.name(chosen)}`),
        ` (${names}) is the best feasible point in `,
        bru.element("b", {}, first ? first.title : "the first objective"),
    ];
    if (first) parts.push(": ", ...bru.againstDefault(store, chosen, first));
    for (const column of others) parts.push(`; ${column.title} `, ...bru.againstDefault(store, chosen, column));
    parts.push(".", bru.defaultVerdict(store));
    if (store.metric(chosen, "meets_clock") === 0)
        parts.push(
            ` Its longest path, ${bru.short(store.metric(chosen, "path_ns"))} ns by estimate, is too long for the clock.`,
        );
    return parts;
};

/** "376 cycles, 0.78 times the default's 480": the ratio in bold, where both numbers are above zero. */
bru.againstDefault = (store, point, column) => {
    const value = [`${store.text(point, column)} ${bru.shownUnit(column)}`.trimEnd()];
    if (!store.hasDefault || !store.ok(kDefault) || store.value(kDefault, column) === null) return value;
    const other = store.text(kDefault, column);
    const [ours, theirs] = [store.value(point, column), store.value(kDefault, column)];
    if (column.isParameter || column.yesNo || !(ours > 0 && theirs > 0)) return [...value, `, default ${other}`];
    if (ours === theirs) return [...value, ", as the default"];
    return [...value, ", ", bru.element("b", {}, `${(ours / theirs).toFixed(2)} times`), ` the default's ${other}`];
};

/** Whether the default configuration holds the constraints of the sweep. */
bru.defaultVerdict = (store) => {
    if (!store.hasDefault) return "";
    if (!store.ok(kDefault)) return ` The default configuration cannot be built: ${store.error(kDefault)}.`;
    if (store.data.constraints.length === 0) return "";
    if (store.feasible(kDefault)) return " The default configuration holds all constraints.";
    const verdict = bru.element("b", {}, "does not hold");
    return bru.element("span", {}, " The default configuration ", verdict, ` ${store.violated(kDefault)}.`);
};

bru.ratio = (store, point, base, key) => {
    if (!store.hasDefault) return null;
    const value = store.metric(point, key);
    const other = store.metric(base, key);
    return value === null || !other ? null : value / other;
};

bru.sweepCards = (store) => {
    let notBuilt = 0,
        feasible = 0,
        front = 0;
    for (let point = 0; point < store.count; ++point) {
        notBuilt += store.ok(point) ? 0 : 1;
        feasible += store.feasible(point) ? 1 : 0;
        front += store.onFront(point) ? 1 : 0;
    }
    const {manifest} = store.data;
    const planned = Number(manifest.points_planned || store.count);
    const left =
        planned > store.count
            ? `points of ${bru.grouped(planned)} planned`
            : manifest.complete === false
              ? "points, sweep not finished"
              : "points";
    const constraints = store.data.constraints.join(", ");
    return bru.element(
        "div",
        {class: "cards"},
        bru.card("points", bru.grouped(store.count), left),
        bru.card("feasible", bru.grouped(feasible), constraints ? `feasible: meet ${constraints}` : "feasible"),
        bru.card("front", bru.grouped(front), "on the Pareto front: none is better in every objective"),
        bru.card("not-built", bru.grouped(notBuilt), notBuilt ? "cannot be built: the table says why" : "cannot be built"),
    );
};

bru.card = (id, value, text) =>
    bru.element("div", {class: "card", id: `card-${id}`}, bru.element("b", {}, value), bru.element("span", {}, text));

const kComparedMetrics = [
    "cycles_per_step",
    "latency_us",
    "steps_per_s",
    "gops",
    "lut",
    "memory_lut",
    "ff",
    "bram36",
    "dsp",
    "path_ns",
    "meets_clock",
    "power_w",
    "energy_uj",
    "accuracy_percent",
    "bits_per_label",
    "nats_per_label",
    "nats_increase",
    "accuracy_loss",
];

/** Objectives, then what else tells shapes apart, where the sweep has it. */
bru.mainMetrics = (store) =>
    [...new Set([...store.data.objectives, ...kComparedMetrics])]
        .map(store.column)
        .filter((column) => column && !column.isParameter && column.known);

/** Default, chosen and selected point, a column each, and how the last one compares with the default. */
bru.comparison = (store) => {
    const place = bru.element("div", {class: "scroll"});
    const update = () => {
        const marked = bru.markedPoints(store);
        if (!marked.length) {
            place.replaceChildren(
                bru.element(
                    "div",
                    {class: "empty"},
                    "There is no default and no chosen point that ran; click a point.",
                ),
            );
            return;
        }
        const last = marked[marked.length - 1];
        const ratios = marked.length > 1 && marked[0].kind === "default";
        const head = bru.element(
            "tr",
            {},
            bru.element("th", {}, ""),
            marked.map(({kind, title, point}) =>
                bru.element(
                    "th",
                    {style: `color:${bru.paint(`${kind}_ink`)}`},
                    `${bru.marks[kind]} ${title}`,
                    bru.element("br"),
                    bru.element("span", {class: "unit"}, kind === "default" ? " " : store.name(point)),
                ),
            ),
            ratios ? bru.element("th", {}, `${bru.marks[last.kind]} ÷ ${bru.marks.default}`) : null,
        );
        const row = (column, first) =>
            bru.element(
                "tr",
                {class: first ? "first" : null, "data-key": column.key},
                bru.element(
                    "td",
                    {title: column.help || null},
                    column.title,
                    bru.shownUnit(column) ? bru.element("span", {class: "unit"}, ` ${column.unit}`) : null,
                ),
                marked.map(({point}) => bru.element("td", {}, store.text(point, column))),
                ratios ? bru.ratioCell(store, last.point, column) : null,
            );
        place.replaceChildren(
            bru.element(
                "table",
                {class: "compare", id: "comparison"},
                bru.element("thead", {}, head),
                bru.element(
                    "tbody",
                    {},
                    store.parameters.map((column) => row(column, false)),
                    bru.mainMetrics(store).map((column, k) => row(column, k === 0)),
                ),
            ),
        );
    };
    store.on("select", update);
    update();
    return place;
};

bru.ratioCell = (store, point, column) => {
    const ratio = column.isParameter || column.yesNo ? null : bru.ratio(store, point, kDefault, column.key);
    if (ratio === null) return bru.element("td", {}, "");
    const better =
        column.better === "none" || Math.abs(ratio - 1) < 5e-4
            ? ""
            : ratio < 1 === (column.better === "low")
              ? "better"
              : "worse";
    return bru.element(
        "td",
        {class: better, title: better || null},
        `× ${ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(ratio < 10 ? 2 : 1)}`,
    );
};
