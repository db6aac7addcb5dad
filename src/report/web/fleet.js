// The page of a fleet: does it hold its target, how many boards it needs, and how the latency grows with the load.
bru.fleetTime = (us) =>
    us === null ? "–" : us < 1000 ? `${bru.short(us)} us` : us < 1e6 ? `${bru.short(us / 1000)} ms` : `${bru.short(us / 1e6)} s`;

bru.fleetPercent = (share) =>
    share > 0.99995 && share < 1 ? `${Math.min(100 * share, 99.99999).toFixed(5)} %` : `${Number((100 * share).toPrecision(4))} %`;

bru.fleetPage = (data) => {
    const {fleet, manifest} = data;
    return [
        bru.fleetHeader(fleet, manifest, data.source),
        bru.fleetCards(fleet),
        fleet.loads.length ? bru.fleetLoads(fleet) : null,
        fleet.trials.length ? bru.fleetTrials(fleet) : null,
        bru.fleetBoards(fleet),
        bru.fleetCounts(fleet.result),
        bru.configurationSection(data.config, {source: data.source, ...manifest}),
    ].filter((part) => part);
};

bru.fleetHeader = (fleet, manifest, source) => {
    const {result, target} = fleet;
    return bru.element(
        "header",
        {},
        bru.element("h1", {}, `A fleet of ${bru.plural(result.boards, "board", "boards")}`),
        bru.element(
            "p",
            {class: "faint"},
            [bru.baseName(manifest.file || source), `${bru.short(result.counted_s)} s simulated`, manifest.version ? `bru ${manifest.version}` : null]
                .filter((part) => part)
                .join(" · "),
        ),
        bru.element(
            "p",
            {class: "headline", id: "headline"},
            "The target ",
            bru.element("b", {}, result.holds ? "holds" : "does not hold"),
            `: ${bru.fleetPercent(result.within_share)} of the steps are answered within ${bru.fleetTime(target.deadline_us)}, ` +
                `${target.percent} % are wanted; ${bru.fleetPercent(result.unserved_share)} of the sessions are not served, ` +
                `${target.unserved_percent} % are allowed.`,
        ),
    );
};

bru.fleetCards = (fleet) => {
    const {result, load} = fleet;
    const limit = load.of_streams >= load.of_steps ? "streams run out first" : "steps run out first";
    return bru.element(
        "div",
        {class: "cards"},
        fleet.trials.length
            ? bru.card(
                  "boards-needed",
                  fleet.boards_needed === null ? "none" : bru.grouped(fleet.boards_needed),
                  fleet.boards_needed === null ? "no number of boards holds the target" : "boards needed for the target",
              )
            : null,
        bru.card("in-time", bru.fleetPercent(result.within_share), "of the steps answered within the deadline"),
        bru.card(
            "response",
            bru.fleetTime(result.response_us.p99),
            `response of 99 % of the steps; median ${bru.fleetTime(result.response_us.p50)}, 99.9 % ` +
                bru.fleetTime(result.response_us.p999),
        ),
        bru.card("load", bru.fleetPercent(load.offered), `load of the fleet; ${limit}`),
        fleet.knee_load === null ? null : bru.card("knee", bru.fleetPercent(fleet.knee_load), "load at the knee of the latency"),
        result.energy_j > 0
            ? bru.card("power", `${bru.short(result.energy_j / result.counted_s)} W`, "of all boards on average (first-order estimate)")
            : null,
        result.cost.boards + result.cost.electricity > 0
            ? bru.card("cost", bru.short(result.cost.per_million_steps), "cost per million answered steps")
            : null,
    );
};

/** A table from titles and rows of texts; the first column names the row. */
bru.fleetTable = (id, titles, rows) =>
    bru.scrolled(
        bru.table(
            id,
            titles,
            rows.map((row) => bru.element("tr", {"data-key": row[0]}, row.map((text) => bru.element("td", {}, text)))),
        ),
    );

bru.fleetResultRow = (name, {boards, result}) => [
    name,
    ...(boards === undefined ? [bru.grouped(result.sessions.arrived)] : []),
    bru.fleetTime(result.response_us.p50),
    bru.fleetTime(result.response_us.p99),
    bru.fleetTime(result.response_us.p999),
    bru.fleetPercent(result.within_share),
    bru.fleetPercent(result.unserved_share),
    result.holds ? "yes" : "no",
];

bru.fleetLines = [
    {key: "p50", title: "median", colour: "feasible"},
    {key: "p99", title: "99 %", colour: "default"},
    {key: "p999", title: "99.9 %", colour: "chosen"},
];

