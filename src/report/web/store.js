// The points, which of them are shown, and which is selected. A point is named by its place in the columns; kDefault is
// the default configuration. Parts of the page listen to "filter" and "select".
const kDefault = -1;

bru.loadStore = (data) => {
    const columns = data.columns;
    const base = data.baseline;
    const parameters = data.parameters.map((parameter, place) => ({
        ...parameter,
        place,
        isParameter: true,
        title: parameter.key.slice(parameter.key.indexOf(".") + 1),
        numeric: parameter.values.every((value) => value !== "" && Number.isFinite(Number(value))),
    }));
    const metrics = data.metrics.map((metric, place) => {
        const values = columns.metrics[place].concat(base ? base.metrics[place] : []);
        const yesNo = /^(fits|meets_clock)$/.test(metric.key);
        const style = bru.numberStyle(values);
        return {
            ...metric,
            place,
            isParameter: false,
            numeric: true,
            yesNo,
            known: values.some((value) => value !== null),
            text: yesNo ? (value) => (value === null ? "–" : value ? "yes" : "no") : style,
        };
    });
    const byKey = new Map([...metrics, ...parameters].map((column) => [column.key, column]));
    for (const parameter of parameters) if (!byKey.has(parameter.title)) byKey.set(parameter.title, parameter);

    const listeners = {filter: [], select: []};
    const store = {
        data,
        parameters,
        metrics: metrics.filter((metric) => metric.known),
        count: columns.number.length,
        chosen: data.chosen,
        hasDefault: base !== null,
        selected: null,
        filters: {
            show: "all",
            conditions: [],
            hidden: parameters.map(() => new Set()),
            constraints: new Set(),
            brushed: null,
        },
        on: (event, listener) => listeners[event].push(listener),
        column: (key) => byKey.get(key),
    };

    store.number = (point) => columns.number[point];
    store.ok = (point) => (point === kDefault ? base.ok[0] : columns.ok[point]) === 1;
    store.feasible = (point) => (point === kDefault ? base.feasible[0] : columns.feasible[point]) === 1;
    store.onFront = (point) => point !== kDefault && columns.front[point] === 1;
    store.error = (point) => (point === kDefault ? base.error[0] : columns.error[point]);
    store.violated = (point) => (point === kDefault ? base.violated[0] : columns.violated[point]);
    store.device = (point) => data.devices[point === kDefault ? base.device[0] : columns.device[point]];

    /** A number of a metric or of a numeric parameter, a text of another parameter, or null. */
    store.value = (point, column) => {
        if (!column.isParameter)
            return point === kDefault ? base.metrics[column.place][0] : columns.metrics[column.place][point];
        const place = point === kDefault ? null : columns.parameters[column.place][point];
        const text = point === kDefault ? column.baseline : place < 0 ? null : column.values[place];
        return text !== null && column.numeric ? Number(text) : text;
    };
    store.metric = (point, key) => {
        const column = byKey.get(key);
        return column && !column.isParameter ? store.value(point, column) : null;
    };
    store.text = (point, column) => {
        if (!column.isParameter) return column.text(store.value(point, column));
        const place = point === kDefault ? null : columns.parameters[column.place][point];
        const text = point === kDefault ? column.baseline : place < 0 ? null : column.values[place];
        return text === null ? "–" : bru.baseName(text);
    };
    store.name = (point) => (point === kDefault ? "default" : `#${store.number(point)}`);
    /** "128 · 32 · 4": the varied parameters in their order. */
    store.shape = (point) => parameters.map((parameter) => store.text(point, parameter)).join(" · ");

    const meetsConstraint = (point, test) => test === null || test(point);
    const passes = (point) => {
        const {show, conditions, hidden, constraints} = store.filters;
        if (show !== "all" && !store.feasible(point)) return false;
        if (show === "front" && !store.onFront(point)) return false;
        for (let k = 0; k < hidden.length; ++k)
            if (hidden[k].size > 0 && hidden[k].has(columns.parameters[k][point])) return false;
        for (const test of constraints) if (!meetsConstraint(point, test)) return false;
        return conditions.every((condition) => condition.test(point));
    };

    const refresh = () => {
        store.passing = [];
        for (let point = 0; point < store.count; ++point) if (passes(point)) store.passing.push(point);
        const brushed = store.filters.brushed;
        store.visible = brushed ? store.passing.filter((point) => brushed.has(point)) : store.passing;
    };
    /** After a change of `filters`; the brush of the parallel axes holds until another filter changes. */
    store.filterChanged = (byBrush = false) => {
        if (!byBrush) store.filters.brushed = null;
        refresh();
        for (const listener of listeners.filter) listener(byBrush);
    };
    store.select = (point) => {
        if (point === store.selected) return;
        store.selected = point;
        for (const listener of listeners.select) listener(point);
    };
    refresh();
    return store;
};
