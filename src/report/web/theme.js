// The colours of style.css for the charts, which draw themselves. They follow the reader's system (light, dark, forced
// colours) while the page is open, and are those of the light theme in print.
bru.colours = {};

/** A colour of style.css, for elements: these follow by themselves. */
bru.paint = (name) => `var(--${name})`;

const kThemeListeners = [];

/** `draw` is called whenever the colours have changed. */
bru.onTheme = (draw) => kThemeListeners.push(draw);

bru.readColours = () => {
    const names = [
        ...["ink", "faint", "line", "paper", "edge", "accent", "grid", "activity"],
        ...["chosen", "default", "selected"].flatMap((kind) => [kind, `${kind}_ink`]),
        ...["front", "feasible", "infeasible"],
        ...bru.cycleClasses.map(({key}) => key),
    ];
    // A computed colour is numbers, also where the style sheet says "CanvasText".
    const probe = bru.element("i", {style: "forced-color-adjust:none"});
    document.body.append(probe);
    for (const name of names) {
        probe.style.color = bru.paint(name);
        bru.colours[name] = getComputedStyle(probe).color;
    }
    probe.remove();
};

bru.followTheme = () => {
    const refresh = () => {
        bru.readColours();
        for (const draw of kThemeListeners) draw();
    };
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)", "print"])
        matchMedia(query).addEventListener("change", refresh);
    window.addEventListener("beforeprint", () => {
        document.documentElement.dataset.printing = "true";
        refresh();
    });
    window.addEventListener("afterprint", () => {
        delete document.documentElement.dataset.printing;
        refresh();
    });
};

bru.readColours();
