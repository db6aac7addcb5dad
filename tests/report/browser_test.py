#!/usr/bin/env python3
"""Does the page of `bru report` render in a browser without an error, load nothing, and show the numbers of its input?

Headless Chromium opens pages made from generated sweeps and from a real run; a script added to a copy of the page uses it as a
visitor would and leaves what it saw in the document. Skipped (exit status 77) where Chromium or the plotting library is missing.
Arguments: the built bru."""

import html.parser
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # no __pycache__ in the source tree
import sample_sweep
from chromium import OpenPage, QUIET, browser

PROJECT = pathlib.Path(__file__).resolve().parents[2]
DUMPED = ["--enable-logging=stderr", "--window-size=1400,1000"]


# What the page's scripts make of numbers (src/report/web/format.js), written anew.
def short(value):
    if value is None:
        return "–"
    if abs(value) >= 999.95:
        return f"{value:,.0f}"
    if value == 0:
        return "0"
    before = len(str(int(abs(value)))) if abs(value) >= 1 else 1 - len(re.match(r"0\.(0*)", f"{abs(value):.12f}")[1]) - 1
    return f"{value:.{max(0, min(6, 4 - before))}f}"


def column_texts(values):
    present = [value for value in values if value is not None]
    if all(value == int(value) for value in present):
        return [("–" if value is None else f"{value:,.0f}") for value in values]
    if all(2 * value == int(2 * value) for value in present):
        return [("–" if value is None else f"{value:,.1f}") for value in values]
    return [short(value) for value in values]


