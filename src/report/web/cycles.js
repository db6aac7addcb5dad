// Where the cycles go: a stacked bar a point, the classes of which each cycle belongs to exactly one.
/** `label`: pixels for the names of the rows. */
bru.cycleBars = (rows, unit, label) => ({
    ...bru.baseOption("Cycles by class, one bar per row"),
    grid: {left: label, right: 24, top: 8, bottom: 46},
    tooltip: {
        ...bru.tooltip(),
        trigger: "axis",
        axisPointer: {type: "shadow"},
        formatter: (items) => bru.cycleTooltip(rows[items[0].dataIndex], unit),
    },
    xAxis: bru.valueAxis(unit, {max: unit.startsWith("%") ? 100 : null, nameGap: 28}),
    yAxis: {
        type: "category",
        inverse: true,
        data: rows.map((row) => row.name),
        axisTick: {show: false},
        axisLine: {lineStyle: {color: bru.colours.faint}},
        axisLabel: {
            interval: 0,
            color: bru.colours.ink,
            fontSize: 12,
            width: label - 12,
            overflow: "truncate",
            formatter: (name, k) => (rows[k]?.kind ? `{${rows[k].kind}|${name}}` : name),
            rich: Object.fromEntries(
                ["default", "chosen", "selected"].map((kind) => [kind, {color: bru.colours[`${kind}_ink`], fontWeight: 600}]),
            ),
        },
    },
    series: bru.cycleClasses
        .filter(({key}) => rows.some((row) => row.values[key] !== undefined))
        .map(({key, title}) => ({
            name: title,
            type: "bar",
            stack: "cycles",
            barMaxWidth: 22,
            itemStyle: {color: bru.colours[key], borderColor: bru.colours.paper, borderWidth: 0.5},
            emphasis: {focus: "none"},
            data: rows.map((row) => ({value: row.values[key] ?? 0, point: row.point})),
        })),
});

bru.cycleTooltip = (row, unit) => {
    const lines = bru.cycleClasses
        .filter(({key}) => row.cycles[key] > 0)
        .map(({key, title}) =>
            bru.hoverRow(
                `<span style="color:${bru.paint(key)}">■</span> ${title}`,
                `<b>${bru.short(row.cycles[key] / row.steps)}</b>${row.steps > 1 ? " per step" : ""}`,
                `${((100 * row.cycles[key]) / row.total).toFixed(1)} %`,
            ),
        );
    return `<b>${bru.escaped(row.name)}</b><table>${lines.join("")}</table>`;
};

/** A row of the chart from cycles by class; `perStep` else shares. */
bru.cycleRow = (name, cycles, steps, perStep, more = {}) => {
    const total = Object.values(cycles).reduce((sum, value) => sum + value, 0);
    const scale = perStep ? 1 / steps : total > 0 ? 100 / total : 0;
    return {
        name,
        cycles,
        steps,
        total,
        values: Object.fromEntries(Object.entries(cycles).map(([key, value]) => [key, value * scale])),
        ...more,
    };
};

/** What the colours of these classes mean; all classes where none are named. */
bru.cycleExplanation = (classes = null, ...more) =>
    bru.element(
        "div",
        {class: "explain"},
        [...bru.cycleClasses.filter(({key}) => classes === null || classes.has(key)), ...more].map(
            ({key, title, help}) =>
                bru.element(
                    "div",
                    {},
                    bru.element("i", {style: `background:${bru.paint(key)}`}),
                    bru.element("span", {}, bru.element("b", {}, title), ` – ${help}`),
                ),
        ),
    );

const kMostCycleRows = 28;

bru.cyclesSection = (store) => {
    const lead =
        "Blue is work; every other colour is a reason why the lanes stood still. A good shape is mostly " +
        "blue. Bars are the default, the chosen and the selected point, then the Pareto front.";
    const keys = bru.cycleClasses.map(({key}) => store.column(`cycles_${key}`));
    if (keys.some((column) => !column || !column.known))
        return bru.section(
            "cycles",
            "Where the cycles go",
            lead,
            bru.element("div", {class: "empty"}, "This sweep has no cycle classes."),
        );
    // Bars show the whole run: divided by its steps, it would be another figure than cycles_per_step.
    const known = Number(store.data.manifest.steps || store.data.fixed["run.steps"]) || null;
    const withLoad = bru.element("input", {type: "checkbox", id: "with-load", change: () => draw()});
    const quantity = bru.element(
        "select",
        {change: () => draw()},
        bru.element("option", {value: "cycles"}, "cycles of the run"),
        bru.element("option", {value: "share"}, "share of all cycles"),
    );
    const note = bru.element("span", {class: "faint"});
    const place = bru.element("div", {class: "chart"});
    const section = bru.section(
        "cycles",
        "Where the cycles go",
        lead,
        bru.element(
            "div",
            {class: "controls"},
            bru.element("label", {}, "Show", quantity),
            bru.element("label", {}, withLoad, "with the loading of weights, once per run"),
            note,
        ),
        bru.cycleExplanation(),
        place,
    );
    const row = (point, kind, title) =>
        bru.cycleRow(
            title,
            Object.fromEntries(
                bru.cycleClasses
                    .filter(({key}) => withLoad.checked || key !== "weight_load")
                    .map(({key}) => [key, store.metric(point, `cycles_${key}`) || 0]),
            ),
            1,
            quantity.value === "cycles",
            {point, kind},
        );

    let chart = null;
    const draw = () => {
        const marked = bru.markedPoints(store);
        const first = store.column(store.data.objectives[0]);
        const sign = first && first.better === "high" ? -1 : 1;
        const front = store.visible.filter(
            (point) => store.onFront(point) && point !== store.chosen && point !== store.selected,
        );
        if (first) front.sort((a, b) => sign * (store.value(a, first) - store.value(b, first)));
        const narrow = bru.isNarrow(place);
        const shape = (point) => (narrow ? store.shape(point).replaceAll(" ", "") : store.shape(point));
        const markName = ({point, kind, title}) =>
            `${bru.marks[kind]} ${bru.markTitle(store, title, point)}${narrow ? "" : `: ${shape(point)}`}`;
        const rows = [
            ...marked.map((mark) => row(mark.point, mark.kind, markName(mark))),
            ...front
                .slice(0, kMostCycleRows)
                .map((point) => row(point, null, `${store.name(point)}: ${shape(point)}`)),
        ];
        const cut = ` The first ${kMostCycleRows} of ${front.length} points of the front; filter to see others.`;
        const names = store.parameters.map((parameter) => parameter.title).join(" · ");
        note.textContent = `Names list ${names}.${front.length > kMostCycleRows ? cut : ""}`;
        const counted = withLoad.checked ? "all of the run" : "from the start of the machine on";
        const details = known ? ` (${counted}, over ${bru.plural(known, "step", "steps")})` : ` (${counted})`;
        const title = "cycles of the run" + (narrow ? "" : details);
        place.style.height = `${60 + 24 * rows.length}px`;
        chart.resize();
        chart.setOption(
            bru.cycleBars(
                rows,
                quantity.value === "cycles" ? title : "% of all cycles",
                narrow ? 150 : 270,
            ),
            {notMerge: true},
        );
    };
    section.start = () => {
        chart = bru.chart(place, "svg", 300, draw);
        draw();
        bru.onTheme(draw);
        chart.on("click", (event) => {
            if (event.data?.point !== undefined && event.data.point !== kDefault) store.select(event.data.point);
        });
        store.on("filter", draw);
        store.on("select", draw);
    };
    return section;
};
