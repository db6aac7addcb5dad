#!/usr/bin/env python3
"""Does synthesis of today's rtl/ still give what the calibration was fitted to? Six blocks of one small shape, and the
sequencer of a machine with several streams, in seconds; all blocks are tools/calibrate's work. Skipped (exit status 77) where yosys is missing. Arguments: the built bru."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SHAPE = ["--bru.lanes=16", "--bru.lane_width=8", "--bru.update_width=1", "--bru.activation_bits=5"]
ALLOWED_PERCENT = 10
STREAMS = SHAPE + ["--bru.streams=4"]
BLOCKS = [(SHAPE, block) for block in ("control_registers", "stream_input", "cell_update", "sequencer", "dot_product_lanes",
                                       "stream_output")] + [(STREAMS, "sequencer")]


def estimate_of(program, folder, shape, block):
    path = pathlib.Path(folder) / "estimate.json"
    subprocess.run([program, "resources", *shape, "--json", str(path)], check=True, capture_output=True)
    return next(each for each in json.loads(path.read_text())["blocks"] if each["block"] == block)


def synthesis_of(program, folder, shape, block):
    path = pathlib.Path(folder) / "synthesis.json"
    subprocess.run([str(PROJECT / "tools" / "synthesize"), *shape, "--program", program, "--block", block, "--json",
                    str(path)], check=True)
    return json.loads(path.read_text())["blocks"][block]


def main():
    if shutil.which("yosys") is None:
        print("skipped: yosys is not installed")
        return 77
    program = sys.argv[1]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for shape, block in BLOCKS:
            ours = estimate_of(program, folder, shape, block)
            measured = synthesis_of(program, folder, shape, block)
            exact = all(ours[a] == measured[b] for a, b in (("ramb18", "ramb18"), ("ramb36", "ramb36"),
                                                            ("memory_lut", "lutram"), ("dsp", "dsp48e1")))
            near = all(100 * abs(ours[name] - measured[name]) <= ALLOWED_PERCENT * measured[name] for name in ("lut", "ff"))
            print(f"{block} of {shape[-1]}: estimate {ours['lut']} LUT, {ours['ff']} FF; "
                  f"synthesis {measured['lut']}, {measured['ff']}")
            failed = failed or not exact or not near
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
