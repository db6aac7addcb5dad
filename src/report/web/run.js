// The page of a single run: speed, where the cycles go, the device, block by block, and predictions.
bru.runPage = (data) => {
    const {run, manifest} = data;
    const busy = run.cycles.total > 0 ? (100 * (run.cycles.classes.compute || 0)) / run.cycles.total : 0;
    const everyStep = manifest.output_steps === "every";
    const header = bru.element(
        "header",
        {},
        bru.element("h1", {}, `A run of ${bru.baseName(manifest.model || data.source)}`),
        bru.element(
            "p",
            {class: "faint"},
            [
                manifest.trace
                    ? `${bru.grouped(run.steps)} steps of ${bru.baseName(manifest.trace)}`
                    : `${bru.grouped(run.steps)} random steps`,
                manifest.output
                    ? `${manifest.output} of ${everyStep ? "every step" : `the ${manifest.output_steps} step`}`
                    : null,
                manifest.device,
                run.dma_clock_mhz === undefined || run.dma_clock_mhz === run.clock_mhz
                    ? `${run.clock_mhz} MHz`
                    : `${run.clock_mhz} MHz (DMA ${run.dma_clock_mhz} MHz); cycles are the core's`,
                manifest.version ? `bru ${manifest.version}` : null,
            ]
                .filter((part) => part)
                .join(" · "),
        ),
        bru.element(
            "p",
            {class: "headline", id: "headline"},
            "A step takes ",
            bru.element("b", {}, `${bru.short(run.cycles.per_step)} cycles`),
            `, ${bru.short(run.cycles.per_step / run.clock_mhz)} us in steady state; the lanes work ` +
                `${busy.toFixed(1)} % of the time, and the machine `,
            bru.element("b", {}, run.fits ? "fits" : "does not fit"),
            ` ${manifest.device || "the device"}.`,
        ),
    );
    return [
        header,
        bru.runCards(run),
        bru.runCycles(run),
        run.steady_state ? bru.runLayers(run) : null,
        run.hints?.length ? bru.runHints(run) : null,
        run.streams ? bru.runStreams(run.streams) : null,
        bru.runResources(run, manifest),
        bru.timelinesSection(data),
        run.predictions ? bru.runPredictions(run.predictions) : null,
        bru.configurationSection(data.config, {source: data.source, ...manifest}),
    ].filter((part) => part);
};

bru.runCards = (run) =>
    bru.element(
        "div",
        {class: "cards"},
        bru.card("steps-per-s", bru.short(run.throughput.steps_per_s), "steps per second in steady state"),
        bru.card("gops", bru.short(run.throughput.gops), "GOPS, two operations per one-bit multiply-accumulate"),
        bru.card(
            "latency",
            `${bru.short(run.latency_us.response)} us`,
            `response of the idle machine to one ${run.latency_us.request_steps === 1 ? "step" : "sequence"}; ` +
                `${bru.short(run.latency_us.service)} us of it in the core`,
        ),
        run.trace_latency_us
            ? bru.card(
                  "trace-latency",
                  `${bru.short(run.trace_latency_us.p99)} us`,
                  `latency of 99 % of the steps of the trace; median ${bru.short(run.trace_latency_us.p50)}, longest ` +
                      `${bru.short(run.trace_latency_us.max)} us; queueing is ` +
                      `${bru.short(run.trace_latency_us.queueing_mean)} of ${bru.short(run.trace_latency_us.mean)} us`,
              )
            : null,
        bru.card(
            "time",
            `${bru.short(run.time_us)} us`,
            `for all ${bru.grouped(run.steps)} steps, ${bru.grouped(run.cycles.total)} cycles`,
        ),
        run.power && run.energy
            ? bru.card(
                  "energy",
                  `${bru.short(run.energy.step_uj)} uJ`,
                  `per step in steady state; ${bru.short(run.power.static_w + run.power.dynamic_w)} W; loading takes ` +
                      `${bru.short(run.energy.loading_uj)} uJ once (first-order estimate)`,
              )
            : null,
        run.timing
            ? bru.card(
                  "clock",
                  run.timing.met ? "met" : "not met",
                  `clock: longest path ${bru.short(run.timing.path_ns)} ns of ` +
                      `${bru.short(1000 / run.timing.clock_mhz)} ns, in ${run.timing.limiting}`,
              )
            : null,
        run.deadline
            ? bru.card(
                  "deadline",
                  bru.grouped(run.deadline.missed),
                  `of ${bru.grouped(run.deadline.outputs)} outputs later than ${bru.short(run.deadline.us)} us`,
              )
            : null,
        bru.card(
            "golden",
            run.golden.checked ? bru.grouped(run.golden.mismatches) : "–",
            run.golden.checked
                ? `mismatches in ${bru.grouped(run.golden.checked)} golden output values`
                : "golden outputs: none compared",
        ),
    );

