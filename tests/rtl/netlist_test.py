#!/usr/bin/env python3
"""The netlist that Yosys makes of the core, with the models of its primitives, against the SystemC core and the reference:
builds bru-cosim-netlist in a build folder and runs 50 cases, in two processes. Then some LUTs of the netlist are inverted, one
at a time, and the cases must show it. Skipped (77) without Yosys.

usage: netlist_test.py BUILD"""
import pathlib
import re
import shutil
import subprocess
import sys

SKIPPED = 77
PROGRAM = "bru-cosim-netlist"
PROJECT = pathlib.Path(__file__).resolve().parents[2]
SEEDS = (20261122, 20261123)
CASES = 25  # of each seed
LEAST_PRIMITIVES = 1000
FAULTS = ("lut_2", "lut_7", "lut_12", "lut_30", "lut_45", "lut_60")
FAULT_CASES = 3
LEAST_NOTICED = 3  # of them in so few cases; which LUTs these are depends on the version of Yosys


def faults_noticed(build):
    """How many of FAULTS the cases show."""
    words = ["--build", build, "--cases", str(FAULT_CASES), "--seed", str(SEEDS[0]), "--jobs", "1", *FAULTS]
    run = subprocess.run([PROJECT / "tools/mutate", *words], stdout=subprocess.PIPE, text=True)
    print(run.stdout)
    return len(re.findall(r"^netlist +lut_\d+ +\d+$", run.stdout, re.M))


def main():
    build = pathlib.Path(sys.argv[1])
    if shutil.which("yosys") is None:
        print("Yosys is missing: apt-get install yosys")
        return SKIPPED
    subprocess.run(["cmake", "--build", build, "--target", PROGRAM], check=True, stdout=subprocess.DEVNULL)
    runs = [subprocess.Popen([build / PROGRAM, "--cases", str(CASES), "--seed", str(seed)], stdout=subprocess.PIPE, text=True)
            for seed in SEEDS]
    said = [run.communicate()[0] for run in runs]
    print(*said, sep="\n")
    netlist = next((build / "src/cosim/netlists").glob("*.v")).read_text()
    primitives = len(re.findall(r"^  (?:LUT[1-6]|FD[RS]E|RAMB(?:18|36)E1|DSP48E1) #\(", netlist, re.M))
    print(f"{primitives} primitives are named in the netlist")
    if primitives < LEAST_PRIMITIVES:
        print(f"fewer than {LEAST_PRIMITIVES}: this is no netlist of the core")
        return 1
    if not all(f"cases={CASES} cycle_mismatches=0 value_mismatches=0" in text for text in said):
        return 1
    return 0 if faults_noticed(build) >= LEAST_NOTICED else 1


if __name__ == "__main__":
    sys.exit(main())
