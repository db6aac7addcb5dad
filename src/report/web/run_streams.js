// What each stream of a run got: the best, the median and the worst one, and all of them below.
bru.runStreams = (streams) => {
    const deadline = streams.late !== undefined;
    const titles = ["stream", "steps", "mean", "median", "99 %", "longest"];
    const units = ["", "", "us", "us", "us", "us"];
    if (deadline) {
        titles.push("late outputs");
        units.push("");
    }
    const cells = (stream) => {
        const {mean, p50, p99, max} = stream.latency_us;
        return [
            bru.grouped(stream.stream),
            bru.grouped(stream.steps),
            ...[mean, p50, p99, max].map((latency) => bru.short(latency)),
            ...(deadline ? [bru.grouped(stream.missed)] : []),
        ].map((text) => bru.element("td", {}, text));
    };
    const heads = titles.map((title, place) => [title, units[place]]);
    const numbered = new Map(streams.each.map((stream) => [stream.stream, stream]));
    const chosen = ["best", "median", "worst"].map((which) =>
        bru.element(
            "tr",
            {"data-key": which},
            bru.element("td", {}, which),
            cells(numbered.get(streams[which])),
        ),
    );
    const all = streams.each.map((stream) => bru.element("tr", {"data-key": String(stream.stream)}, cells(stream)));
    return bru.section(
        "streams",
        "Streams",
        `Latency of the steps of each stream in this trace, from their arrival to the last beat of their output. Best, ` +
            `median and worst stream are those of the 99th percentile. Fairness is ${streams.fairness.toFixed(4)}: Jain's ` +
            `index of the mean latencies, 1 if all streams wait equally long.` +
            (deadline ? ` ${bru.grouped(streams.late)} of ${bru.grouped(streams.each.length)} streams missed the deadline.` : ""),
        bru.scrolled(bru.table("streams-table", ["", ...heads], chosen)),
        bru.element(
            "details",
            {},
            bru.element("summary", {}, `All ${bru.grouped(streams.each.length)} streams`),
            bru.scrolled(bru.table("all-streams", heads, all)),
        ),
    );
};
