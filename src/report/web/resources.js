// What a shape takes of the device: bars in percent of what there is, with the limit that a design should keep.
/** `machines`: [{title, kind, used: {lut, ...}, available: {...}, limit: {...}}] */
bru.resourceBars = (machines) => {
    const kinds = bru.resources.filter(({key}) =>
        machines.some((machine) => machine.used[key] !== null && machine.used[key] !== undefined),
    );
    const percent = (machine, key) =>
        machine.available[key] > 0 && Number.isFinite(machine.used[key])
            ? (100 * machine.used[key]) / machine.available[key]
            : null;
    const limits = kinds.map(({key}) =>
        machines[0].available[key] > 0 ? (100 * machines[0].limit[key]) / machines[0].available[key] : null,
    );
    const highest = Math.max(100, ...machines.flatMap((machine) => kinds.map(({key}) => percent(machine, key) || 0)));
    return {
        ...bru.baseOption("Resources in percent of the device"),
        grid: {left: 10, right: 150, top: 8, bottom: 46, containLabel: true},
        tooltip: {
            ...bru.tooltip(),
            trigger: "axis",
            axisPointer: {type: "shadow"},
            formatter: (items) => bru.resourceTooltip(machines, kinds[items[0].dataIndex]),
        },
        xAxis: bru.valueAxis("% of the device", {min: 0, max: highest > 100 ? null : 100, nameGap: 28}),
        yAxis: {
            type: "category",
            inverse: true,
            data: kinds.map(({title}) => title),
            axisTick: {show: false},
            axisLine: {lineStyle: {color: bru.colours.faint}},
            axisLabel: {color: bru.colours.ink, fontSize: 13},
        },
        series: [
            ...machines.map((machine) => ({
                name: machine.title,
                type: "bar",
                z: 7,
                barMaxWidth: 20,
                barGap: "10%",
                itemStyle: {color: bru.colours[machine.kind]},
                data: kinds.map(({key}) => ({
                    value: percent(machine, key),
                    over: machine.used[key] > machine.limit[key],
                })),
                label: {
                    show: true,
                    position: "right",
                    color: bru.colours.ink,
                    textBorderColor: bru.colours.paper,
                    textBorderWidth: 4,
                    fontSize: 12,
                    formatter: (item) => bru.resourceLabel(machine, kinds[item.dataIndex].key),
                },
            })),
            bru.limitTicks(limits),
        ],
    };
};

bru.resourceLabel = (machine, key) => {
    const used = machine.used[key];
    const number = Number.isInteger(used) ? bru.grouped(used) : used.toFixed(1);
    return `${number} of ${bru.grouped(machine.available[key])}${used > machine.limit[key] ? ", too many" : ""}`;
};

bru.resourceTooltip = (machines, {key, title, help}) =>
    `<b>${title}</b> – ${help}<table>${machines
        .map((machine) =>
            bru.hoverRow(
                bru.escaped(machine.title),
                `<b>${bru.resourceLabel(machine, key)}</b>`,
                `limit ${bru.grouped(machine.limit[key])}`,
            ),
        )
        .join("")}</table>`;

/** A vertical stroke a resource where the limit is. */
bru.limitTicks = (limits) => ({
    name: "limit",
    type: "custom",
    z: 6,
    itemStyle: {color: bru.colours.ink},
    silent: true,
    data: limits.map((limit, k) => [limit === null ? NaN : limit, k]),
    encode: {x: 0, y: 1},
    tooltip: {show: false},
    renderItem: (parameters, api) => {
        if (!Number.isFinite(api.value(0))) return null;
        const [x, y] = api.coord([api.value(0), api.value(1)]);
        const half = api.size([0, 1])[1] * 0.46;
        return {
            type: "line",
            shape: {x1: x, y1: y - half, x2: x, y2: y + half},
            style: {stroke: bru.colours.ink, lineWidth: 2},
        };
    },
});

bru.resourceLegend = (machines) =>
    bru.legend(...machines.map(({kind, title}) => ["■", kind, title]), [
        "┃",
        "ink",
        "limit for a design that routes well",
    ]);

bru.resourcesSection = (store) => {
    const lead =
        "How much of the FPGA each shape takes. The upright stroke is the limit that still routes well; a bar " +
        "beyond it does not fit. Click a point anywhere to see it here.";
    const place = bru.element("div", {class: "chart"});
    const note = bru.element("div", {class: "empty"}, "No point that ran has resources of a known device.");
    const legend = bru.element("div");
    const section = bru.section("resources", "Resources against the device", lead, legend, place, note);
    let chart = null;
    const devices = Object.keys(store.data.devices).length;
    const draw = () => {
        const machines = bru
            .markedPoints(store)
            .filter(({point}) => store.device(point))
            .map(({point, kind, title}) => ({
                title: bru.markTitle(store, title, point) + (devices > 1 ? ` on ${store.device(point).name}` : ""),
                kind,
                used: Object.fromEntries(bru.resources.map(({key}) => [key, store.metric(point, key)])),
                ...store.device(point),
            }));
        note.hidden = machines.length > 0;
        place.hidden = machines.length === 0;
        if (!machines.length) return;
        legend.replaceChildren(bru.resourceLegend(machines));
        place.style.height = `${60 + bru.resources.length * (26 + 20 * machines.length)}px`;
        chart.resize();
        chart.setOption(bru.resourceBars(machines), {notMerge: true});
    };
    section.start = () => {
        chart = bru.chart(place, "svg", 300, draw);
        draw();
        bru.onTheme(draw);
        store.on("select", draw);
    };
    return section;
};
