"""What bru says about a shape: its keys with every depth known, and the structure that the estimate is made from."""

import json
import pathlib
import subprocess
import tempfile

from .yosys import PARAMETERS, PROJECT

PROGRAM = PROJECT / "build" / "bru"
ADDITIONS = ("bru.cell_kinds", "bru.streams")


class ProgramError(Exception):
    pass


def resources_json(option, options, program):
    """The JSON file that `bru resources` writes under that option."""
    if not pathlib.Path(program).exists():
        raise ProgramError(f"{program} is not there; build it first (tools/quickstart) or name it with --program")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "out.json"
        done = subprocess.run([str(program), "resources", *options, f"--{option}", str(path)], capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise ProgramError(done.stderr.strip())
        return json.loads(path.read_text())


def structure(options, program=PROGRAM):
    return resources_json("structure", options, program)


def shape_of(answer):
    """The keys that fix the RTL's parameters, as numbers. Kinds of cells and streams are there where they are more than one:
    without them, the machine has LSTM cells and one stream."""
    config = answer["manifest"]["config"]
    return {key: int(config[key]) for key in PARAMETERS if key not in ADDITIONS or int(config[key]) > 1}


def options_of(shape):
    return [f"--{key}={value}" for key, value in shape.items()]


def parameters_of(shape):
    return {PARAMETERS[key]: value for key, value in shape.items()}
