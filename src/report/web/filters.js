// The bar that stays on top: how many points are shown, and what decides it. All charts and the table follow it.
bru.filterBar = (store) => {
    const shown = bru.element("span", {class: "shown", "aria-live": "polite", id: "shown"});
    const message = bru.element("span", {class: "message", role: "status"});
    const show = bru.element(
        "select",
        {change: () => set(() => (store.filters.show = show.value))},
        bru.element("option", {value: "all"}, "all points"),
        bru.element("option", {value: "feasible"}, "feasible points"),
        bru.element("option", {value: "front"}, "the Pareto front"),
    );
    const first = store.parameters.slice(0, 1).map((parameter) => `${parameter.title} = ${parameter.values[0]}`);
    const example = store.metrics.length
        ? [...first, `${store.metrics[0].key} < ${bru.exampleBound(store)}`].join(", ")
        : "";
    const input = bru.element("input", {
        type: "text",
        id: "conditions",
        placeholder: `conditions, for example: ${example}`,
        spellcheck: "false",
        change: () => applyText(),
        keydown: (event) => {
            if (event.key === "Enter") applyText();
        },
    });

    const set = (change) => {
        change();
        store.filterChanged();
    };
    const applyText = () => {
        const parsed = bru.parseConditions(store, input.value);
        message.textContent = parsed.error || "";
        if (!parsed.error) set(() => (store.filters.conditions = parsed.conditions));
    };
    /** Conditions from a rectangle in a chart replace earlier ones on the same keys. */
    store.addConditions = (conditions) => {
        const keys = conditions.map((condition) => condition.key);
        const kept = input.value
            .split(",")
            .map((part) => part.trim())
            .filter((part) => part && !keys.includes(/^[\w.]+/.exec(part)?.[0]));
        input.value = [...kept, ...conditions.map((condition) => condition.text)].join(", ");
        applyText();
    };

    const values = bru.valueChips(store, set);
    const toggle = bru.element(
        "button",
        {
            type: "button",
            "aria-expanded": "false",
            click: () => {
                const open = toggle.getAttribute("aria-expanded") === "false";
                toggle.setAttribute("aria-expanded", String(open));
                values.hidden = !open;
            },
        },
        "Values…",
    );
    const reset = bru.element(
        "button",
        {
            type: "button",
            click: () => {
                show.value = "all";
                input.value = "";
                message.textContent = "";
                for (const chip of values.querySelectorAll(".chip"))
                    chip.setAttribute("aria-pressed", chip.dataset.rest);
                set(() =>
                    Object.assign(store.filters, {
                        show: "all",
                        conditions: [],
                        hidden: store.parameters.map(() => new Set()),
                        constraints: new Set(),
                    }),
                );
            },
        },
        "Show all again",
    );

    const update = () => {
        const all = bru.plural(store.count, "point", "points");
        shown.textContent = `${bru.grouped(store.visible.length)} of ${all} shown`;
    };
    store.on("filter", update);
    update();
    return bru.element(
        "section",
        {class: "filter", id: "filter", "aria-label": "Filter"},
        bru.element(
            "div",
            {class: "controls"},
            shown,
            bru.element("label", {}, "Show", show),
            bru.element("label", {class: "grow"}, "that meet", input),
            toggle,
            reset,
        ),
        message,
        values,
    );
};

/** A round number in the middle of the first metric, for the example in the input. */
bru.exampleBound = (store) => {
    const values = [];
    for (let point = 0; point < store.count; ++point) {
        const value = store.value(point, store.metrics[0]);
        if (value !== null) values.push(value);
    }
    values.sort((a, b) => a - b);
    return values.length ? Number(values[values.length >> 1].toPrecision(2)) : 1;
};

/** A button per value of each varied parameter, and per constraint of the sweep; hidden until asked for. */
bru.valueChips = (store, set) => {
    const chip = (text, rest, onChange) => {
        const button = bru.element(
            "button",
            {
                type: "button",
                class: "chip",
                "aria-pressed": String(rest),
                "data-rest": String(rest),
                click: () => {
                    const pressed = button.getAttribute("aria-pressed") === "false";
                    button.setAttribute("aria-pressed", String(pressed));
                    set(() => onChange(pressed));
                },
            },
            text,
        );
        return button;
    };
    const rows = store.parameters.map((parameter, k) =>
        bru.element(
            "fieldset",
            {},
            bru.element("legend", {title: parameter.help}, parameter.title),
            parameter.values.map((value, place) =>
                chip(bru.baseName(value), true, (pressed) => {
                    if (pressed) store.filters.hidden[k].delete(place);
                    else store.filters.hidden[k].add(place);
                }),
            ),
        ),
    );
    const tests = store.data.constraints
        .map((text) => [text, bru.constraintTest(store, text)])
        .filter(([, test]) => test !== null);
    if (tests.length)
        rows.push(
            bru.element(
                "fieldset",
                {},
                bru.element("legend", {}, "only points that meet"),
                tests.map(([text, test]) =>
                    chip(text, false, (pressed) => {
                        if (pressed) store.filters.constraints.add(test);
                        else store.filters.constraints.delete(test);
                    }),
                ),
            ),
        );
    return bru.element("div", {class: "values", hidden: ""}, rows);
};
