"""Least squares with factors that are not negative: a bit of an adder or a register never gives LUTs back. Every shape counts
by its relative error, so that small shapes are fitted as well as large ones."""

KINDS = {"lut": "lut", "ff": "ff"}
# Delays of one level in configs/devices/xc7z020.ini: a LUT and a net, a flip-flop's clock to output and setup [ns].
LEVEL_NS, FIXED_NS = 1.16, 0.353


def least_squares(square, right, chosen):
    """Solves the normal equations for the chosen columns (Gauss, with pivots); a column that depends on others gets 0."""
    matrix = [[square[i][j] for j in chosen] + [right[i]] for i in chosen]
    size = len(chosen)
    pivots = {}  # column -> row
    for column in range(size):
        rest = [i for i in range(size) if i not in pivots.values()]
        pivot = max(rest, key=lambda i: abs(matrix[i][column]))
        if abs(matrix[pivot][column]) < 1e-9:
            continue
        pivots[column] = pivot
        for i in range(size):
            if i != pivot:
                factor = matrix[i][column] / matrix[pivot][column]
                matrix[i] = [a - factor * b for a, b in zip(matrix[i], matrix[pivot])]
    result = [0.0] * size
    for column, row in pivots.items():
        result[column] = matrix[row][size] / matrix[row][column]
    return result


def solve(rows, targets, weights):
    """min sum (w (row . x - target))^2 over x >= 0: Lawson and Hanson's active set on the normal equations."""
    count = len(rows[0])
    scale = [max(abs(row[j]) for row in rows) or 1 for j in range(count)]
    scaled = [[w * row[j] / scale[j] for j in range(count)] for row, w in zip(rows, weights)]
    wanted = [w * t for w, t in zip(weights, targets)]
    top = max(abs(v) for row in scaled for v in row) or 1
    scaled = [[v / top for v in row] for row in scaled]
    square = [[sum(r[i] * r[j] for r in scaled) + (1e-9 if i == j else 0) for j in range(count)] for i in range(count)]
    right = [sum(r[j] * t for r, t in zip(scaled, wanted)) for j in range(count)]
    x = [0.0] * count
    chosen, refused = [], set()
    for _ in range(20 * count):
        slope = [right[j] - sum(square[j][i] * x[i] for i in chosen) for j in range(count)]
        free = [j for j in range(count) if j not in chosen and j not in refused and slope[j] > 1e-9]
        if not free:
            break
        entering = max(free, key=lambda j: slope[j])
        chosen.append(entering)
        while chosen:
            answer = dict(zip(chosen, least_squares(square, right, chosen)))
            falling = [j for j, value in answer.items() if value <= 0]
            if not falling:
                break
            if entering in falling and x[entering] == 0:
                refused.add(entering)  # depends on the others
                chosen.remove(entering)
                continue
            step = min(x[j] / (x[j] - answer[j]) for j in falling)
            for j in chosen:
                x[j] += step * (answer[j] - x[j])
            chosen = [j for j in chosen if x[j] > 1e-12]
        else:
            answer = {}
        if entering in chosen:
            refused.clear()
        x = [answer.get(j, 0.0) for j in range(count)]
    return [value / s / top for value, s in zip(x, scale)]


def logic_of(figures, structure, kind):
    """What the factors have to explain: LUTs beside those of memories, which are exact; all flip-flops."""
    return figures["lut"] - structure["memory_lut"] if kind == "lut" else figures["ff"]


def fit(entries):
    """{block: {"lut": {term: factor}, "ff": ..., "levels": ...}}; an entry may have some of the blocks only."""
    fitted = {}
    for block in entries[0]["structure"]:
        having = [e for e in entries if block in e["blocks"]]
        fitted[block] = {}
        for kind in KINDS:
            targets = [logic_of(e["blocks"][block], e["structure"][block], kind) for e in having]
            weights = [1 / max(50, e["blocks"][block][kind]) for e in having]
            fitted[block][kind] = factors(having, block, kind, targets, weights)
        timed = [e for e in having if "path_ns" in e["blocks"][block]]
        levels = [(e["blocks"][block]["path_ns"] - FIXED_NS) / LEVEL_NS for e in timed]
        fitted[block]["levels"] = factors(timed, block, "levels", levels, [1 / max(1, t) for t in levels])
    return fitted


