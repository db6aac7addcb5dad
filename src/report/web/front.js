// Two metrics against each other: feasible points, the front that none of them beats, default, chosen and selected
// point. A rectangle drawn over points becomes conditions of the filter.
bru.frontSection = (store) => {
    const columns = [
        ...store.metrics.filter((metric) => new Set(bru.valuesOf(store, metric)).size > 1),
        ...store.parameters.filter((parameter) => parameter.numeric),
    ];
    if (columns.length < 2)
        return bru.section(
            "front",
            "Pareto front",
            "Two quantities against each other.",
            bru.element("div", {class: "empty"}, "No two quantities vary in this sweep."),
        );
    const objectives = store.data.objectives.map(store.column).filter((column) => columns.includes(column));
    const chosen = {
        x: objectives[0] || columns[0],
        y: objectives[1] || columns.find((column) => column !== objectives[0] && column !== columns[0]),
    };
    const place = bru.element("div", {class: "chart"});
    const beyond = bru.element("p", {class: "faint", id: "limits-beyond"});
    const picker = (axis) => {
        const log = bru.element("input", {type: "checkbox", change: () => draw()});
        const select = bru.element(
            "select",
            {
                "aria-label": `${axis} axis`,
                change: () => {
                    chosen[axis] = store.column(select.value);
                    chooseLog();
                    draw();
                },
            },
            columns.map((column) =>
                bru.element(
                    "option",
                    {value: column.key, selected: column === chosen[axis] ? "" : null},
                    bru.unitTitle(column),
                ),
            ),
        );
        return {
            log,
            node: bru.element(
                "span",
                {class: "pair"},
                bru.element("label", {}, axis === "x" ? "across" : "up", select),
                bru.element("label", {}, log, "log"),
            ),
        };
    };
    const pickers = {x: picker("x"), y: picker("y")};
    const section = bru.section(
        "front",
        "Pareto front",
        "Each dot is one shape of the machine. Green dots are the Pareto front: no other feasible shape is better in " +
            "every objective. The line joins the best of the dots shown, for these two axes. " +
            "Hover over a dot for its parameters, click it to select it everywhere, draw a rectangle to keep " +
            "only the dots in it.",
        bru.element(
            "div",
            {class: "columns"},
            bru.element(
                "div",
                {},
                bru.element("div", {class: "controls"}, pickers.x.node, pickers.y.node),
                bru.pointLegend(["━", "front", "best for these two axes"], ["╌", "ink", "limit of a constraint or the device"]),
                place,
                beyond,
            ),
            bru.comparison(store),
        ),
    );

    let chart = null;
    const near = bru.element("input", {
        type: "checkbox",
        checked: "",
        id: "near",
        change: () => {
            chooseLog();
            draw();
        },
    });
    const chooseLog = () => {
        const points = bru.rangePoints(store, near.checked);
        for (const axis of ["x", "y"]) pickers[axis].log.checked = bru.wantsLog(store, chosen[axis], points);
    };
    chooseLog();
    pickers.x.node.parentElement.append(bru.element("label", {}, near, "only where feasible points are"));
    const view = () => ({
        x: chosen.x,
        y: chosen.y,
        logX: pickers.x.log.checked,
        logY: pickers.y.log.checked,
        near: near.checked,
    });
    const draw = () => {
        chart.setOption(bru.frontOption(store, view()), {replaceMerge: ["series", "xAxis", "yAxis"]});
        beyond.textContent = bru.limitsBeyond(store, view());
    };
    section.start = () => {
        chart = bru.chart(place, "canvas", 560);
        draw();
        bru.onPointClick(chart, store);
        bru.onRectangle(chart, place, ([x0, x1], [y0, y1]) =>
            store.addConditions([...bru.rangeConditions(chosen.x, x0, x1), ...bru.rangeConditions(chosen.y, y0, y1)]),
        );
        bru.onTheme(draw);
        store.on("filter", draw);
        store.on("select", () => chart.setOption({series: bru.markedSeries(store, view())}));
    };
    return section;
};

bru.valuesOf = (store, column) => {
    const values = [];
    for (let point = 0; point < store.count; ++point) {
        const value = store.value(point, column);
        if (value !== null) values.push(value);
    }
    return values;
};

/** A logarithmic axis where the values of these points span more than a factor of 20. */
bru.wantsLog = (store, column, points) => {
    const [low, high] = bru.extent(points.map((point) => store.value(point, column)).filter((value) => value !== null));
    return low > 0 && high > 20 * low;
};

bru.rangeConditions = (column, low, high) => {
    const key = column.isParameter ? column.title : column.key;
    return [`>= ${Number(low.toPrecision(4))}`, `<= ${Number(high.toPrecision(4))}`].map((text) => ({
        key,
        text: `${key} ${text}`,
    }));
};

