#!/usr/bin/env python3
"""Does synthesis of today's rtl/ still give what the calibration was fitted to? Four blocks of one small shape, in seconds;
all blocks are tools/calibrate's work. Skipped (exit status 77) where yosys is missing. Arguments: the built bru."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SHAPE = ["--bru.lanes=16", "--bru.lane_width=8", "--bru.update_width=1", "--bru.activation_bits=5"]
ALLOWED_PERCENT = 10
# The slice FIFO of stream_output has become two memories since the calibration: one RAM32M more (docs/resources.md).
ALLOWED_MEMORY_LUTS = {"stream_output": 4}


def estimate_of(program, folder):
    path = pathlib.Path(folder) / "estimate.json"
    subprocess.run([program, "resources", *SHAPE, "--json", str(path)], check=True, capture_output=True)
    return {block["block"]: block for block in json.loads(path.read_text())["blocks"]}


def synthesis_of(program, folder, block):
    path = pathlib.Path(folder) / f"{block}.json"
    subprocess.run([str(PROJECT / "tools" / "synthesize"), *SHAPE, "--program", program, "--block", block, "--json",
                    str(path)], check=True)
    return json.loads(path.read_text())["blocks"][block]


def main():
    if shutil.which("yosys") is None:
        print("skipped: yosys is not installed")
        return 77
    program = sys.argv[1]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        estimate = estimate_of(program, folder)
        for block in ("cell_update", "sequencer", "dot_product_lanes", "stream_output"):
            measured = synthesis_of(program, folder, block)
            ours = estimate[block]
            exact = all(ours[a] == measured[b] for a, b in (("ramb18", "ramb18"), ("ramb36", "ramb36"), ("dsp", "dsp48e1")))
            exact = exact and abs(ours["memory_lut"] - measured["lutram"]) <= ALLOWED_MEMORY_LUTS.get(block, 0)
            near = all(100 * abs(ours[name] - measured[name]) <= max(100, ALLOWED_PERCENT * measured[name])
                       for name in ("lut", "ff"))
            print(f"{block}: estimate {ours['lut']} LUT, {ours['ff']} FF; synthesis {measured['lut']}, {measured['ff']}")
            failed = failed or not exact or not near
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
