// Conditions that a user types, and constraints of the sweep: "lanes = 64, latency_us < 5, fits".
bru.parseConditions = (store, text) => {
    const conditions = [];
    const parts = text
        .split(/,|&&|\band\b/i)
        .map((part) => part.trim())
        .filter((part) => part !== "");
    for (const part of parts) {
        const match = /^([A-Za-z0-9_.]+)\s*(?:(<=|>=|!=|==|=|<|>)\s*(.+))?$/.exec(part);
        if (!match) return {error: `"${part}" is no condition; write for example latency_us < 5`};
        const column = store.column(match[1]);
        if (!column) return {error: `"${match[1]}" is not known; ${bru.knownKeys(store, match[1])}`};
        const condition = bru.condition(store, column, match[2], match[3]);
        if (condition.error) return condition;
        conditions.push(condition);
    }
    return {conditions};
};

bru.condition = (store, column, operator, operand) => {
    const of = (point) => store.value(point, column);
    if (!operator) return {key: column.key, test: (point) => Boolean(of(point))};
    const equal = operator === "=" || operator === "==";
    const number = Number(operand);
    if (column.numeric && Number.isFinite(number)) {
        const compare =
            {
                "<": (value) => value < number,
                "<=": (value) => value <= number,
                ">": (value) => value > number,
                ">=": (value) => value >= number,
                "!=": (value) => value !== number,
            }[operator] || ((value) => value === number);
        return {key: column.key, bound: number, test: (point) => of(point) !== null && compare(of(point))};
    }
    if (column.numeric) return {error: `${column.key}: "${operand}" is no number`};
    if (!equal && operator !== "!=") return {error: `${column.key} is text; allowed are = and !=`};
    const same = (point) => of(point) === operand || store.text(point, column) === operand;
    return {key: column.key, test: (point) => same(point) === equal};
};

/** Some of the keys that a condition may use: those that begin or contain what was typed, else the first ones. */
bru.knownKeys = (store, typed) => {
    const keys = [
        ...store.parameters.map((parameter) => parameter.title),
        ...store.metrics.map((metric) => metric.key),
    ];
    const near = keys.filter((key) => key.includes(typed.slice(0, 3).toLowerCase()));
    return `${near.length ? "similar are" : "known are"} ${(near.length ? near : keys).slice(0, 8).join(", ")}`;
};

/** A constraint of the sweep as a test of a point, or null where this page cannot evaluate it. */
bru.constraintTest = (store, text) => {
    const parsed = bru.parseConditions(store, text);
    if (parsed.error) return null;
    return (point) => store.ok(point) && parsed.conditions.every((condition) => condition.test(point));
};