/** Calls `done([left, right], [low, high])`, in values of the axes, after a rectangle was drawn in the chart's grid. */
bru.onRectangle = (chart, place, done) => {
    const kLeastPixels = 6;
    const box = bru.element("div", {
        style:
            "position:absolute;display:none;pointer-events:none;z-index:5;opacity:0.25;" +
            `background:${bru.paint("default")};border:1px solid ${bru.paint("ink")}`,
    });
    place.style.position = "relative";
    place.append(box);
    let from = null;
    const inGrid = (event) => chart.containPixel({gridIndex: 0}, [event.offsetX, event.offsetY]);
    const extent = (event) =>
        ["X", "Y"].map((axis) => [from[`offset${axis}`], event[`offset${axis}`]].sort((a, b) => a - b));
    const drawn = (event) => extent(event).every(([low, high]) => high - low >= kLeastPixels);
    chart.getZr().on("mousedown", (event) => {
        from = inGrid(event) ? {offsetX: event.offsetX, offsetY: event.offsetY} : null;
    });
    chart.getZr().on("mousemove", (event) => {
        if (from === null) return;
        const [[x0, x1], [y0, y1]] = extent(event);
        Object.assign(box.style, {
            display: drawn(event) ? "block" : "none",
            left: `${x0}px`,
            top: `${y0}px`,
            width: `${x1 - x0}px`,
            height: `${y1 - y0}px`,
        });
    });
    const end = (event) => {
        if (from === null) return;
        box.style.display = "none";
        if (drawn(event)) {
            const [[x0, x1], [y0, y1]] = extent(event);
            const [low, high] = [
                chart.convertFromPixel({gridIndex: 0}, [x0, y1]),
                chart.convertFromPixel({gridIndex: 0}, [x1, y0]),
            ];
            done([low[0], high[0]], [low[1], high[1]]);
        }
        from = null;
    };
    chart.getZr().on("mouseup", end);
    chart.getZr().on("globalout", () => {
        from = null;
        box.style.display = "none";
    });
};

/** The visible feasible points that no other one beats in both columns, in the order of x. */
bru.frontOf = (store, x, y) => {
    if (![x.better, y.better].every((better) => better === "low" || better === "high")) return [];
    const sign = (column) => (column.better === "low" ? 1 : -1);
    const points = store.visible
        .filter((point) => store.feasible(point) && store.value(point, x) !== null && store.value(point, y) !== null)
        .map((point) => ({point, a: sign(x) * store.value(point, x), b: sign(y) * store.value(point, y)}))
        .sort((p, q) => p.a - q.a || p.b - q.b);
    let best = Infinity;
    return points.filter(({b}) => b < best && ((best = b), true)).map(({point}) => point);
};

bru.frontOption = (store, view) => {
    const {x, y, logX, logY} = view;
    const drawable = bru.drawable(store, view);
    const groups = {infeasible: [], feasible: [], front: []};
    for (const point of store.visible) {
        if (!drawable(point)) continue;
        groups[store.onFront(point) ? "front" : store.feasible(point) ? "feasible" : "infeasible"].push(
            bru.dot(store, view, point),
        );
    }
    const dots = (id, name, size, z) => ({
        id,
        name,
        type: "scatter",
        data: groups[id],
        symbolSize: size,
        z,
        itemStyle: {color: bru.colours[id], opacity: id === "front" ? 1 : 0.75},
        emphasis: {scale: 1.6, itemStyle: {borderColor: bru.colours.ink, borderWidth: 1}},
    });
    const line = bru
        .frontOf(store, x, y)
        .filter(drawable)
        .map((point) => bru.dot(store, view, point));
    const series = [
        {...dots("infeasible", "not feasible", 5, 2), markLine: bru.limitLines(store, x, y)},
        dots("feasible", "feasible", 6, 3),
        {
            id: "line",
            name: "best for these axes",
            type: "line",
            step: x.better === "low" ? "end" : "start",
            data: line,
            symbol: "none",
            silent: true,
            z: 3,
            lineStyle: {color: bru.colours.front, width: 1.5},
            itemStyle: {color: bru.colours.front},
        },
        dots("front", "Pareto front", 9, 4),
        ...bru.markedSeries(store, view),
    ];
    return {
        ...bru.baseOption(`${y.title} against ${x.title} of ${store.visible.length} points`),
        grid: {left: 76, right: 34, top: 26, bottom: 56},
        tooltip: {
            ...bru.tooltip(),
            trigger: "item",
            formatter: (event) =>
                event.value?.[2] === undefined ? "" : bru.pointTooltip(store, event.value[2], [x, y]),
        },
        xAxis: bru.valueAxis(bru.axisTitle(x), {
            ...bru.axisType(logX),
            axisLabel: bru.axisLabel(logX),
            nameGap: 32,
            ...bru.axisRange(store, view, x, logX),
        }),
        yAxis: bru.valueAxis(bru.axisTitle(y), {
            ...bru.axisType(logY),
            axisLabel: bru.axisLabel(logY),
            nameGap: 56,
            ...bru.axisRange(store, view, y, logY),
        }),
        series,
    };
};

