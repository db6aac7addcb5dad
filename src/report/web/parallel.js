// Parallel coordinates: an axis per parameter, an objective and a constrained metric; a line per point. Ranges drawn on
// axes keep the points that pass through all of them, everywhere on the page.
bru.parallelSection = (store) => {
    const columns = bru.parallelColumns(store);
    const lead =
        "Follow one line from left to right: the values of one point's parameters, then what they give. Drag " +
        "along an axis to keep only the lines that pass there; click the axis beside the range to drop it.";
    if (columns.length < 2)
        return bru.section(
            "parallel",
            "Parameters and what they give",
            lead,
            bru.element("div", {class: "empty"}, "Less than two quantities vary in this sweep."),
        );
    const place = bru.element("div", {class: "chart"});
    const section = bru.section(
        "parallel",
        "Parameters and what they give",
        lead,
        bru.pointLegend(["━", "ink", "limit of a constraint"]),
        bru.scrolled(place),
    );
    place.style.minWidth = `${columns.length * 84}px`;
    section.start = () => {
        let axes = [];
        const chart = bru.chart(place, "canvas", 430);
        // Marked points have a chart of their own on top: a selection does not draw thousands of lines again.
        const cover = bru.element("div", {style: "position:absolute;inset:0;pointer-events:none"});
        place.style.position = "relative";
        place.append(cover);
        const top = bru.chart(cover, "canvas", 430, () => drawMarked());
        const draw = () => {
            axes = columns.map((column, dim) => bru.parallelAxis(store, column, dim));
            chart.setOption(bru.parallelOption(store, columns, axes), {replaceMerge: ["series", "parallelAxis"]});
        };
        const drawMarked = () => {
            top.setOption(bru.parallelMarked(store, columns, axes), {replaceMerge: ["series", "parallelAxis"]});
            top.setOption({graphic: bru.parallelLimits(store, columns, axes, top)}, {replaceMerge: ["graphic"]});
        };
        draw();
        drawMarked();
        chart.on("axisareaselected", () => {
            const brushed = new Set();
            let any = false;
            const model = chart.getModel();
            model.eachComponent("parallelAxis", (axis) => {
                any = any || axis.activeIntervals.length > 0;
            });
            model.eachSeries((series) => {
                const data = series.getData();
                for (const index of series.getRawIndicesByActiveState("active"))
                    brushed.add(data.getRawDataItem(index)[columns.length]);
            });
            store.filters.brushed = any ? brushed : null;
            store.filterChanged(true);
        });
        bru.onPointClick(chart, store);
        store.on("filter", (byBrush) => {
            if (!byBrush) {
                draw();
                drawMarked();
            }
        });
        store.on("select", drawMarked);
        bru.onTheme(() => {
            draw();
            drawMarked();
        });
    };
    return section;
};

/** Parameters, objectives, and metrics that constraints name. */
bru.parallelColumns = (store) => {
    const constrained = store.data.constraints
        .map((text) => bru.parseConditions(store, text))
        .flatMap((parsed) => (parsed.conditions || []).map((condition) => condition.key));
    const metrics = [...new Set([...store.data.objectives, ...constrained, "lut", "bram36", "latency_us", "energy_uj"])]
        .map(store.column)
        .filter(
            (column) => column && !column.isParameter && column.known && new Set(bru.valuesOf(store, column)).size > 2,
        );
    return [...store.parameters.filter((parameter) => parameter.values.length > 1), ...metrics].slice(0, 14);
};

bru.parallelAxis = (store, column, dim) => {
    const arrow = column.better === "low" ? " ↓" : column.better === "high" ? " ↑" : "";
    const name = `${column.title.replace(/, /, ",\n")}${arrow}${bru.shownUnit(column) ? `\n${column.unit}` : ""}`;
    const common = {
        dim,
        name,
        nameLocation: "end",
        nameGap: 14,
        nameTextStyle: {color: bru.colours.ink, fontSize: 12, lineHeight: 15},
        axisLine: {lineStyle: {color: bru.colours.faint, width: 1.5}},
        axisLabel: {color: bru.colours.ink, textBorderColor: bru.colours.paper, textBorderWidth: 3, formatter: undefined},
        areaSelectStyle: {width: 22, color: bru.colours.default, borderColor: bru.colours.default, opacity: 0.25},
    };
    if (column.isParameter && (!column.numeric || column.values.length <= 24))
        return {...common, type: "category", data: column.values.map(bru.baseName), place: true};
    const points = [...store.passing, ...bru.markedPoints(store).map(({point}) => point)];
    const log = bru.wantsLog(store, column, points);
    const values = points.map((point) => store.value(point, column));
    return {
        ...common,
        ...bru.axisType(log),
        ...bru.niceRange([...values, ...bru.boundsWithinReach(store, column, values, log)], log, 0.02),
        axisLabel: {...bru.axisLabel(log), ...common.axisLabel, formatter: bru.axisNumber},
    };
};

