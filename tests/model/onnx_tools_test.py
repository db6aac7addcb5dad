#!/usr/bin/env python3
"""Is the file that bru quantize writes a valid ONNX model, and does ONNX Runtime compute with it what it computes with the original?
Needs the Python modules onnx and numpy, and is skipped (status 77) without them; without onnxruntime it does not run the models.

usage: onnx_tools_test.py BRU
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import numpy
    import onnx
except ImportError as missing:
    # Debian's modules belong to Debian's Python, which need not be the one that CMake found.
    debians = "/usr/bin/python3"
    if os.path.exists(debians) and not os.path.samefile(debians, sys.executable):
        os.execv(debians, [debians, *sys.argv])
    print(f"skipped: {missing} (Debian: apt install python3-onnx)")
    sys.exit(77)
try:
    import onnxruntime
except ImportError:
    onnxruntime = None

PROJECT = Path(__file__).resolve().parents[2]


def outputs(model, values):
    """All outputs of the model over one sequence, [steps, 1, inputs] or with the batch first."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    if given.shape[0] == 1 and given.shape[1] != 1:
        values = values.transpose(1, 0, 2)
    return session.get_outputs()[0].name, session.run(None, {given.name: values})[0].reshape(-1)


def check(bru, model, data, options, values, tolerance):
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "quantized.onnx"
        subprocess.run([bru, "quantize", model, "--calibrate", data, "--out", written, *options], check=True, capture_output=True)
        onnx.checker.check_model(onnx.load(written), full_check=True)
        if onnxruntime is None:
            print(f"{Path(model).name} {' '.join(options)}: valid; not run, since there is no onnxruntime")
            return
        name, expected = outputs(model, values)
        written_name, got = outputs(written, values)
    assert name == written_name, (name, written_name)
    assert expected.shape == got.shape, (expected.shape, got.shape)
    error = float(numpy.abs(expected - got).max())
    assert error <= tolerance, f"{model}: outputs differ by {error}"
    print(f"{Path(model).name} {' '.join(options)}: outputs differ by at most {error:.3g}")


bru = sys.argv[1]
random = numpy.random.default_rng(1)
motor = random.normal(0, 0.5, (50, 1, 3)).astype(numpy.float32)
text = numpy.eye(82, dtype=numpy.float32)[random.integers(0, 82, 40)][:, None, :]
docs = PROJECT / "docs/tutorial"
check(bru, docs / "motor.onnx", docs / "motor.csv", ["--dense-weight-bits", "8", "--steps", "100"], motor, 0.1)
check(bru, PROJECT / "models/warpeace_h256.onnx", PROJECT / "traces/warpeace.trace", ["--steps", "10"], text, 1e-4)
