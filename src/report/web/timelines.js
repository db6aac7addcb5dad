// What each block does, cycle by cycle, over a few steps. Several timelines stand under each other, on one scale of
// cycles.
bru.timelineColour = (event) => bru.cycleClasses.find(({key}) => key === event.class)?.colour || "#b9a5d4";

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
    const key = bru.element(
        "div",
        {class: "explain"},
        bru.cycleClasses
            .filter((each) => classes.has(each.key))
            .map(({title, colour, help}) =>
                bru.element(
                    "div",
                    {},
                    bru.element("i", {style: `background:${colour}`}),
                    bru.element("span", {}, bru.element("b", {}, title), ` – ${help}`),
                ),
            ),
        [...classes].some((name) => bru.cycleClasses.every((each) => each.key !== name))
            ? bru.element(
                  "div",
                  {},
                  bru.element("i", {style: "background:#b9a5d4"}),
                  bru.element("span", {}, "other activity of a block; hover for its name"),
              )
            : null,
    );
    const section = bru.section(
        "timelines",
        "Timeline of a step",
        lead,
        key,
        place,
        data.timelines_note ? bru.element("p", {class: "faint"}, data.timelines_note) : null,
    );
    section.start = () => {
        const layout = bru.timelineLayout(timelines);
        bru.chart(place, "canvas", layout.height).setOption(bru.timelineOption(timelines, layout));
    };
    return section;
};

const kTrackHeight = 22;

bru.timelineLayout = (timelines) => {
    let top = 30;
    const grids = timelines.map((timeline) => {
        const grid = {left: 150, right: 24, top, height: kTrackHeight * timeline.tracks.length};
        top += grid.height + 58;
        return grid;
    });
    return {grids, height: top + 40};
};

bru.timelineOption = (timelines, {grids}) => {
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
            textStyle: {...bru.textStyle, fontSize: 14, fontWeight: 600},
        })),
        grid: grids,
        tooltip: {
            ...bru.tooltip,
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
            axisLabel: {interval: 0, color: "#1b2430"},
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
            style: {fill: api.visual("color"), stroke: "#fff", lineWidth: to[0] - from[0] > 6 ? 0.6 : 0},
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
