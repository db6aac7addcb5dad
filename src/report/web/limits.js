// Limits of a metric that charts draw: those of the sweep's constraints, and what the device has of a resource.
/** The bounds that constraints set to a column: [{bound, text: "latency_us < 5"}]. */
bru.constraintLimits = (store, column) =>
    store.data.constraints.flatMap((text) => {
        const {conditions} = bru.parseConditions(store, text);
        return (conditions || [])
            .filter((condition) => condition.bound !== undefined && store.column(condition.key) === column)
            .map(({bound}) => ({bound, text}));
    });

/** What the device allows of a resource, where the sweep has one device and the points come near it. */
bru.deviceLimits = (store, column) => {
    const devices = Object.values(store.data.devices);
    const bound = devices.length === 1 ? devices[0].limit[column.key] : undefined;
    if (bound === undefined || !store.visible.some((point) => store.value(point, column) > 0.6 * bound)) return [];
    return [{bound, text: `limit of ${devices[0].name}: ${bru.grouped(bound)}`}];
};

/** Bounds of constraints that an axis over these values can show without making the values small. */
bru.boundsWithinReach = (store, column, values, log) => {
    const [low, high] = bru.extent(values.filter((value) => value !== null && (!log || value > 0)));
    const [least, most] = log ? [low / (high / low), high * (high / low)] : [2 * low - high, 2 * high - low];
    return bru
        .constraintLimits(store, column)
        .map(({bound}) => bound)
        .filter((bound) => bound >= least && bound <= most);
};
