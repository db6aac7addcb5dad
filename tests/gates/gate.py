"""What the gates share: which project they examine, and how they tell what they found."""
import sys
from pathlib import Path


def examined_project():
    """The folder that the command line names, or the project that this file belongs to."""
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    return Path(folders[0] if folders else Path(__file__).parents[2]).resolve()


def report(problems, examined):
    """Prints the problems and what was examined; gives the exit status."""
    for problem in problems:
        print(problem)
    print(f"{examined}, {len(problems)} problems")
    return 1 if problems else 0
