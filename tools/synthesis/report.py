"""The files that tools/calibrate writes."""

import json

from . import fit

OUTSIDE = ("check", "shipped")  # of the fit, for a version that the factors are not fitted to
ADDITIONS = ("gru", "streams")  # prefixes of the terms that are fitted by themselves
EVIDENCE_LISTS = ("shapes", "blocks", *ADDITIONS)
LANE_WIDTHS, LANE_BITS = (8, 16, 32), (1, 4, 8)
ORIGIN = "fitted to synthesis by tools/calibrate; quantities: src/device/structure.cpp; residuals: docs/resources/residuals.csv"


def blocks_of(rows):
    return list(dict.fromkeys(row["block"] for row in rows))


def worst(rows, block, kind, roles=("check",)):
    """Largest deviation of a block over the shapes of the check [%]."""
    of_block = [row[kind] for row in rows if row["block"] == block and row["role"] in roles]
    return max((100 * abs(ours - theirs) / max(1, theirs) for ours, theirs in of_block), default=0)


def calibration_text(fitted, rows, evidence):
    shapes = {role: sum(1 for e in evidence["shapes"] if e["role"] == role) for role in ("grid", "check")}
    lines = [f"# Written by tools/calibrate from {shapes['grid']} shapes and {len(evidence['blocks'])} single blocks synthesized",
             f"# with {evidence['tool']} ({evidence['flow']}), checked on {shapes['check']} other shapes. Every factor is",
             f"# {ORIGIN}.",
             "# lut, ff: LUTs (those of memories come on top, exact) and flip-flops a unit; levels: of LUT and net.",
             "# error: the largest deviation over the check's shapes [%]."]
    for block in list(fitted) + ["core"]:
        lines += ["", f"[{block}]"]
        for kind in ("lut", "ff", "levels"):
            for term, factor in fitted.get(block, {}).get(kind, {}).items():
                lines.append(f"{kind}.{term} = {factor:.6g}")
        for kind in ("lut", "ff"):
            lines.append(f"error.{kind}_percent = {worst(rows, block, kind):.2f}")
    return "\n".join(lines) + "\n"


def short_name(evidence):
    """Yosys 0.23 of its long version."""
    return evidence["tool"].split(" (")[0]


def error_of(rows, roles=("check",)):
    """The largest errors of the core over shapes outside the fit: what bru says beside its estimate."""
    return {f"{kind}_percent": round(worst(rows, "core", kind, roles), 2) for kind in ("lut", "ff")}


def evidence_text(evidence):
    """JSON with one line per shape."""
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in evidence.items() if key not in EVIDENCE_LISTS]
    for key in [key for key in EVIDENCE_LISTS if key in evidence]:
        parts.append(f'"{key}": [\n' + ",\n".join(json.dumps(entry) for entry in evidence[key]) + "\n]")
    return "{" + ",\n".join(parts) + "}\n"


def residuals_csv(rows):
    names = ["lut", "ff", "ramb18", "ramb36", "dsp"]
    keys = list(rows[0]["shape"])
    head = ["role"] + [key.split(".")[1] for key in keys] + ["block"]
    head += [f"{name}_{what}" for name in names + ["path_ns"] for what in ("estimate", "synthesis")]
    head += ["lut_error_percent", "ff_error_percent"]
    lines = [",".join(head)]
    for row in rows:
        cells = [row["role"]] + [str(row["shape"][key]) for key in keys] + [row["block"]]
        cells += [str(value) for name in names for value in row[name]]
        cells += ["" if value is None else f"{value:.2f}" for value in row["path_ns"]]
        cells += [f"{fit.percent(row[name]):.2f}" for name in ("lut", "ff")]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def lanes_csv(lanes):
    lines = ["lane_width,activation_bits,lut,ff,carry4,lut_per_mac"]
    for lane in lanes:
        lines.append(f"{lane['lane_width']},{lane['activation_bits']},{lane['lut']},{lane['ff']},{lane['carry4']},"
                     f"{lane['lut'] / lane['lane_width']:.2f}")
    return "\n".join(lines) + "\n"


def summary(rows):
    lines = [f"{'block':20}{'LUT worst':>12}{'FF worst':>12}   of shapes outside the fit [%]"]
    for block in blocks_of(rows):
        lines.append(f"{block:20}{worst(rows, block, 'lut'):>12.2f}{worst(rows, block, 'ff'):>12.2f}")
    wrong = [row for row in rows if any(row[n][0] != row[n][1] for n in ("ramb18", "ramb36", "dsp"))]
    lines.append(f"block RAM or DSP not equal: {len(wrong)} of {len(rows)}")
    lines += [f"    {row['block']} {list(row['shape'].values())} {row['ramb18']} {row['ramb36']} {row['dsp']}"
              for row in wrong[:20]]
    return "\n".join(lines)


def error_table(rows, tool, roles=("check",)):
    """Mean and largest error of every block against one version of the tool."""
    checks = [row for row in rows if row["role"] in roles]
    shapes = len({str(row["shape"]) for row in checks})
    lines = [f"## Estimate against {tool}, {shapes} shapes outside the fit", "",
             "| block | LUT: mean error | largest | FF: mean error | largest |", "|---|---|---|---|---|"]
    for block in blocks_of(rows):
        cells = [block if block != "core" else "**whole core**"]
        for kind in ("lut", "ff"):
            errors = [abs(fit.percent(row[kind])) for row in checks if row["block"] == block]
            cells += [f"{sum(errors) / max(1, len(errors)):.1f} %", f"{max(errors, default=0):.1f} %"]
        lines.append("| " + " | ".join(cells) + " |")
    wrong = sum(1 for row in rows if any(row[n][0] != row[n][1] for n in ("ramb18", "ramb36", "dsp")))
    return lines + ["", f"Block RAM and DSP: {len(rows) - wrong} of {len(rows)} blocks and cores equal.", ""]


