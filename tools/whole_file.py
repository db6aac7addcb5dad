"""Writes files that appear whole or not at all, for the scripts of this folder. bru's own files: src/base/output_file.hpp."""
import os
import stat
import tempfile


def write(path, content):
    """Replaces `path` with the bytes or the text: a new file of a name that nobody can have foreseen, flushed to the disk and
    renamed. A replaced file keeps its permissions. An error leaves an older file as it was. What is no regular file (a pipe,
    /dev/null) is written directly."""
    path = os.path.realpath(path)  # a symbolic link stays, and the file that it names is replaced
    data = content.encode() if isinstance(content, str) else content
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "wb") as file:
            file.write(data)
        return
    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=os.path.basename(path)[:200] + ".partial-")
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), permissions(path))
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def permissions(path):
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
