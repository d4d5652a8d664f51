"""Packages built as common authoring tools build theirs: names, folders, manifests, and the habits of their scripts.

Nothing here is taken from those tools. Each course has three slides, a place where it says on which one is (`#place`),
`#next` and `#finish`; eXeLearning's has two parts that finish by being left.
"""

from pathlib import Path

from tests.courses.packages import zip_of

FOLDER = Path(__file__).parent
TOOLS = ("storyline", "rise", "ispring", "captivate", "adapt", "exe", "h5p", "lectora", "xerte")


def package_as_made_by(tool: str) -> bytes:
    """The zip file, as `tool` would make it."""
    folder = FOLDER / tool
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return zip_of(files)
