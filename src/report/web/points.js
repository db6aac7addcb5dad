// The table of all points. Only the rows in view exist, so thousands of points scroll as easily as ten.
const kRowHeight = 27;
const kRowsBeyondView = 8;
const kPrintedRows = 200;

bru.pointsSection = (store) => {
    const everything = bru.element("input", {type: "checkbox", id: "all-columns", change: () => build()});
    const download = bru.element(
        "button",
        {type: "button", click: () => bru.downloadCsv(store, rows)},
        "Save shown points as CSV",
    );
    const place = bru.element("div", {
        class: "points",
        id: "points",
        tabindex: "0",
        role: "region",
        "aria-label": "Table of points; arrow keys move the selection",
    });
    const section = bru.section(
        "points-section",
        "All points",
        "One row per point. Click a column's name to sort by it, again for the other direction; click a row to " +
            "select the point everywhere on the page.",
        bru.element("div", {class: "controls"}, bru.element("label", {}, everything, "all columns"), download),
        place,
    );
    section.classList.add("long");

    const sort = {column: null, descending: false};
    let rows = [];
    let body = null;
    let columns = [];
    let drawn = "";

    const build = () => {
        columns = everything.checked
            ? [...store.parameters, ...store.metrics]
            : [...store.parameters, ...bru.mainMetrics(store)];
        body = bru.element("tbody");
        place.replaceChildren(
            bru.element("table", {}, bru.element("thead", {}, bru.pointsHead(columns, sort, changeSort)), body),
        );
        arrange();
    };
    const changeSort = (column) => {
        sort.descending = sort.column === column && !sort.descending;
        sort.column = column;
        const focused = document.activeElement?.dataset?.key;
        place.querySelector("thead").replaceChildren(bru.pointsHead(columns, sort, changeSort));
        if (focused !== undefined) place.querySelector(`thead button[data-key="${CSS.escape(focused)}"]`)?.focus();
        arrange();
    };
    const arrange = () => {
        rows = bru.sortedPoints(store, sort);
        place.scrollTop = 0;
        draw(true);
    };
    const draw = (
        force,
        from = Math.max(0, Math.floor(place.scrollTop / kRowHeight) - kRowsBeyondView),
        count = Math.ceil(place.clientHeight / kRowHeight) + 2 * kRowsBeyondView,
    ) => {
        const to = Math.min(rows.length, from + count);
        if (!force && drawn === `${from}-${to}`) return;
        drawn = `${from}-${to}`;
        const space = (height) =>
            bru.element(
                "tr",
                {class: "space", "aria-hidden": "true"},
                bru.element("td", {colspan: columns.length + 2, style: `height:${height}px`}),
            );
        const shown = [];
        for (let k = from; k < to; ++k) shown.push(bru.pointRow(store, rows[k], columns));
        body.replaceChildren(space(from * kRowHeight), ...shown, space((rows.length - to) * kRowHeight));
    };
    const move = (step) => {
        const at = rows.indexOf(store.selected);
        const next = Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step));
        if (rows.length) store.select(rows[next]);
        const top = next * kRowHeight;
        if (top < place.scrollTop || top > place.scrollTop + place.clientHeight - 3 * kRowHeight)
            place.scrollTop = Math.max(0, top - place.clientHeight / 2);
    };

    section.start = () => {
        build();
        place.addEventListener("scroll", () => draw(false));
        place.addEventListener("click", (event) => {
            const row = event.target.closest("tr.point");
            if (row) store.select(Number(row.dataset.point));
        });
        place.addEventListener("keydown", (event) => {
            if (event.target !== place || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
            event.preventDefault();
            move(event.key === "ArrowDown" ? 1 : -1);
        });
        window.addEventListener("beforeprint", () => draw(true, 0, kPrintedRows));
        window.addEventListener("afterprint", () => draw(true));
        new ResizeObserver(() => draw(false)).observe(place);
        store.on("filter", arrange);
        store.on("select", () => draw(true));
    };
    return section;
};

bru.pointsHead = (columns, sort, changeSort) => {
    const head = (column, title, unit, text) =>
        bru.element(
            "th",
            {
                class: text ? "text" : null,
                scope: "col",
                "aria-sort": sort.column !== column ? "none" : sort.descending ? "descending" : "ascending",
            },
            bru.element(
                "button",
                {
                    type: "button",
                    "data-key": column ? column.key : "",
                    title: column?.help || null,
                    click: () => changeSort(column),
                },
                title,
                sort.column === column ? (sort.descending ? " ▼" : " ▲") : "",
                unit ? [bru.element("br"), bru.element("span", {class: "unit"}, unit)] : null,
            ),
        );
    return bru.element(
        "tr",
        {},
        head(null, "point", null, true),
        bru.element("th", {class: "text", scope: "col"}, "what it is"),
        columns.map((column) => head(column, column.title, bru.shownUnit(column), false)),
    );
};

bru.sortedPoints = (store, sort) => {
    const rows = store.visible.slice();
    const {column} = sort;
    const direction = sort.descending ? -1 : 1;
    if (column === null) return sort.descending ? rows.reverse() : rows;
    // What has no value comes last either way.
    const keyed = rows.map((point) => ({point, value: store.value(point, column)}));
    keyed.sort((a, b) => {
        if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || a.point - b.point;
        const order =
            typeof a.value === "number" && typeof b.value === "number"
                ? a.value - b.value
                : String(a.value).localeCompare(String(b.value));
        return direction * order || a.point - b.point;
    });
    return keyed.map(({point}) => point);
};

bru.pointRow = (store, point, columns) => {
    const mark = point === store.chosen ? bru.marks.chosen : store.onFront(point) ? "●" : "";
    const colour = bru.paint(point === store.chosen ? "chosen" : "front");
    const standing = store.ok(point)
        ? bru.standing(store, point)
        : `cannot be built: ${store.error(point) || "no reason was recorded"}`;
    return bru.element(
        "tr",
        {class: "point", "data-point": point, "aria-selected": String(point === store.selected)},
        bru.element(
            "td",
            {},
            bru.element("span", {class: "mark", style: `color:${colour}`}, mark),
            ` ${store.name(point)}`,
        ),
        bru.element(
            "td",
            {class: store.ok(point) ? "text" : "error", title: store.ok(point) ? null : standing},
            standing,
        ),
        columns.map((column) => bru.element("td", {"data-key": column.key}, store.text(point, column))),
    );
};

/** All columns of the rows, numbers in full. */
bru.downloadCsv = (store, rows) => {
    const quoted = (value) => (/[",\n]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value);
    const columns = [...store.parameters, ...store.metrics];
    const cells = (point) =>
        columns.map((column) => {
            const value = store.value(point, column);
            return value === null ? "" : String(value);
        });
    const lines = [
        ["number", ...columns.map((column) => column.key), "feasible", "front", "error"],
        ...rows.map((point) => [
            String(store.number(point)),
            ...cells(point),
            String(store.feasible(point)),
            String(store.onFront(point)),
            store.error(point),
        ]),
    ];
    const blob = new Blob([lines.map((line) => line.map(quoted).join(",")).join("\n"), "\n"], {type: "text/csv"});
    const link = bru.element("a", {href: URL.createObjectURL(blob), download: "points.csv"});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