def fit_addition(fitted, entries, prefix):
    """Adds the factors of what GRU cells or several streams add: what a block takes more with them than without, in the same
    shape. The factors of all other terms stay as they are. The term that is called like the prefix may have a negative
    factor: a machine with streams leaves logic out, too."""
    for block in fitted:
        having = [e for e in entries if block in e["with"]]
        for kind in (*KINDS, "levels"):
            terms = [term for term in fitted[block][kind] if term.split("_")[0] == prefix]
            if not terms:
                continue
            shown = [e for e in having if kind != "levels" or "path_ns" in e["with"][block]]
            rows = [[e["structure"][block][kind][term] for term in terms] for e in shown]
            less = [-e["structure"][block][kind].get(prefix, 0) for e in shown]
            more = [added(e, block, kind) for e in shown]
            *factors_found, taken = solve([[*row, each] for row, each in zip(rows, less)], more, [1.0] * len(more))
            fitted[block][kind].update(zip(terms, factors_found))
            if taken > 0:
                fitted[block][kind][prefix] -= taken
    return fitted


def added(entry, block, kind):
    """LUTs beside those of memories, flip-flops, or levels of the longest path, that an addition takes."""
    def logic(figures):
        if kind == "levels":
            return figures["path_ns"] / LEVEL_NS
        return figures["lut"] - figures["lutram"] if kind == "lut" else figures["ff"]
    return logic(entry["with"][block]) - logic(entry["without"][block])


def factors(entries, block, kind, targets, weights):
    terms = list(entries[0]["structure"][block][kind])
    rows = [[e["structure"][block][kind][term] for term in terms] for e in entries]
    return dict(zip(terms, solve(rows, targets, weights)))


def read_factors(text):
    """The factors of a calibration file, as fit() returns them."""
    fitted, block = {}, None
    for line in (line.split("#")[0].strip() for line in text.splitlines()):
        if line.startswith("["):
            block = fitted.setdefault(line.strip("[]"), {"lut": {}, "ff": {}, "levels": {}})
        elif line and not line.startswith("error."):
            key, value = line.split("=")
            kind, term = key.strip().split(".")
            block[kind][term] = float(value)
    return fitted


def estimate(structure, factors, kind):
    return sum(factors[kind][term] * quantity for term, quantity in structure[kind].items())


def path_ns(structure, factors):
    """The estimate of the longest path that ends in a block."""
    return FIXED_NS + LEVEL_NS * estimate(structure, factors, "levels")


def addition_paths(entries, fitted):
    """(shape, block, estimate, netlist) of every path that was followed with an addition [ns]."""
    return [(entry["shape"], block, path_ns(entry["structure"][block], fitted[block]), figures["path_ns"])
            for entry in entries for block, figures in entry["with"].items() if "path_ns" in figures]


def residuals(entries, fitted):
    """One row per shape and block (and `core`): estimate and synthesis."""
    rows = []
    for entry in entries:
        core = {"lut": 0, "ff": 0, "ramb18": 0, "ramb36": 0, "dsp": 0}
        for block, structure in entry["structure"].items():
            measured = entry["blocks"][block]
            row = {"role": entry["role"], "shape": entry["shape"], "block": block}
            ours = {"lut": round(estimate(structure, fitted[block], "lut")) + structure["memory_lut"],
                    "ff": round(estimate(structure, fitted[block], "ff")),
                    "ramb18": structure["ramb18"], "ramb36": structure["ramb36"], "dsp": structure["dsp"]}
            row["path_ns"] = (path_ns(structure, fitted[block]), measured.get("path_ns"))
            for name, value in ours.items():
                row[name] = (value, measured["dsp48e1" if name == "dsp" else name])
                core[name] += value
            rows.append(row)
        row = {"role": entry["role"], "shape": entry["shape"], "block": "core", "path_ns": (None, None)}
        for name, value in core.items():
            row[name] = (value, entry["core"]["dsp48e1" if name == "dsp" else name])
        rows.append(row)
    return rows


def percent(pair):
    ours, theirs = pair
    return 100 * (ours - theirs) / theirs if theirs else (0 if ours == 0 else 100)