class Page(html.parser.HTMLParser):
    """The dumped document: text by id, rows of tables, whatever would load something."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.ids, self.rows, self.loads, self.counts, self.styles = {}, [], [], {}, []
        self.open, self.cells, self.in_script, self.in_style = [], None, False, False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.in_script, self.in_style = tag == "script", tag == "style"
        self.loads += [named[key] for key in ("src", "href", "data", "poster", "action", "srcset") if named.get(key) and tag != "use"]
        if tag == "tr":
            self.cells = []
            self.rows.append((named, self.cells))
        if tag in ("td", "th") and self.cells is not None:
            self.cells.append((named, []))
        if tag not in ("meta", "link", "br", "input", "img"):
            self.open.append((tag, named.get("id")))
            if named.get("id"):
                self.ids[named["id"]] = []

    def handle_endtag(self, tag):
        self.in_script = self.in_style = False
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if self.in_style:
            self.styles.append(data)
        if self.in_script:
            return
        for _, name in self.open:
            if name:
                self.ids[name].append(data)
        if self.cells and any(tag in ("td", "th") for tag, _ in self.open):
            self.cells[-1][1].append(data)

    def text(self, name):
        return "".join(self.ids.get(name, [])).strip()

    def row_of(self, key, value):
        for named, cells in self.rows:
            if named.get(key) == value:
                return {cell.get("data-key") or place: "".join(texts).strip() for place, (cell, texts) in enumerate(cells)}
        return None


class Check:
    failures = 0

    def __call__(self, what, found, wanted):
        if found != wanted:
            Check.failures += 1
            print(f"FAILED {what}: found {found!r}, wanted {wanted!r}")

    def true(self, what, holds, found=""):
        if not holds:
            Check.failures += 1
            print(f"FAILED {what} {found}")


check = Check()


def opened(path, extra=("--virtual-time-budget=5000",)):
    """The document after its scripts ran; every message of the console is a failure."""
    with tempfile.TemporaryDirectory() as profile:
        answer = subprocess.run([browser(), *QUIET, *DUMPED, *extra, f"--user-data-dir={profile}", "--dump-dom", path.as_uri()],
                                capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=300)
    messages = [line for line in answer.stderr.splitlines() if ":CONSOLE" in line or "net::ERR" in line]
    check(f"{path.name}: console and network messages", messages, [])
    page = Page(answer.stdout)
    check.true(f"{path.name}: the page was built", 'data-ready="true"' in answer.stdout, answer.stderr[-2000:])
    return page


def report_of(program, folder, name, data):
    source, target = folder / f"{name}.json", folder / f"{name}.html"
    source.write_text(json.dumps(data), encoding="utf-8")
    return made(program, source, target)


def made(program, source, target):
    subprocess.run([program, "report", source, "--out", target], check=True, capture_output=True)
    loads = [each for each in Page(target.read_text(encoding="utf-8")).loads if not each.startswith("data:")]
    check(f"{target.name}: what the file loads", loads, [])
    styles = "".join(Page(target.read_text(encoding="utf-8")).styles)
    check.true(f"{target.name}: styles load nothing", "@import" not in styles and "url(" not in styles)
    return target


def used(page_file, script):
    """What a script that uses the page returns, as JSON. It runs last in a copy of the page."""
    copy = page_file.with_name(page_file.stem + "_used.html")
    tail = ('<pre id="seen"></pre><script>document.getElementById("seen").textContent = JSON.stringify((() => {'
            + script + "})());</script></body>")
    head, _, rest = page_file.read_text(encoding="utf-8").rpartition("</body>")
    copy.write_text(head + tail + rest, encoding="utf-8")
    return json.loads(opened(copy, ()).text("seen") or "null")


def metric_columns(data):
    """Texts of each metric by point, the default in the last place."""
    return {metric["key"]: column_texts([point["metrics"].get(metric["key"]) for point in data["points"] + [data["baseline"]]])
            for metric in data["metrics"]}


def check_sweep(program, folder):
    data = sample_sweep.sweep(480)
    points, chosen = data["points"], data["chosen"]
    file = report_of(program, folder, "sweep", data)
    page = opened(file)
    counts = {"points": len(points), "not-built": sum(point["status"] != "ok" for point in points),
              "feasible": sum(point["feasible"] for point in points), "front": sum(point["front"] for point in points)}
    for name, count in counts.items():
        check.true(f"card {name}", page.text(f"card-{name}").startswith(str(count)), page.text(f"card-{name}"))
    ours, default = points[chosen]["metrics"], data["baseline"]["metrics"]
    for key in data["objectives"]:
        wanted = f"{ours[key] / default[key]:.2f} times the default's {short(default[key])}"
        check.true(f"headline: {key}", f"#{chosen}" in page.text("headline") and wanted in page.text("headline"), page.text("headline"))
    check.true("headline: the default", "The default configuration holds all constraints." in page.text("headline"), page.text("headline"))
    check.true("policy", "base-uri 'none'; form-action 'none'" in file.read_text(encoding="utf-8"))
    check("hostile text in the head", sample_sweep.HOSTILE.split("\u2028")[0].split()[-1] in page.text("page"), True)
    texts = metric_columns(data)
    check.true("missing model", "could not be simulated again" in page.text("timelines"), page.text("timelines"))
    check_table(page, data, texts)
    check_comparison(page, data, texts)
    for wanted in (f"{points[chosen]['metrics']['lut']:,} of 53,200", f"{data['baseline']['metrics']['dsp']} of 220"):
        check.true(f"resource bar '{wanted}'", wanted in page.text("resources"), page.text("resources")[-400:])
    check.true("canvas of front and parallel axes", page.counts.get("canvas", 0) >= 3, page.counts)
    check.true("SVG of cycles and resources", page.counts.get("svg", 0) >= 2, page.counts)
    check_charts(file, data)
    check_use(file, data)
    check_looks(file)
    check_strict_sweep(program, folder)


def check_strict_sweep(program, folder):
    """Constraints that the default violates, and that other charts have no room for."""
    data = sample_sweep.sweep(480)
    data["constraints"] = ["fits", "cycles_per_step < 300", "lut <= 20000", "latency_us < 900000"]
    data["baseline"].update(feasible=False, violated="cycles_per_step < 300")
    file = report_of(program, folder, "strict", data)
    page = opened(file)
    check.true("headline: the default fails", "The default configuration does not hold cycles_per_step < 300." in page.text("headline"),
               page.text("headline"))
    seen = used(file, LIMITS_SCRIPT)
    check("limit lines", seen["lines"], [["cycles_per_step < 300", 300, None], ["lut <= 20000", None, 20000]])
    check("strokes on parallel axes", sorted(seen["strokes"]), ["< 300", "<= 20000"])
    check.true("limits far from all points", "latency_us < 900000" in seen["beyond"], seen["beyond"])


LIMITS_SCRIPT = """
const front = () => echarts.getInstanceByDom(document.querySelector("#front .chart")).getOption().series[0].markLine.data;
const own = /[<>=]/; // the device has limits, too
const seen = {lines: front().filter((line) => own.test(line.label.formatter)).map((line) => [line.label.formatter, line.xAxis ?? null, line.yAxis ?? null])};
const cover = [...document.querySelector("#parallel .chart").children].map((each) => echarts.getInstanceByDom(each)).find(Boolean);
seen.strokes = cover.getOption().graphic[0].elements.filter((each) => each.type === "text").map((each) => each.style.text);
const select = document.querySelector("#front select");
select.value = "latency_us";
select.dispatchEvent(new Event("change"));
seen.beyond = document.getElementById("limits-beyond").textContent;
return seen;
"""


# Text whose contrast against the colour behind it is below 4.5: [text, contrast]. Signs with aria-hidden are no text.
CONTRAST_SCRIPT = """(() => {
const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
const light = (colour) => { const [r, g, b] = numbers(colour).slice(0, 3).map((each) => each / 255)
    .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
const behind = (node) => { for (let at = node; at; at = at.parentElement) { const colour = getComputedStyle(at).backgroundColor;
    if ((numbers(colour)[3] ?? 1) > 0) return colour; } return "rgb(255, 255, 255)"; };
const bad = [];
let seen = 0;
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("script, style, noscript, .mark, [aria-hidden='true'], option")) continue;
    const style = getComputedStyle(parent);
    const svg = parent.closest("svg");
    const colour = svg ? style.fill : style.color;
    if (!/^rgb/.test(colour)) continue;
    seen += 1;
    const contrast = ratio(colour, behind(svg ? svg.parentElement : parent));
    if (contrast < 4.5) bad.push([node.data.trim().slice(0, 40), Number(contrast.toFixed(2))]);
}
return {bad: bad.slice(0, 5), seen, ground: light(behind(document.body)), canvas: [...document.querySelectorAll("#front .chart")].map((each) =>
    ratio(echarts.getInstanceByDom(each).getOption().xAxis[0].nameTextStyle.color, behind(each)))};
})()"""

# Elements that reach beyond the window, but for those that scroll in their own box.
OVERFLOW_SCRIPT = """(() => {
const wide = [...document.querySelectorAll("main *")].filter((each) => each.getBoundingClientRect().right > innerWidth + 1
    && !each.closest(".scroll, .points, .values, svg"));
return {scroll: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        wide: wide.slice(0, 3).map((each) => each.outerHTML.slice(0, 80)),
        charts: [...document.querySelectorAll(".chart")].filter((each) => !each.closest(".scroll"))
            .map((each) => each.firstElementChild.clientWidth - each.clientWidth)};
})()"""


def check_looks(file):
    """Legible in light, dark and forced colours; no wider than the window, also after the window has changed."""
    with OpenPage(file) as page:
        for dark in (False, True):
            for forced in (False, True):
                name = f"{file.stem}, {'dark' if dark else 'light'}{', forced colours' if forced else ''}"
                page.shown(1400, dark, forced)
                seen = page.value(CONTRAST_SCRIPT)
                check(f"{name}: text of low contrast", seen["bad"], [])
                check.true(f"{name}: texts seen", seen["seen"] > 100, seen["seen"])
                check(f"{name}: dark ground", seen["ground"] < 0.2, dark)
                check.true(f"{name}: axes", all(each >= 4.5 for each in seen["canvas"]), seen["canvas"])
        page.theme(dark=False)
        check(f"{file.stem}: charts follow the theme", page.value(CONTRAST_SCRIPT)["bad"], [])
        for width in (1600, 800, 480):
            page.width(width)
            seen = page.value(OVERFLOW_SCRIPT)
            check(f"{file.stem}: beyond {width} px", [seen["scroll"], seen["wide"], set(seen["charts"]) <= {0}], [0, [], True])
        check(f"{file.stem}: messages", page.messages, [])


def check_table(page, data, texts):
    shown = 0
    for place, point in enumerate(data["points"]):
        row = page.row_of("data-point", str(place))
        if row is None:
            continue
        shown += 1
        if point["status"] != "ok":
            check(f"error of point {place}", row[1], "cannot be built: " + point["error"])
        for key, value in point["parameters"].items():
            check(f"point {place} {key}", row[key], value.rsplit("/", 1)[-1])
        for key in ("cycles_per_step", "lut", "latency_us", "bram36", "energy_uj"):
            check(f"point {place} {key}", row[key], texts[key][place])
    check.true("rows of the table", 15 <= shown <= 60, shown)


def check_comparison(page, data, texts):
    for key in ("cycles_per_step", "lut", "bram36", "steps_per_s"):
        row = page.row_of("data-key", key)
        check(f"default {key}", row[1], texts[key][-1])
        check(f"chosen {key}", row[2], texts[key][data["chosen"]])
        ratio = data["points"][data["chosen"]]["metrics"][key] / data["baseline"]["metrics"][key]
        check(f"ratio {key}", row[3], f"× {ratio:.{2 if ratio < 10 else 1}f}")


CHART_SCRIPT = """
const series = (name) => echarts.getInstanceByDom(document.querySelector(`#${name} .chart`)).getOption().series;
const rows = (name) => series(name).map((each) => [each.name, each.data.map((item) => Array.isArray(item) ? item : item.value)]);
return {front: rows("front"), parallel: rows("parallel"), cycles: rows("cycles"),
        axes: echarts.getInstanceByDom(document.querySelector("#front .chart")).getOption().xAxis[0].name};