bru.runResources = (run, manifest) => {
    const place = bru.element("div", {class: "chart"});
    const pick = (field) =>
        Object.fromEntries(Object.entries(run.resources).map(([key, resource]) => [key, resource[field]]));
    const machine = {
        title: manifest.device || "this machine",
        kind: "default",
        used: pick("used"),
        available: pick("available"),
        limit: pick("limit"),
    };
    const blocks = run.blocks?.length
        ? [bru.element("h3", {}, "Block by block"), bru.scrolled(bru.blockTable(run.blocks))]
        : [];
    const section = bru.section(
        "resources",
        "Resources against the device",
        "How much of the FPGA the machine takes (estimate). The upright stroke is the limit that still routes " +
            "well; a bar beyond it does not fit.",
        bru.resourceLegend([machine]),
        place,
        blocks,
    );
    section.start = () => {
        const chart = bru.chart(place, "svg", 260);
        const draw = () => chart.setOption(bru.resourceBars([machine]));
        draw();
        bru.onTheme(draw);
    };
    return section;
};

/** A row per block, with a bar for its part of the LUTs. */
bru.blockTable = (blocks) => {
    const sum = (key) => blocks.reduce((total, block) => total + block[key], 0);
    const titles = [
        ["block", ""],
        ["LUT", ""],
        ["share of LUTs", ""],
        ["LUT as memory", ""],
        ["flip-flops", ""],
        ["block RAM", ""],
        ["DSP", ""],
        ["longest path", "ns"],
    ];
    const cells = (name, of, share) => [
        bru.element("td", {}, name),
        bru.element("td", {}, bru.grouped(of("lut"))),
        bru.element("td", {}, `${share.toFixed(1)} %`),
        bru.element("td", {}, bru.grouped(of("memory_lut"))),
        bru.element("td", {}, bru.grouped(of("ff"))),
        bru.element("td", {}, of("bram36").toFixed(1)),
        bru.element("td", {}, bru.grouped(of("dsp"))),
    ];
    const shade = (share) => `background:linear-gradient(90deg, ${bru.paint("share")} ${share.toFixed(1)}%, transparent 0)`;
    const rows = blocks.map((block) => {
        const share = sum("lut") > 0 ? (100 * block.lut) / sum("lut") : 0;
        const row = bru.element(
            "tr",
            {"data-key": block.block},
            cells(block.block, (key) => block[key], share),
            bru.element("td", {}, block.path_ns > 0 ? block.path_ns.toFixed(2) : "–"),
        );
        row.children[2].setAttribute("style", shade(share));
        return row;
    });
    const longest = Math.max(...blocks.map((block) => block.path_ns));
    rows.push(
        bru.element("tr", {"data-key": "total"}, cells("total", sum, 100), bru.element("td", {}, longest.toFixed(2))),
    );
    return bru.table("blocks", titles, rows);
};

bru.runPredictions = (predictions) => {
    const rows = Object.entries(predictions).map(([name, measure]) =>
        bru.element(
            "tr",
            {"data-key": name},
            bru.element("td", {}, name.replace(/_/g, " ")),
            bru.element("td", {}, measure.machine.toFixed(4)),
            bru.element("td", {}, measure.float.toFixed(4)),
            bru.element("td", {}, (measure.machine - measure.float).toFixed(4)),
            bru.element("td", {}, bru.grouped(measure.count)),
        ),
    );
    return bru.section(
        "predictions",
        "Predictions",
        "What the network says against the trace's labels: in the machine's fixed-point numbers, and in " +
            "floating point. A small difference means that the number formats cost nothing.",
        bru.scrolled(
            bru.table("predictions-table", ["measure", "machine", "float", "difference", "labels"], rows),
        ),
    );
};

/** What held for every point, or for the run. */
bru.configurationSection = (config, facts) => {
    const list = (object) =>
        bru.element(
            "dl",
            {class: "facts"},
            Object.entries(object).flatMap(([key, value]) => [
                bru.element("dt", {}, key),
                bru.element("dd", {}, String(value)),
            ]),
        );
    return bru.element(
        "section",
        {id: "configuration"},
        bru.element(
            "details",
            {},
            bru.element("summary", {}, "Configuration and origin"),
            list(facts),
            bru.element("h3", {}, "Parameters"),
            list(config),
        ),
    );
};