/** A point's place on each axis, and the point. */
bru.parallelValues = (store, columns, axes, point) => [
    ...columns.map((column, k) => {
        if (!axes[k].place) return store.value(point, column);
        return point === kDefault
            ? column.values.indexOf(column.baseline)
            : store.data.columns.parameters[column.place][point];
    }),
    point,
];

bru.parallelLines = (name, data, style) => ({
    name,
    type: "parallel",
    data,
    lineStyle: style,
    inactiveOpacity: 0.01,
    activeOpacity: style.opacity,
    progressive: 0,
    emphasis: {lineStyle: {width: 2.5, opacity: 1}},
});

bru.parallelPlace = {left: 48, right: 70, top: 70, bottom: 24};

bru.parallelOption = (store, columns, axes) => {
    const groups = {infeasible: [], feasible: [], front: []};
    for (const point of store.passing) {
        if (!store.ok(point)) continue;
        const values = bru.parallelValues(store, columns, axes, point);
        if (values.every((value, k) => value !== null && (value !== -1 || !axes[k]?.place)))
            groups[store.onFront(point) ? "front" : store.feasible(point) ? "feasible" : "infeasible"].push(values);
    }
    const opacity = Math.max(0.06, Math.min(0.5, 60 / Math.max(1, groups.feasible.length)));
    const names = {infeasible: "not feasible", feasible: "feasible", front: "Pareto front"};
    return {
        ...bru.baseOption("Parameters and metrics, one line per point"),
        tooltip: {
            ...bru.tooltip(),
            trigger: "item",
            formatter: (event) =>
                event.value?.length > columns.length ? bru.pointTooltip(store, event.value[columns.length]) : "",
        },
        parallel: bru.parallelPlace,
        parallelAxis: axes,
        series: [
            bru.parallelLines(names.infeasible, groups.infeasible, {
                color: bru.colours.infeasible,
                width: 1,
                opacity: Math.max(0.05, opacity / 2),
            }),
            bru.parallelLines(names.feasible, groups.feasible, {color: bru.colours.feasible, width: 1, opacity}),
            bru.parallelLines(names.front, groups.front, {color: bru.colours.front, width: 1.6, opacity: 0.8}),
        ],
    };
};

/** The marked points' lines, over the same axes. */
bru.parallelMarked = (store, columns, axes) => ({
    ...bru.baseOption("The lines of the marked points"),
    parallel: bru.parallelPlace,
    parallelAxis: axes,
    series: bru.markedPoints(store).map(({point, kind, title}) => {
        const values = bru
            .parallelValues(store, columns, axes, point)
            .map((value, k) => (value === -1 && axes[k]?.place ? NaN : value));
        return {
            ...bru.parallelLines(title, [values], {color: bru.colours[kind], width: 3.5, opacity: 1}),
            silent: true,
        };
    }),
});

/** A stroke across an axis where a constraint of the sweep has its limit, with the constraint's comparison beside it. */
bru.parallelLimits = (store, columns, axes, chart) => {
    const system = chart.getModel().getComponent("parallel").coordinateSystem;
    const {y: top, height} = system.getRect();
    return columns.flatMap((column, k) => {
        if (axes[k].place) return [];
        return bru.constraintLimits(store, column).flatMap(({bound, text}, place) => {
            const [x, y] = system.dataToPoint(bound, `dim${k}`);
            if (!(y >= top - 1 && y <= top + height + 1)) return [];
            return [
                {
                    type: "line",
                    id: `limit ${k} ${place}`,
                    silent: true,
                    shape: {x1: x - 13, y1: y, x2: x + 13, y2: y},
                    style: {stroke: bru.colours.ink, lineWidth: 3},
                },
                {
                    type: "text",
                    id: `limit text ${k} ${place}`,
                    silent: true,
                    x: x - 17,
                    y: y - 6,
                    style: {
                        align: "right",
                        text: text.slice(text.search(/[<>=]/)),
                        font: "600 12px system-ui, 'DejaVu Sans', sans-serif",
                        fill: bru.colours.ink,
                        stroke: bru.colours.paper,
                        lineWidth: 3,
                    },
                },
            ];
        });
    });
};