"""


def check_charts(file, data):
    """The numbers that the charts were given."""
    seen = used(file, CHART_SCRIPT)
    points = data["points"]
    good = [point for point in points if point["status"] == "ok"]
    groups = {"not feasible": [p for p in good if not p["feasible"]], "Pareto front": [p for p in good if p["front"]],
              "feasible": [p for p in good if p["feasible"] and not p["front"]]}
    front, parallel, cycles = (dict(seen[name]) for name in ("front", "parallel", "cycles"))
    for name, members in groups.items():
        wanted = [[p["metrics"]["cycles_per_step"], p["metrics"]["lut"], p["number"]] for p in members]
        check(f"dots: {name}", sorted(front[name]), sorted(wanted))
        check(f"lines: {name}", sorted(line[-1] for line in parallel[name]), sorted(p["number"] for p in members))
    staircase = sorted(groups["Pareto front"], key=lambda p: p["metrics"]["cycles_per_step"])
    check("the line joins the front", [each[2] for each in front["best for these axes"]], [p["number"] for p in staircase])
    check("chosen dot", front["Chosen"][0][2], data["chosen"])
    check("axis names quantity and direction", seen["axes"], "cycles per step (lower is better)")
    for name, key in (("compute", "cycles_compute"), ("state wait", "cycles_state_wait")):
        wanted = [p["metrics"][key] for p in [data["baseline"], points[data["chosen"]]]]  # of the run, not per step
        check(f"bars: {name}", [round(value, 9) for value in cycles[name][:2]], [round(value, 9) for value in wanted])


USE_SCRIPT = """
const seen = {};
const shown = () => Number(document.getElementById("shown").textContent.replace(/,/g, "").split(" ")[0]);
const order = () => [...document.querySelectorAll("tr.point")].map((row) => Number(row.dataset.point));
const change = (node, value) => { node.value = value; node.dispatchEvent(new Event("change")); };
const head = () => document.querySelector('#points th button[data-key="cycles_per_step"]');
head().click();
seen.ascending = order();
seen.sorted = head().closest("th").getAttribute("aria-sort");
head().focus();
head().click();
seen.descending = order();
seen.focusKept = document.activeElement === head();
document.querySelectorAll("tr.point")[2].click();
seen.selected = [...document.querySelectorAll('tr.point[aria-selected="true"]')].map((row) => Number(row.dataset.point));
seen.compared = document.querySelector("#comparison thead").textContent;
document.getElementById("points").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown"}));
seen.next = [...document.querySelectorAll('tr.point[aria-selected="true"]')].map((row) => Number(row.dataset.point));
const input = document.getElementById("conditions");
change(input, "lanes = 64, latency_us < 5");
seen.conditions = shown();
change(input, "nonsense < 5");
seen.unknown = document.querySelector(".filter .message").textContent;
seen.unchanged = shown();
change(input, "run.model = Война и мир.onnx");
seen.text = shown();
change(input, "");
change(document.querySelector(".filter select"), "front");
seen.front = shown();
change(document.querySelector(".filter select"), "all");
document.querySelector(".values .chip").click();
seen.chip = shown();
document.querySelector(".filter button:last-of-type").click();
const select = document.querySelectorAll("#front select");
change(select[0], "bru.lanes");
change(select[1], "energy_uj");
seen.axes = ["xAxis", "yAxis"].map((axis) => echarts.getInstanceByDom(document.querySelector("#front .chart")).getOption()[axis][0].name);
document.getElementById("all-columns").click();
seen.columns = document.querySelectorAll("#points thead th").length;
seen.all = shown();
return seen;
"""


def check_use(file, data):
    seen = used(file, USE_SCRIPT)
    points = data["points"]
    good = [point for point in points if point["status"] == "ok"]
    ordered = sorted(good, key=lambda p: (p["metrics"]["cycles_per_step"], p["number"]))
    numbers = [p["number"] for p in ordered]
    check("ascending", seen["ascending"], numbers[:len(seen["ascending"])])
    check("aria-sort", seen["sorted"], "ascending")
    backwards = [p["number"] for p in sorted(good, key=lambda p: (-p["metrics"]["cycles_per_step"], p["number"]))]
    check("descending", seen["descending"], backwards[:len(seen["descending"])])
    check("the header keeps the focus", seen["focusKept"], True)
    check("selected row", seen["selected"], [backwards[2]])
    check.true("selected point is compared", f"#{backwards[2]}" in seen["compared"], seen["compared"])
    check("arrow key", seen["next"], [backwards[3]])
    wanted = [p for p in good if p["parameters"]["bru.lanes"] == "64" and p["metrics"]["latency_us"] < 5]
    check("conditions", seen["conditions"], len(wanted))
    check.true("unknown condition", seen["unknown"].startswith('"nonsense" is not known'), seen["unknown"])
    check("a wrong condition changes nothing", seen["unchanged"], len(wanted))
    check("condition on a text", seen["text"], sum("мир" in p["parameters"]["run.model"] for p in points))
    check("front only", seen["front"], sum(p["front"] for p in points))
    check("a value switched off", seen["chip"], sum(p["parameters"]["bru.lanes"] != "16" for p in points))
    check("other axes", seen["axes"], ["lanes", "energy per step (uJ, lower is better)"])
    known = [m for m in data["metrics"] if any(p["metrics"].get(m["key"]) is not None for p in points)]
    check("all columns", seen["columns"], 2 + len(data["parameters"]) + len(known))
    check("all points again", seen["all"], len(points))


def check_odd_sweeps(program, folder):
    """No points, only failures, nothing to compare with: a page that says so, without an error."""
    empty = sample_sweep.sweep(0)
    failed = sample_sweep.sweep(6)
    failed.update(points=[dict(failed["points"][5], number=k) for k in range(3)], chosen=None, baseline=None)
    bare = sample_sweep.sweep(40)
    bare.update(baseline=None, chosen=None, constraints=[], devices={}, fixed={}, manifest={}, parameters=bare["parameters"][:1],
                metrics=bare["metrics"][:1], objectives=["cycles_per_step"])
    for point in bare["points"]:
        point.update(feasible=False, front=False)
    for name, data, shown in (("empty", empty, "0 of 0 points shown"), ("failed", failed, "3 of 3 points shown"),
                              ("bare", bare, "40 of 40 points shown")):
        page = opened(report_of(program, folder, name, data))
        check(f"{name}: shown", page.text("shown"), shown)


SPEED_SCRIPT = """
const time = (action) => { const begin = performance.now(); action(); return performance.now() - begin; };
const change = (node, value) => { node.value = value; node.dispatchEvent(new Event("change")); };
const rows = document.querySelectorAll("tr.point");
return {loaded: performance.now(), select: time(() => rows[7].click()), rows: rows.length,
        sort: time(() => document.querySelector('#points th button[data-key="lut"]').click()),
        filter: time(() => change(document.getElementById("conditions"), "lut < 30000"))};