bru.dot = (store, {x, y}, point) => [store.value(point, x), store.value(point, y), point];

bru.drawable =
    (store, {x, y, logX, logY}) =>
    (point) => {
        const [a, b] = [store.value(point, x), store.value(point, y)];
        return a !== null && b !== null && (!logX || a > 0) && (!logY || b > 0);
    };

/** The points that decide what an axis shows; the default is one of them until points are filtered out. */
bru.rangePoints = (store, near) => {
    const feasible = store.visible.filter(store.feasible);
    const rest = store.hasDefault && store.visible.length === store.count ? [kDefault] : [];
    return [...(near && feasible.length > 0 ? feasible : store.visible), ...rest];
};

/** Room for those points and for limits near them, with a margin. */
bru.axisRange = (store, {near}, column, log) => {
    const values = bru.rangePoints(store, near).map((point) => store.value(point, column));
    return bru.niceRange([...values, ...bru.boundsWithinReach(store, column, values, log)], log, 0.06);
};

bru.signs = () => ({
    chosen: {
        symbol: "path://M0,-10 L2.6,-3.4 9.5,-3.1 4.1,1.3 5.9,8.1 0,4.2 -5.9,8.1 -4.1,1.3 -9.5,-3.1 -2.6,-3.4 Z",
        symbolSize: 22,
        itemStyle: {color: bru.colours.chosen, borderColor: bru.colours.paper, borderWidth: 1, opacity: 1},
    },
    default: {
        symbol: "diamond",
        symbolSize: 18,
        itemStyle: {color: bru.colours.default, borderColor: bru.colours.paper, borderWidth: 1, opacity: 1},
    },
    selected: {
        symbol: "circle",
        symbolSize: 17,
        itemStyle: {color: "transparent", borderColor: bru.colours.selected, borderWidth: 2.5},
    },
});

/** Default, chosen and selected point over all others, each with its sign and name; an empty series for none. */
bru.markedSeries = (store, view) => {
    const drawable = bru.drawable(store, view);
    const points = {default: store.hasDefault ? kDefault : null, chosen: store.chosen, selected: store.selected};
    const titles = {default: "Default", chosen: "Chosen", selected: "Selected"};
    const across = bru.extent(
        bru
            .rangePoints(store, view.near)
            .map((point) => store.value(point, view.x))
            .filter((value) => value !== null),
    );
    const side = (point) => (store.value(point, view.x) > (across[0] + across[1]) / 2 ? "left" : "right");
    const signs = bru.signs();
    return Object.entries(points).map(([kind, point]) => {
        const shown = point !== null && store.ok(point) && drawable(point);
        const text =
            kind === "selected" && point === store.chosen
                ? ""
                : kind === "default"
                  ? "default"
                  : shown
                    ? `${kind === "chosen" ? "chosen " : ""}${store.name(point)}`
                    : "";
        return {
            id: kind,
            name: titles[kind],
            type: "scatter",
            ...signs[kind],
            data: shown ? [bru.dot(store, view, point)] : [],
            z: kind === "selected" ? 7 : 6,
            label: {
                show: true,
                position: kind === "selected" ? "bottom" : shown ? side(point) : "right",
                distance: 6,
                formatter: text,
                color: bru.colours[`${kind}_ink`],
                fontWeight: 600,
                textBorderColor: bru.colours.paper,
                textBorderWidth: 3,
            },
        };
    });
};

/** Dashed lines where the constraints of the sweep and the device draw a limit for one of the axes. */
bru.limitLines = (store, x, y) => {
    const lines = [
        [x, "xAxis"],
        [y, "yAxis"],
    ].flatMap(([column, axis]) =>
        [...bru.constraintLimits(store, column), ...bru.deviceLimits(store, column)].map(({bound, text}) => ({
            [axis]: bound,
            label: {formatter: text, position: "insideEndTop", color: bru.colours.ink},
        })),
    );
    return {
        silent: true,
        symbol: "none",
        lineStyle: {color: bru.colours.ink, type: "dashed", width: 1.2},
        data: lines,
    };
};

/** Which limits of constraints the picture cannot show, since they are far from all points. */
bru.limitsBeyond = (store, view) => {
    const values = (column) => bru.rangePoints(store, view.near).map((point) => store.value(point, column));
    const beyond = ["x", "y"].flatMap((axis) => {
        const column = view[axis];
        const {min, max} = bru.axisRange(store, view, column, view[`log${axis.toUpperCase()}`]);
        const [low, high] = min === undefined ? bru.extent(values(column)) : [min, max];
        return bru.constraintLimits(store, column).filter(({bound}) => bound < low || bound > high);
    });
    const texts = beyond.map(({text}) => text).join(", ");
    return texts ? `Beyond these axes, so not drawn: ${texts}.` : "";
};