def summary_markdown(rows, evidence, others, stream_paths):
    """The tables that docs/resources.md points to. `others`: (rows, evidence) of every other version; `stream_paths`: those of
    fit.addition_paths()."""
    lines = ["# Residuals, lanes and paths", "",
             f"`tools/calibrate` wrote this page. The factors are fitted to {short_name(evidence)}. Every shape that it",
             "synthesized is in [residuals.csv](residuals.csv).", ""]
    lines += error_table(rows, short_name(evidence))
    for of_tool, each in others:
        lines += error_table(of_tool, short_name(each), OUTSIDE)
    lines += [f"## LUTs of a lane ({short_name(evidence)})", "",
              "| lane width | activation bits | LUT | LUT per multiply-accumulate | FF |", "|---|---|---|---|---|"]
    for lane in evidence["lanes"]:
        lines.append(f"| {lane['lane_width']} | {lane['activation_bits']} | {lane['lut']} | "
                     f"{lane['lut'] / lane['lane_width']:.2f} | {lane['ff']} |")
    lines += ["", f"## Longest paths [ns], estimate / netlist of {short_name(evidence)}", "", "| shape | " + " | ".join(
        block for block in blocks_of(rows) if block != "core") + " |"]
    lines.append("|---" * (len(blocks_of(rows))) + "|")
    by_shape = {}
    for row in rows:
        if row["path_ns"][1] is not None:
            by_shape.setdefault(str(list(row["shape"].values())[:4]), {})[row["block"]] = row["path_ns"]
    for shape, paths in by_shape.items():
        lanes, width, update, bits = json.loads(shape)
        lines.append(f"| L {lanes}, W {width}, E {update}, A {bits} | "
                     + " | ".join(f"{ours:.2f} / {theirs:.2f}" for ours, theirs in paths.values()) + " |")
    lines += ["", f"## Longest paths with several streams [ns], estimate / netlist of {short_name(evidence)}", "",
              "| streams | shape | block | path |", "|---|---|---|---|"]
    for shape, block, ours, theirs in sorted(stream_paths, key=lambda path: path[0]["bru.streams"]):
        lanes, width, update, bits = list(shape.values())[:4]
        lines.append(f"| {shape['bru.streams']} | L {lanes}, W {width}, E {update}, A {bits} | {block} | "
                     f"{ours:.2f} / {theirs:.2f} |")
    return "\n".join(lines) + "\n"


def plot_svg(rows):
    """LUTs and flip-flops, estimate against synthesis, a point per block and shape, on logarithmic axes."""
    import math
    low, high, size, margin = 1.0, 5.0, 420, 60
    colours = {"grid": "#9aa5b1", "check": "#1f6fb2", "shipped": "#d1495b"}

    def place(value):
        return (math.log10(max(10, value)) - low) / (high - low) * size

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * (size + margin) + 40}" height="{size + 2 * margin}" '
             'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>']
    for panel, (kind, title) in enumerate((("lut", "LUT"), ("ff", "flip-flops"))):
        x0, y0 = margin + panel * (size + margin), margin + size
        parts.append(f'<text x="{x0 + size / 2}" y="{margin - 24}" text-anchor="middle" font-size="15">{title}: estimate '
                     'against synthesis</text>')
        for power in range(int(low), int(high) + 1):
            at = place(10 ** power)
            parts.append(f'<path d="M{x0 + at:.1f} {y0}V{margin}M{x0} {y0 - at:.1f}H{x0 + size}" stroke="#e3e6ea"/>')
            parts.append(f'<text x="{x0 + at:.1f}" y="{y0 + 16}" text-anchor="middle">{10 ** power}</text>')
            if panel == 0:
                parts.append(f'<text x="{x0 - 6}" y="{y0 - at + 4:.1f}" text-anchor="end">{10 ** power}</text>')
        for factor, dash in ((1, ""), (1.1, "4 4"), (0.9, "4 4")):
            shift = math.log10(factor) / (high - low) * size
            parts.append(f'<path d="M{x0} {y0 - shift:.1f}L{x0 + size} {margin - shift:.1f}" stroke="#333" '
                         f'stroke-dasharray="{dash}" stroke-width="0.8"/>')
        for row in rows:
            ours, theirs = row[kind]
            radius = 3.4 if row["block"] == "core" else 2
            parts.append(f'<circle cx="{x0 + place(theirs):.1f}" cy="{y0 - place(ours):.1f}" r="{radius}" '
                         f'fill="{colours[row["role"]]}" fill-opacity="0.7"/>')
        parts.append(f'<text x="{x0 + size / 2}" y="{y0 + 36}" text-anchor="middle">synthesis</text>')
    for index, (role, colour) in enumerate(colours.items()):
        y = margin + 16 + 18 * index
        parts.append(f'<circle cx="{margin + 16}" cy="{y}" r="4" fill="{colour}"/>'
                     f'<text x="{margin + 26}" y="{y + 4}">{role}</text>')
    parts.append(f'<text x="{margin + 12}" y="{margin + 72}">large: whole core; dashed: 10 %</text>')
    return "\n".join(parts) + "\n</svg>\n"