"""


def check_many(program, folder):
    file = report_of(program, folder, "many", sample_sweep.sweep(5000))
    size = file.stat().st_size
    check.true("size of a page of 5,000 points", size < 4_000_000, size)
    seen = used(file, SPEED_SCRIPT)
    print(f"5,000 points: {size:,} bytes; loaded {seen['loaded']:.0f} ms, select {seen['select']:.0f} ms, sort {seen['sort']:.0f} ms, "
          f"filter {seen['filter']:.0f} ms; {seen['rows']} rows in the document")
    # Ten times what an idle machine needs: tests share theirs.
    for name, most in (("loaded", 15000), ("select", 3000), ("sort", 3000), ("filter", 6000), ("rows", 60)):
        check.true(f"5,000 points: {name} within {most}", seen[name] <= most, seen[name])


def check_database(program, folder):
    """A real sweep: what the page shows is what the database holds."""
    database = folder / "sweep.db"
    subprocess.run([program, "sweep", PROJECT / "configs/sweeps/warpeace.ini", "--db", database, "--bru.lanes=32, 64, 128",
                    "--bru.lane_width=8, 24", "--bru.update_width=2, 8", "--bru.output_fifo_beats=128"], check=True, capture_output=True)
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    rows = connection.execute("SELECT * FROM points ORDER BY number").fetchall()
    best = int(connection.execute("SELECT value FROM facts WHERE key = 'best'").fetchone()[0])
    default = connection.execute("SELECT * FROM baseline").fetchone()
    connection.close()
    file = made(program, database, folder / "database.html")
    page = opened(file)
    check_timelines(file, [default, next(row for row in rows if row["number"] == best)])
    check("database: points", page.text("card-points").startswith(str(len(rows))), True)
    check("database: front", page.text("card-front").startswith(str(sum(row["front"] for row in rows))), True)
    check("database: best", f"#{best}" in page.text("headline"), True)
    for key in ("cycles_per_step", "lut", "latency_us", "energy_uj"):
        texts = column_texts([row[key] for row in rows])
        for place, row in enumerate(rows):
            check(f"database: {key} of point {row['number']}", page.row_of("data-point", str(place))[key], texts[place])
    for place, row in enumerate(rows):
        if row["status"] != "ok":
            check(f"database: error of point {row['number']}", page.row_of("data-point", str(place))[1], "cannot be built: " + row["error"])


TIMELINE_SCRIPT = """
const {series, title, yAxis} = echarts.getInstanceByDom(document.querySelector("#timelines .chart")).getOption();
return series.map((each, k) => ({title: title[k].text, tracks: yAxis[k].data, bars: each.data.map((bar) => [...bar.value, bar.event.class])}));
"""


def check_timelines(file, rows):
    """Two steps each: as long as the database says, and every cycle of the sequencer in one class."""
    seen = used(file, TIMELINE_SCRIPT)
    check("timelines", [re.sub(r"\d+", "", each["title"]) for each in seen], ["Default", "Chosen #"])
    for timeline, row in zip(seen, rows):
        sequencer = sorted(bar[1:] for bar in timeline["bars"] if timeline["tracks"][bar[0]] == "sequencer")
        length = sequencer[-1][1]
        check.true(f"{timeline['title']}: two steps", abs(length - 2 * row["cycles_per_step"]) <= 0.05 * length, length)
        check(f"{timeline['title']}: no cycle without a class", sum(end - begin for begin, end, _ in sequencer), length)
        check.true(f"{timeline['title']}: classes", {name for _, _, name in sequencer} <= set(sample_sweep.CLASSES), sequencer)


def check_run(program, folder):
    source = folder / "run.json"
    subprocess.run([program, "run", "--model", PROJECT / "models/mnist_rows_h128.onnx", "--trace", PROJECT / "traces/digits.trace",
                    "--predictions", "--steps", "280", "--json", source], check=True, capture_output=True)
    run = json.loads(source.read_text())
    file = made(program, source, folder / "run.html")
    page = opened(file)
    for key, cycles in run["cycles"]["classes"].items():
        check(f"run: cycles of {key}", page.row_of("data-key", key)[1], f"{cycles:,}")
    check("run: total", page.row_of("data-key", "total")[1], f"{run['cycles']['total']:,}")
    for block in run["blocks"]:
        check(f"run: LUTs of {block['block']}", page.row_of("data-key", block["block"])[1], f"{block['lut']:,}")
    for name, measure in run["predictions"].items():
        row = page.row_of("data-key", name)
        check(f"run: {name}", [row[1], row[2]], [f"{measure['machine']:.4f}", f"{measure['float']:.4f}"])
    lut = run["resources"]["lut"]
    check.true("run: LUT bar", f"{lut['used']:,} of {lut['available']:,}" in page.text("resources"))
    check.true("run: headline", f"{short(run['cycles']['per_step'])} cycles" in page.text("headline"), page.text("headline"))
    steady = run["steady_state"]
    for layer in steady["layers"]:
        row = page.row_of("data-layer", layer["name"])
        wanted = [layer["name"], *(f"{cycles / steady['steps']:.1f}" for cycles in (layer["cycles"], layer["classes"]["compute"]))]
        check(f"run: {layer['name']}", [row[0], row[1], row[2]], wanted)
    for hint in run["hints"]:
        row = page.row_of("data-hint", hint["parameter"])
        check(f"run: hint {hint['parameter']}", [row[0], row[1]], [f"--{hint['parameter']}={hint['value']}", f"{hint['cycles_per_step']:.1f}"])
    check.true("run: rows of the timeline are explained", "dot_product_lanes" in page.text("tracks"), page.text("tracks"))
    check_switch(file, run)
    check_looks(file)


FLEET = """[fleet]
duration_s = 4
warm_up_s = 0.5
[board]
step_us = 500
streams = 100
count = 2
idle_w = 1
[sessions]
permanent = 100
steps = poisson
period_ms = 30
deadline_ms = 6
[target]
loads = 0.1:1.1:0.1
"""


def check_fleet(program, folder):
    file, source = folder / "fleet.ini", folder / "fleet.json"
    file.write_text(FLEET)
    subprocess.run([program, "fleet", file, "--find-boards", "--json", source], check=True, capture_output=True)
    fleet = json.loads(source.read_text())
    page_file = made(program, source, folder / "fleet.html")
    page = opened(page_file)
    check.true("fleet: headline", "The target does not hold" in page.text("headline"), page.text("headline"))
    check.true("fleet: boards needed", f"{fleet['boards_needed']} boards hold the target" in page.text("trials"), page.text("trials")[:200])
    check.true("fleet: a knee", f"knee at {fleet['knee_load']}" in page.text("loads"), page.text("loads")[:300])
    for point in fleet["loads"]:
        row = page.row_of("data-key", f"{point['load']:.4g}")
        check(f"fleet: load {point['load']}", [row[1], row[7]],
              [f"{point['result']['sessions']['arrived']:,}", "yes" if point["result"]["holds"] else "no"])
    check("fleet: steps made", page.row_of("data-key", "steps made")[1], f"{fleet['result']['steps']['made']:,}")
    check.true("fleet: charts", page.counts.get("svg", 0) >= 2, page.counts)
    check_looks(page_file)


def check_layers(program, folder):
    """A run of random steps, with layers in both directions: a row for each, and a timeline without a trace."""
    source = folder / "layers.json"
    subprocess.run([program, "run", "--model", PROJECT / "tests/data/onnx/bidirectional_final.onnx", "--lstm-weight-bits", "2",
                    "--dense-weight-bits", "4", "--random-steps", "96", "--json", source], check=True, capture_output=True)
    layers = json.loads(source.read_text())["steady_state"]["layers"]
    file = made(program, source, folder / "layers.html")
    page = opened(file)
    check.true("layers: head", "96 random steps" in page.text("page"), page.text("page")[:200])
    for layer in layers:
        check(f"layers: {layer['name']}", page.row_of("data-layer", layer["name"])[1], f"{layer['cycles_per_step']:.1f}")
    check("layers: timeline", [(each["title"], len(each["bars"]) > 5) for each in used(file, TIMELINE_SCRIPT)], [("This run", True)])


def check_switch(file, run):
    """Without loading: neither its row nor its bar, and shares of what is left."""
    seen = used(file, """
