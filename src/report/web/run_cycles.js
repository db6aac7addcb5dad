// Where the cycles of a run go: of the whole run by class, of a step by layer, and which change would save some.
bru.runCycles = (run) => {
    const place = bru.element("div", {class: "chart"});
    const table = bru.element("div", {class: "scroll"});
    const withLoad = bru.element("input", {type: "checkbox", checked: "", id: "with-load", change: () => draw()});
    const section = bru.section(
        "cycles",
        "Where the cycles go",
        "Each cycle of the run belongs to one class. Blue is work; every other colour is a reason why the lanes stood " +
            "still. Weights are loaded once per run: without them, the picture is that of a run without end.",
        bru.element(
            "div",
            {class: "controls"},
            bru.element("label", {}, withLoad, "with the loading of weights, once per run"),
        ),
        place,
        table,
    );
    let chart = null;
    const draw = () => {
        const shown = bru.cycleClasses.filter(({key}) => withLoad.checked || key !== "weight_load");
        const cycles = Object.fromEntries(shown.map(({key}) => [key, run.cycles.classes[key] || 0]));
        const row = bru.cycleRow("this run", cycles, 1, false);
        chart.setOption(
            bru.cycleBars([row], withLoad.checked ? "% of all cycles" : "% of the cycles without loading", 90),
            {notMerge: true},
        );
        table.replaceChildren(bru.classTable(shown, cycles));
    };
    section.start = () => {
        chart = bru.chart(place, "svg", 110);
        draw();
        bru.onTheme(draw);
    };
    return section;
};

bru.swatch = (name) => bru.element("span", {class: "mark", style: `color:${bru.paint(name)}`}, "■");

/** A row per class, and their sum. */
bru.classTable = (classes, cycles) => {
    const total = Object.values(cycles).reduce((sum, value) => sum + value, 0);
    const share = (value) => `${(total > 0 ? (100 * value) / total : 0).toFixed(2)} %`;
    const rows = classes.map(({key, title, help}) =>
        bru.element(
            "tr",
            {"data-key": key},
            bru.element("td", {}, bru.swatch(key), ` ${title}`),
            bru.element("td", {}, bru.grouped(cycles[key])),
            bru.element("td", {}, share(cycles[key])),
            bru.element("td", {class: "text faint"}, help),
        ),
    );
    const sum = ["total", bru.grouped(total), "", ""];
    rows.push(
        bru.element(
            "tr",
            {"data-key": "total"},
            sum.map((text) => bru.element("td", {}, text)),
        ),
    );
    const meaning = bru.element("th", {class: "text"}, "what it means");
    return bru.table("cycle-table", ["class", "cycles", "share", meaning], rows);
};

/** The layers of a step in steady state: bars, and the same numbers as a table. */
bru.runLayers = (run) => {
    const {steps, layers, classes} = run.steady_state;
    const rows = [...layers, {name: "step", classes}].map((layer) =>
        bru.cycleRow(layer.name, layer.classes, steps, true),
    );
    const used = bru.cycleClasses.filter(({key}) => classes[key] !== undefined);
    const number = (cycles) => (cycles / steps).toFixed(1);
    const place = bru.element("div", {class: "chart"});
    const table = bru.table(
        "layer-table",
        ["layer", "cycles", ...used.map(({title, help}) => bru.element("th", {title: help}, title))],
        rows.map((row) =>
            bru.element(
                "tr",
                {"data-layer": row.name},
                bru.element("td", {}, row.name),
                bru.element("td", {}, number(row.total)),
                used.map(({key}) => bru.element("td", {}, number(row.cycles[key]))),
            ),
        ),
    );
    const section = bru.section(
        "layers",
        "A step, layer by layer",
        "Cycles that each layer takes of a step in steady state: while steps come back to back, without loading and " +
            "without the ends of the run. A wait counts for the layer that it holds up. The layers add up to the step.",
        bru.cycleExplanation(new Set(used.map(({key}) => key))),
        place,
        bru.scrolled(table),
    );
    section.start = () => {
        const chart = bru.chart(place, "svg", 70 + 26 * rows.length);
        const draw = () => chart.setOption(bru.cycleBars(rows, "cycles per step", 130), {notMerge: true});
        draw();
        bru.onTheme(draw);
    };
    return section;
};

bru.runHints = (run) =>
    bru.section(
        "hints",
        "Hints",
        "Changes of one parameter that make a step faster and still fit the device. Each was simulated, so a run with " +
            "the option has these cycles. LUTs are an estimate.",
        bru.scrolled(
            bru.table(
                "hint-table",
                ["option", "cycles per step", "less", "LUTs more"],
                run.hints.map((hint) =>
                    bru.element(
                        "tr",
                        {"data-hint": hint.parameter},
                        bru.element("td", {}, bru.element("code", {}, `--${hint.parameter}=${hint.value}`)),
                        bru.element("td", {}, hint.cycles_per_step.toFixed(1)),
                        bru.element("td", {}, `${hint.saved_percent.toFixed(1)} %`),
                        bru.element("td", {}, bru.grouped(hint.added_luts)),
                    ),
                ),
            ),
        ),
    );
