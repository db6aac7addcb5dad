// What each block does, cycle by cycle, over a few steps. Several timelines stand under each other, on one scale of
// cycles.
bru.timelineColour = (event) => bru.colours[event.class] || bru.colours.activity;

bru.timelinesSection = (data) => {
    const lead =
        "What the blocks do while steps go through the machine, on one scale of cycles: a shorter pattern is a " +
        "faster machine. Blue is work of the lanes, other colours are what it waits for. " +
        "Drag the slider below, or turn the wheel with Ctrl held, to look closer; hover over a bar for its cycles.";
    const timelines = (data.timelines || []).filter((timeline) => timeline.events.length > 0);
    if (!timelines.length)
        return bru.section(
            "timelines",
            "Timeline of a step",
            lead,
            bru.element("div", {class: "empty"}, `No timeline: ${data.timelines_note || "none was recorded"}.`),
        );
    const place = bru.element("div", {class: "chart"});
    const classes = new Set(timelines.flatMap((timeline) => timeline.events.map((event) => event.class)));
    const isOther = [...classes].some((name) => bru.cycleClasses.every((each) => each.key !== name));
    const other = {key: "activity", title: "other activity", help: "of a block; hover over a bar for its name"};
    const section = bru.section(
        "timelines",
        "Timeline of a step",
        lead,
        bru.cycleExplanation(classes, ...(isOther ? [other] : [])),
        bru.tracksExplanation(timelines),
        place,
        data.timelines_note ? bru.element("p", {class: "faint"}, data.timelines_note) : null,
    );
    section.start = () => {
        const {height} = bru.timelineLayout(timelines, false);
        const chart = bru.chart(place, "canvas", height, () => draw());
        const draw = () =>
            chart.setOption(bru.timelineOption(timelines, bru.timelineLayout(timelines, bru.isNarrow(place))));
        draw();
        bru.onTheme(draw);
    };
    return section;
};

/** What each row of a timeline is; docs/timeline.md has the same at length. */
const kTracks = [
    ["sequencer", "what each cycle was used for: work, or the reason of waiting"],
    ["dot_product_lanes", "passes of a row group over its weights, from the issue of the first chunk to the last"],
    ["scale_bias", "parts of row groups as they enter, to be scaled"],
    ["activation_lut", "row groups as they enter the tables of sigmoid and tanh"],
    ["cell_update", "row groups whose state c and h is computed"],
    ["state_registers", "row groups whose h is written, so that later chunks can read it"],
    ["stream_input", "input of a step arrives, from the first to the last beat"],
    ["stream_output", "an output vector leaves, from the first to the last beat"],
    ["mm2s burst", "the DMA reads the memory; one row per burst that may be outstanding"],
    ["s2mm burst", "the DMA writes the memory"],
    ["host", "the driver accesses registers and serves interrupts"],
    ["interrupt", "the line of an interrupt is high"],
];

bru.tracksExplanation = (timelines) => {
    const shown = timelines.flatMap((timeline) => timeline.tracks);
    const facts = kTracks.filter(([name]) => shown.some((track) => track.includes(name)));
    return bru.element(
        "details",
        {id: "tracks"},
        bru.element("summary", {}, "What the rows are"),
        bru.element(
            "dl",
            {class: "facts"},
            facts.flatMap(([name, help]) => [bru.element("dt", {}, name), bru.element("dd", {}, help)]),
        ),
    );
};

const kTrackHeight = 22;

bru.timelineLayout = (timelines, narrow) => {
    let top = 30;
    const grids = timelines.map((timeline) => {
        const grid = {left: narrow ? 112 : 150, right: 24, top, height: kTrackHeight * timeline.tracks.length};
        top += grid.height + 58;
        return grid;
    });
    return {grids, height: top + 40, fontSize: narrow ? 10 : 12};
};

bru.timelineOption = (timelines, {grids, fontSize}) => {
    const begin = timelines.map((timeline) => Math.min(...timeline.events.map((event) => event.begin)));
    const length = Math.max(
        ...timelines.map((timeline, k) => Math.max(...timeline.events.map((event) => event.end)) - begin[k]),
    );
    return {
        ...bru.baseOption("Activity of the blocks over cycles"),
        title: timelines.map((timeline, k) => ({
            text: timeline.title,
            left: 12,
            top: grids[k].top - 26,
            textStyle: {...bru.textStyle(), fontSize: 14, fontWeight: 600},
        })),
        grid: grids,
        tooltip: {
            ...bru.tooltip(),
            trigger: "item",
            formatter: (item) =>
                bru.timelineTooltip(timelines[item.seriesIndex], item.data.event, begin[item.seriesIndex]),
        },
        xAxis: timelines.map((timeline, k) =>
            bru.valueAxis(
                k === timelines.length - 1 ? `cycles from the first event shown, at ${timeline.clock_mhz} MHz` : "",
                {gridIndex: k, min: 0, max: length, nameGap: 26},
            ),
        ),
        yAxis: timelines.map((timeline, k) => ({
            type: "category",
            gridIndex: k,
            inverse: true,
            data: timeline.tracks,
            axisTick: {show: false},
            axisLabel: {interval: 0, color: bru.colours.ink, fontSize},
            splitLine: {show: true, lineStyle: {color: bru.colours.grid}},
        })),
        dataZoom: [
            {
                type: "slider",
                xAxisIndex: timelines.map((_, k) => k),
                bottom: 6,
                height: 20,
                filterMode: "weakFilter",
                showDataShadow: false,
                textStyle: {color: bru.colours.faint},
                borderColor: bru.colours.edge,
                labelFormatter: (value) => bru.grouped(value),
            },
            {
                type: "inside",
                xAxisIndex: timelines.map((_, k) => k),
                zoomOnMouseWheel: "ctrl",
                moveOnMouseWheel: false,
                filterMode: "weakFilter",
            },
        ],
        series: timelines.map((timeline, k) => ({
            type: "custom",
            xAxisIndex: k,
            yAxisIndex: k,
            encode: {x: [1, 2], y: 0},
            renderItem: bru.timelineBar,
            clip: true,
            data: timeline.events.map((event) => ({
                value: [event.track, event.begin - begin[k], event.end - begin[k]],
                event,
                itemStyle: {color: bru.timelineColour(event)},
            })),
        })),
    };
};

/** A bar from the first to the end of the last cycle, never thinner than it can be seen. */
bru.timelineBar = (parameters, api) => {
    const from = api.coord([api.value(1), api.value(0)]);
    const to = api.coord([api.value(2), api.value(0)]);
    const height = api.size([0, 1])[1] * 0.7;
    const area = parameters.coordSys;
    const shape = echarts.graphic.clipRectByRect(
        {x: from[0], y: from[1] - height / 2, width: Math.max(1, to[0] - from[0]), height},
        {x: area.x, y: area.y, width: area.width, height: area.height},
    );
    return (
        shape && {
            type: "rect",
            shape,
            style: {fill: api.visual("color"), stroke: bru.colours.paper, lineWidth: to[0] - from[0] > 6 ? 0.6 : 0},
        }
    );
};

bru.timelineTooltip = (timeline, event, begin) => {
    const cycles = event.end - event.begin;
    const lines = [
        `<b>${bru.escaped(timeline.tracks[event.track])}: ${bru.escaped(event.name)}</b>`,
        `${bru.plural(cycles, "cycle", "cycles")}, ${bru.short(cycles / timeline.clock_mhz)} us`,
        `cycles ${bru.grouped(event.begin - begin)} to ${bru.grouped(event.end - begin)}`,
    ];
    return lines.join("<br>");
};