const look = () => ({rows: [...document.querySelectorAll("#cycle-table tbody tr")].map((row) => [row.dataset.key, row.cells[1].textContent]),
                     bars: echarts.getInstanceByDom(document.querySelector("#cycles .chart")).getOption().series.map((each) => each.name)});
const before = look();
document.getElementById("with-load").click();
return {before, after: look(), titles: [...document.querySelectorAll("#cycle-table th")].map((title) => title.textContent)};
""")
    check("run: no figure per step depends on the number of steps", seen["titles"], ["class", "cycles", "share", "what it means"])
    cycles = run["cycles"]
    check("run: with loading", dict(seen["before"]["rows"])["weight_load"], f"{cycles['classes']['weight_load']:,}")
    check.true("run: bar of loading", "weight load" in seen["before"]["bars"], seen["before"]["bars"])
    check.true("run: loading is hidden", "weight_load" not in dict(seen["after"]["rows"]) and "weight load" not in seen["after"]["bars"], seen["after"])
    check("run: total without loading", dict(seen["after"]["rows"])["total"], f"{cycles['total'] - cycles['classes']['weight_load']:,}")


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    if browser() is None:
        print("skipped: Chromium is not installed (Debian: tools/dependencies-report.txt)")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        probe = folder / "probe.json"
        probe.write_text(json.dumps(sample_sweep.sweep(1)))
        answer = subprocess.run([program, "report", probe, "--out", folder / "probe.html"], capture_output=True, text=True)
        if "plotting library" in answer.stderr:
            print("skipped: " + answer.stderr.strip())
            return 77
        for part in (check_sweep, check_odd_sweeps, check_many, check_database, check_run, check_layers, check_fleet):
            part(program, folder)
    print("the pages show their data" if Check.failures == 0 else f"{Check.failures} checks failed")
    return 1 if Check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
