// Builds the page from the data: sections first, then the charts in them, which need their places' widths.
const data = JSON.parse(document.getElementById("data").textContent);

bru.sweepPage = () => {
    const store = bru.loadStore(data);
    const {manifest} = data;
    const parts = [
        bru.sweepHeader(store),
        bru.sweepCards(store),
        bru.filterBar(store),
        bru.frontSection(store),
        bru.parallelSection(store),
        bru.cyclesSection(store),
        bru.resourcesSection(store),
        bru.timelinesSection(data),
        bru.pointsSection(store),
        bru.configurationSection(data.fixed, {source: data.source, ...manifest}),
    ];
    bru.store = store;
    return parts;
};

const pages = {run: bru.runPage, fleet: bru.fleetPage, sweep: bru.sweepPage};
const sections = pages[data.kind](data);
document.getElementById("page").replaceChildren(...sections);
for (const section of sections) section.start?.();
bru.followTheme();
document.documentElement.dataset.ready = "true";