/** Percentiles of the response against what was varied, with the deadline and, where there is one, a mark. */
bru.fleetChart = (place, points, {axis, deadline_us, mark, description}) => {
    const times = points.flatMap(([, result]) => bru.fleetLines.map(({key}) => result.response_us[key]));
    const unit = Math.max(deadline_us, ...times) < 1000 ? "us" : "ms";
    const shown = (us) => (unit === "us" ? us : us / 1000);
    const chart = bru.chart(place, "svg", 340);
    const draw = () => {
        const {ink, faint, chosen_ink: bad} = bru.colours;
        const label = (text, position) => ({formatter: text, color: ink, position, fontSize: 12, rotate: 0});
        const marks = [{yAxis: shown(deadline_us), lineStyle: {color: bad, type: "dashed"}, label: label("deadline", "insideEndTop")}];
        if (mark) marks.push({xAxis: mark.at, lineStyle: {color: faint, type: "dotted"}, label: label(mark.text, "insideStartTop")});
        chart.setOption(
            {
                ...bru.baseOption(description),
                grid: {left: 66, right: 24, top: 22, bottom: 52},
                tooltip: {...bru.tooltip(), trigger: "axis", valueFormatter: (value) => bru.fleetTime(unit === "us" ? value : value * 1000)},
                xAxis: bru.valueAxis(axis, {
                    minInterval: axis === "boards" ? 1 : 0,
                    ...bru.niceRange(points.map(([x]) => x), false, 0.05),
                }),
                yAxis: bru.valueAxis(`response (${unit})`, {
                    ...bru.axisType(true),
                    axisLabel: bru.axisLabel(true),
                    nameGap: 48,
                    ...bru.niceRange([...times, deadline_us].map(shown), true, 0.08),
                }),
                series: bru.fleetLines.map(({key, title, colour}, number) => ({
                    name: title,
                    type: "line",
                    data: points.map(([x, result]) => [x, shown(result.response_us[key])]),
                    lineStyle: {color: bru.colours[colour], width: 2},
                    itemStyle: {color: bru.colours[colour]},
                    symbolSize: 6,
                    markLine: number === 0 ? {silent: true, symbol: "none", data: marks} : undefined,
                })),
            },
            true,
        );
    };
    draw();
    bru.onTheme(draw);
};

bru.fleetLegend = () => bru.legend(...bru.fleetLines.map(({title, colour}) => ["●", colour, title]));

bru.fleetLoads = (fleet) => {
    const place = bru.element("div", {class: "chart", id: "loads-chart"});
    const best = Math.max(0, ...fleet.loads.filter(({result}) => result.holds).map(({load}) => load));
    const section = bru.section(
        "loads",
        "Load against latency",
        "Response of the steps, network included, while the number of sessions grows. Load is the share of what the fleet " +
            "can take, in streams or in steps, whichever runs out first. " +
            (fleet.knee_load === null
                ? "The response does not bend within these loads: there is no knee. "
                : `Beyond the knee at ${fleet.knee_load}, the response grows faster than the load. `) +
            (best > 0 ? `The target holds up to a load of ${best}.` : "The target holds at none of these loads."),
        bru.fleetLegend(),
        place,
        bru.fleetTable(
            "loads-table",
            ["load", "sessions", "median", "99 %", "99.9 %", "in time", "not served", "target"],
            fleet.loads.map((point) => bru.fleetResultRow(String(Number(point.load.toPrecision(4))), {result: point.result})),
        ),
    );
    section.start = () =>
        bru.fleetChart(
            place,
            fleet.loads.map(({load, result}) => [load, result]),
            {
                axis: "load",
                deadline_us: fleet.target.deadline_us,
                mark: fleet.knee_load === null ? null : {at: fleet.knee_load, text: "knee"},
                description: "Percentiles of the response against the load",
            },
        );
    return section;
};

bru.fleetTrials = (fleet) => {
    const place = bru.element("div", {class: "chart", id: "trials-chart"});
    const sorted = [...fleet.trials].sort((a, b) => a.boards - b.boards);
    const section = bru.section(
        "trials",
        "Boards needed",
        fleet.boards_needed === null
            ? "No number of boards that was tried holds the target: the deadline is shorter than the response of idle boards."
            : `${bru.plural(fleet.boards_needed, "board holds", "boards hold")} the target. ` +
                  "Where some sessions are not served, the others may still be answered in time.",
        bru.fleetLegend(),
        place,
        bru.fleetTable(
            "trials-table",
            ["boards", "median", "99 %", "99.9 %", "in time", "not served", "target"],
            sorted.map((trial) => bru.fleetResultRow(bru.grouped(trial.boards), trial)),
        ),
    );
    section.start = () =>
        bru.fleetChart(
            place,
            sorted.map(({boards, result}) => [boards, result]),
            {
                axis: "boards",
                deadline_us: fleet.target.deadline_us,
                mark: fleet.boards_needed === null ? null : {at: fleet.boards_needed, text: "needed"},
                description: "Percentiles of the response against the number of boards",
            },
        );
    return section;
};

bru.fleetBoards = (fleet) =>
    bru.section(
        "boards",
        "Boards",
        "What the cycle-accurate simulation measured of each kind of board, or what the fleet file says of it.",
        bru.fleetTable(
            "boards-table",
            ["kind", "boards", "streams", "step of the core", "step with host and software", "idle response", "idle", "busy"],
            fleet.boards.map((board) => [
                board.section,
                bru.grouped(board.count),
                bru.grouped(board.streams),
                bru.fleetTime(board.step_us),
                bru.fleetTime(board.saturated_step_us),
                bru.fleetTime(board.response_us),
                `${bru.short(board.idle_w)} W`,
                `+ ${bru.short(board.busy_w)} W`,
            ]),
        ),
    );

bru.fleetCounts = (result) => {
    const {sessions, steps} = result;
    const spread = ({mean, least, largest}) =>
        `${bru.fleetPercent(mean)} (${bru.fleetPercent(least)} to ${bru.fleetPercent(largest)})`;
    return bru.section(
        "counts",
        "Sessions and steps",
        "Every session that arrived has ended, was rejected or dropped, or is alive or waiting. Every step was answered or " +
            "lost, or is under way.",
        bru.fleetTable(
            "counts-table",
            ["", "count"],
            [
                ...Object.entries(sessions).map(([name, count]) => [`sessions ${name}`, bru.grouped(count)]),
                ...Object.entries(steps).map(([name, count]) => [`steps ${name.replace(/_/g, " ")}`, bru.grouped(count)]),
                ["machine works", spread(result.machine_share)],
                ["software works", spread(result.software_share)],
            ],
        ),
    );
};
