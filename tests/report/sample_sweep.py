"""Sweeps for tests of `bru report`, in the form that bru sweep --json writes: numbers of a simple formula, equal in every run."""

CLASSES = ("weight_load", "compute", "input_wait", "state_wait", "update_wait", "output_wait", "idle")
AVAILABLE = {"lut": 53200, "memory_lut": 17400, "ff": 106400, "bram36": 140, "dsp": 220}
LIMIT = dict(AVAILABLE, lut=45220)
STEPS = 100

# Texts that must come through the page unharmed: markup, ends of scripts, quotes, other alphabets.
HOSTILE = "</script><script>alert(1)</script> <!-- \"quoted\" 'single' & \\ Война и мир \u2028 \U0001f600"

METRICS = [("cycles_per_step", "cycles per step", "cycles", "low"), ("latency_us", "latency (p99)", "us", "low"),
           ("cycles_total", "total cycles", "cycles", "low"), ("steps_per_s", "throughput", "steps/s", "high"),
           ("lut", "LUTs", "", "low"), ("memory_lut", "LUTs as memory", "", "low"), ("ff", "flip-flops", "", "low"),
           ("bram36", "block RAM", "BRAM36", "low"), ("dsp", "DSPs", "", "low"), ("fits", "fits", "", "high"),
           ("energy_uj", "energy per step", "uJ", "low"), ("accuracy_loss", "accuracy lost", "points", "low")]
METRICS += [(f"cycles_{name}", name, "cycles", "none") for name in CLASSES]

PARAMETERS = {"bru.lanes": ["16", "32", "64", "128", "256"], "bru.lane_width": ["4", "8", "16", "32"],
              "bru.update_width": ["1", "2", "4"], "run.model": ["models/small.onnx", "models/Война и мир.onnx"],
              "dma.outstanding_bursts": ["1", "2", "4", "8"]}


def metrics_of(values):
    lanes, width, update, bursts = (int(values[key]) for key in
                                    ("bru.lanes", "bru.lane_width", "bru.update_width", "dma.outstanding_bursts"))
    large = 2 if "small" not in values["run.model"] else 1
    compute = large * 262144 / (lanes * width) + 16
    classes = {"weight_load": 4096 * large, "compute": round(STEPS * compute), "input_wait": 300 // bursts,
               "state_wait": 1500 + 10 * lanes, "update_wait": 4 * STEPS * lanes // (update * width), "output_wait": 0,
               "idle": 326}
    per_step = sum(classes[name] for name in CLASSES[1:]) / STEPS - 3.26
    metrics = {"cycles_per_step": per_step, "latency_us": per_step / 200 + 0.7, "cycles_total": sum(classes.values()),
               "steps_per_s": 200e6 / per_step, "lut": 3000 + lanes * width * 9 + 700 * update, "memory_lut": 8 * lanes,
               "ff": 4000 + 11 * lanes * width, "bram36": 12.5 * large + lanes / 8, "dsp": lanes + 6 * update,
               "energy_uj": per_step * (0.15 + lanes * width / 9000) / 200, "accuracy_loss": None}
    metrics["fits"] = int(all(metrics[key] <= LIMIT[key] for key in LIMIT))
    metrics.update({f"cycles_{name}": value for name, value in classes.items()})
    return metrics


def points_of(count):
    for number in range(count):
        rest, values = number, {}
        for key, choices in PARAMETERS.items():
            rest, place = divmod(rest, len(choices))
            values[key] = choices[place]
        point = {"number": number, "key": f"{number * 2654435761 % 2**64:016x}", "status": "ok", "error": None,
                 "feasible": False, "violated": None, "front": False, "device": "xc7z020", "parameters": values,
                 "metrics": metrics_of(values)}
        # More points than combinations: the later ones are a little worse, so that all of them are different.
        for key in ("cycles_per_step", "lut"):
            point["metrics"][key] += rest * 7
        if number % 23 == 5:
            point.update(status="error", metrics={}, error=f"bru.update_width = {number}: {HOSTILE}")
        yield point


def sweep(count):
    points = list(points_of(count))
    for point in points:
        if point["status"] != "ok":
            continue
        violated = [] if point["metrics"]["fits"] else ["fits"]
        violated += [] if point["metrics"]["latency_us"] < 8 else ["latency_us < 8"]
        point["feasible"], point["violated"] = not violated, ", ".join(violated) or None
    objectives = ["cycles_per_step", "lut"]
    feasible = [point for point in points if point["feasible"]]
    best = float("inf")
    for point in sorted(feasible, key=lambda each: [each["metrics"][key] for key in objectives]):
        point["front"] = point["metrics"]["lut"] < best
        best = min(best, point["metrics"]["lut"])
    chosen = min(feasible, key=lambda each: [each["metrics"][key] for key in objectives], default=None)
    default = {"bru.lanes": "64", "bru.lane_width": "16", "bru.update_width": "2", "run.model": "models/small.onnx",
               "dma.outstanding_bursts": "4"}
    return {"schema": "bru-sweep-1",
            "manifest": {"program": "bru", "version": "0.1.0", "sweep_file": HOSTILE + ".ini", "sampling": "grid",
                         "seed": 1, "steps": STEPS, "complete": True, "points_planned": count},
            "parameters": [{"key": key, "unit": "", "help": HOSTILE, "values": values}
                           for key, values in PARAMETERS.items()],
            "fixed": {"run.trace": "traces/a.trace", "bru.clock_mhz": "200"},
            "metrics": [{"key": key, "title": title, "unit": unit, "better": better, "help": HOSTILE}
                        for key, title, unit, better in METRICS],
            "objectives": objectives, "constraints": ["fits", "latency_us < 8"],
            "devices": {"xc7z020": {"name": "XC7Z020-1", "available": AVAILABLE, "limit": LIMIT}}, "points": points,
            "baseline": {"key": "default", "status": "ok", "error": None, "feasible": True, "violated": None, "front": False,
                         "device": "xc7z020", "parameters": default, "metrics": metrics_of(default)},
            "chosen": chosen["number"] if chosen else None}
