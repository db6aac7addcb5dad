"""What ends tools/sweep-slurm with exit status 2, and words for messages."""


class Failure(Exception):
    """Its text says what is wrong and what to do."""


def count(number, noun):
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def ending(status):
    return f"signal {-status}" if status < 0 else f"exit status {status}"
