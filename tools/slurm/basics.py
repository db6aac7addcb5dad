"""What ends tools/sweep-slurm with exit status 2, calls of other programs, and words for messages."""

import subprocess


class Failure(Exception):
    """Its text says what is wrong and what to do."""


def answer_of(command, input_text=None):
    return subprocess.run(command, input=input_text, capture_output=True, text=True, errors="replace", check=False)


def count(number, noun):
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def ending(status):
    return f"signal {-status}" if status < 0 else f"exit status {status}"
