#!/usr/bin/env python3
"""Is the file that bru quantize writes a valid ONNX model, and does ONNX Runtime compute with it what it computes with the original?
Are the parts that bru partition writes valid, and do they compute together what the whole model does?
Needs the Python modules onnx and numpy, and is skipped (status 77) without them. Without onnxruntime it does not run the quantized models,
and it runs the parts in the reference evaluator of onnx, where that is new enough to have one.

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
from onnx import TensorProto, helper, numpy_helper
try:
    import onnxruntime
except ImportError:
    onnxruntime = None
try:
    from onnx.reference import ReferenceEvaluator
except (ImportError, NotImplementedError):  # the latter: another library has registered operators of its own
    ReferenceEvaluator = None

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


class Model:
    """A model that is put together node by node."""

    def __init__(self, opset=17):
        self.nodes, self.tensors, self.inputs, self.outputs, self.opset = [], [], [], [], opset
        self.random = numpy.random.default_rng(1)

    def weights(self, name, *shape):
        self.tensors.append(numpy_helper.from_array(self.random.normal(0, 0.5, shape).astype(numpy.float32), name))
        return name

    def integers(self, name, values):
        self.tensors.append(numpy_helper.from_array(numpy.array(values, numpy.int64), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output] if isinstance(output, str) else output, **attributes))

    def lstm(self, x, output, inputs, units):
        parts = [self.weights(output + "_W", 1, 4 * units, inputs), self.weights(output + "_R", 1, 4 * units, units), self.weights(output + "_B", 1, 8 * units)]
        self.node("LSTM", [x, *parts], [output, output + "_h"], hidden_size=units)

    def dense(self, x, output, inputs, outputs):
        self.node("MatMul", [x, self.weights(output + "_D", inputs, outputs)], output + "_m")
        self.node("Add", [output + "_m", self.weights(output + "_b", outputs)], output)

    def save(self, path, inputs, outputs):
        graph = helper.make_graph(self.nodes, "test", [helper.make_tensor_value_info(*each) for each in inputs],
                                  [helper.make_tensor_value_info(*each) for each in outputs], self.tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)])
        model.ir_version = 8
        onnx.checker.check_model(model)
        onnx.save(model, str(path))


def run_model(path, feeds):
    """The outputs by name; None where nothing here runs models."""
    if onnxruntime is not None:
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
    elif ReferenceEvaluator is not None:
        session = ReferenceEvaluator(str(path))
        names = session.output_names
    else:
        return None
    return dict(zip(names, session.run(None, feeds)))


def check_parts(bru, name, model, feeds, parts, region=None):
    """`parts`: those that are expected."""
    with tempfile.TemporaryDirectory() as folder:
        options = [] if region is None else ["--region", str(region)]
        subprocess.run([bru, "partition", model, "--out", folder, *options], check=True, capture_output=True)
        found = [part for part in ("front", "region", "back") if (Path(folder) / f"{part}.onnx").exists()]
        assert found == parts, (name, found)
        whole = run_model(model, feeds)
        tensors = dict(feeds)
        for part in found:
            path = Path(folder) / f"{part}.onnx"
            loaded = onnx.load(str(path))
            onnx.checker.check_model(loaded, full_check=True)
            if whole is None:
                continue
            constants = {tensor.name for tensor in loaded.graph.initializer}
            tensors.update(run_model(path, {each.name: tensors[each.name] for each in loaded.graph.input if each.name not in constants}))
    if whole is None:
        print(f"partition of {name}: valid; not run, since there is no onnxruntime and no onnx.reference")
        return
    for output, expected in whole.items():
        assert tensors[output].shape == expected.shape, (name, output, tensors[output].shape, expected.shape)
        assert numpy.array_equal(tensors[output], expected), f"{name}: output {output} differs by {numpy.abs(tensors[output] - expected).max()}"
    print(f"partition of {name}: {', '.join(found)} together are equal to the whole")


def check_partitions(bru, folder):
    def values(*shape):
        return numpy.random.default_rng(2).normal(0, 0.5, shape).astype(numpy.float32)

    FLOAT = TensorProto.FLOAT
    model = Model()  # a convolution in front, a dense stack behind; the batch is open
    model.node("Conv", ["x", model.weights("K", 6, 3, 3)], "c", pads=[1, 1], strides=[2])
    model.node("Relu", ["c"], "r")
    model.node("Transpose", ["r"], "t", perm=[2, 0, 1])
    model.lstm("t", "y", 6, 8)
    model.node("Gather", ["y", model.integers("last", -1)], "l", axis=0)
    model.node("Squeeze", ["l", model.integers("directions", [0])], "s")
    model.dense("s", "d", 8, 4)
    model.node("Relu", ["d"], "dr")
    model.dense("dr", "e", 4, 2)
    model.node("Sigmoid", ["e"], "z")
    model.save(folder / "stack.onnx", [("x", FLOAT, ["n", 3, "time"])], [("z", FLOAT, ["n", 2])])
    for batch in (1, 2):
        check_parts(bru, f"a stack with {batch} sequences", folder / "stack.onnx", {"x": values(batch, 3, 20)}, ["front", "region", "back"])

    model = Model()  # a fixed batch, and a Softmax over the classes of every step
    model.lstm("x", "y", 5, 8)
    model.node("Squeeze", ["y", model.integers("directions", [1])], "s")
    model.dense("s", "d", 8, 3)
    model.node("Softmax", ["d"], "z", axis=-1)
    model.save(folder / "batch.onnx", [("x", FLOAT, ["steps", 4, 5])], [("z", FLOAT, ["steps", 4, 3])])
    check_parts(bru, "a fixed batch", folder / "batch.onnx", {"x": values(7, 4, 5)}, ["region", "back"])

    model = Model()  # an autoencoder: the last hidden values, repeated
    model.lstm("x", "y", 5, 8)
    model.node("Expand", ["y_h", model.integers("steps", [6, 1, 1])], "repeated")
    model.lstm("repeated", "z", 8, 5)
    model.save(folder / "encoder.onnx", [("x", FLOAT, [6, "n", 5])], [("z", FLOAT, [6, 1, "n", 5])])
    for region in (1, 2):
        parts = ["region", "back"] if region == 1 else ["front", "region"]
        check_parts(bru, f"an autoencoder, region {region}", folder / "encoder.onnx", {"x": values(6, 2, 5)}, parts, region)


bru = sys.argv[1]
with tempfile.TemporaryDirectory() as models:
    check_partitions(bru, Path(models))
random = numpy.random.default_rng(1)
motor = random.normal(0, 0.5, (50, 1, 3)).astype(numpy.float32)
text = numpy.eye(82, dtype=numpy.float32)[random.integers(0, 82, 40)][:, None, :]
docs = PROJECT / "docs/tutorial"
check(bru, docs / "motor.onnx", docs / "motor.csv", ["--dense-weight-bits", "8", "--steps", "100"], motor, 0.1)
check(bru, PROJECT / "models/warpeace_h256.onnx", PROJECT / "traces/warpeace.trace", ["--steps", "10"], text, 1e-4)
