#!/usr/bin/env python3
"""Trains the small network of docs/tutorial.md: which of four states is a motor in?

usage: python3 docs/tutorial/train_motor.py FOLDER

Needs PyTorch 1.13 or later (Debian: apt install python3-torch). Writes motor.onnx, the network; motor.csv, test data;
and motor.labels, the right answers. It takes about half a minute on one core.
"""
import inspect
import math
import os
import sys
import warnings

import torch
from torch import nn

STATES = ["normal", "unbalanced", "worn bearing", "loose mount"]
STEPS, AXES, HIDDEN = 50, 3, 64
BATCH, ITERATIONS = 64, 1500
TEST_SEQUENCES = 200


def vibration(count):
    """Made-up data in place of a sensor: `count` recordings, [STEPS, count, AXES] in -1 to 1, and their states."""
    state = torch.randint(len(STATES), (count,))
    time = torch.arange(STEPS).float().unsqueeze(1)
    speed = 2 * math.pi * (0.06 + 0.02 * torch.rand(count))
    phase = 2 * math.pi * torch.rand(count, AXES)
    turning = torch.sin((time * speed).unsqueeze(2) + phase)
    strength = 0.15 + 0.10 * torch.rand(count) + 0.20 * (state == 1)
    signal = strength.view(1, -1, 1) * turning
    ringing = torch.sin((time * 6.3 * speed).unsqueeze(2) + phase)
    signal += 0.15 * (state == 2).view(1, -1, 1) * ringing
    knock = (torch.sin((time * speed).unsqueeze(2) + phase) > 0.8).float()
    signal += 0.20 * (state == 3).view(1, -1, 1) * knock
    signal += 0.08 * torch.randn(STEPS, count, AXES)
    return (signal.clamp(-1, 1) * 10000).round() / 10000, state


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(AXES, HIDDEN)
        self.dense = nn.Linear(HIDDEN, len(STATES))

    def forward(self, x):  # [steps, batch, axes]
        return self.dense(self.lstm(x)[0][-1])


class OneBitWeights:
    """Inside the block, each row of the LSTM's weights is +a and -a, with a the mean magnitude of the row, as on BRU.
    The gradients that are taken there move the real weights, which come back at the end of the block."""

    def __init__(self, model):
        self.weights = [p for name, p in model.named_parameters() if name.startswith("lstm.weight")]

    def __enter__(self):
        self.real = [w.data.clone() for w in self.weights]
        for w in self.weights:
            scale = w.data.abs().mean(dim=1, keepdim=True)
            w.data.copy_(torch.where(w.data < 0, -scale, scale))

    def __exit__(self, *exception):
        for w, real in zip(self.weights, self.real):
            w.data.copy_(real)


def train(model, one_bit):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, ITERATIONS)
    for iteration in range(1, ITERATIONS + 1):
        x, state = vibration(BATCH)
        optimizer.zero_grad()
        with one_bit:
            loss = nn.functional.cross_entropy(model(x), state)
            loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if iteration % 300 == 0:
            print(f"iteration {iteration}: loss {loss.item():.3f}")


def write_test_data(folder, x, state):
    """One line per step, an empty line after each sequence; one label per sequence."""
    with open(os.path.join(folder, "motor.csv"), "w") as csv:
        for sequence in range(x.shape[1]):
            for step in range(STEPS):
                csv.write(",".join(f"{value:.4f}" for value in x[step, sequence].tolist()) + "\n")
            csv.write("\n")
    with open(os.path.join(folder, "motor.labels"), "w") as labels:
        labels.writelines(f"{label}\n" for label in state.tolist())


def export(model, path):
    """Any number of steps, one sequence at a time."""
    warnings.simplefilter("ignore")  # PyTorch warns of batches; the machine runs one sequence at a time
    options = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(model, torch.zeros(STEPS, 1, AXES), path, opset_version=13, input_names=["vibration"],
                      output_names=["state"], dynamic_axes={"vibration": {0: "steps"}}, **options)


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(1)
    torch.set_num_threads(1)
    model = Model()
    one_bit = OneBitWeights(model)
    train(model, one_bit)
    x, state = vibration(TEST_SEQUENCES)
    write_test_data(folder, x, state)
    model.eval()
    with one_bit, torch.no_grad():
        right = (model(x).argmax(dim=1) == state).float().mean().item()
        print(f"test: {100 * right:.1f} % of {TEST_SEQUENCES} sequences are right")
        export(model, os.path.join(folder, "motor.onnx"))


if __name__ == "__main__":
    main()
