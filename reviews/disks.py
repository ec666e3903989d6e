"""Where a folder lies: a SQLite that several processes write must lie on a disk of this machine.

Its write-ahead log lives in memory that the processes share, and over a network they share none: the database is
corrupted sooner or later (https://sqlite.org/wal.html).
"""

import re
from pathlib import Path

#: File systems whose files may be written by another machine at the same time.
NETWORK = frozenset(
    {"afs", "beegfs", "ceph", "cifs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb2", "smb3", "smbfs"}
)
#: The same through FUSE, as "fuse.sshfs".  Others are local: Docker Desktop's shares of a laptop, ntfs, mergerfs.
THROUGH_FUSE = frozenset(
    {"ceph", "davfs", "gcsfuse", "glusterfs", "goofys", "juicefs", "rclone", "s3fs", "sshfs", "moosefs", "seaweedfs"}
)
MOUNTS = Path("/proc/self/mountinfo")
#: `36 35 98:0 /root /point rw,noatime - kind source options`
MOUNT = re.compile(r"^(?:\S+ ){4}(?P<point>\S+) .*? - (?P<kind>\S+) (?P<options>.*)$", re.MULTILINE)


def network_file_system(folder: Path, mounts: str | None = None) -> str:
    """The kind of network file system that this folder lies on; empty where it is none, or nobody can say.

    `mounts` is what Linux tells in /proc/self/mountinfo; by default it is read there, and other systems tell nothing.
    """
    if mounts is None:
        mounts = MOUNTS.read_text(errors="replace") if MOUNTS.exists() else ""
    around = [mount for mount in MOUNT.finditer(mounts) if folder.is_relative_to(_point(mount))]
    around.reverse()  # of two on one point the later one lies on top
    nearest = max(around, key=lambda mount: len(_point(mount).parts), default=None)
    return nearest["kind"] if nearest and _is_network(nearest["kind"], nearest["options"]) else ""


def _point(mount: re.Match[str]) -> Path:
    """A space in a name stands as \\040."""
    return Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), mount["point"]))


def _is_network(kind: str, options: str) -> bool:
    """9p is many things: the root of some containers, which is fine, and Windows seen from Linux, which is not."""
    if kind == "9p":
        return "drvfs" in options or "trans=tcp" in options
    return kind in NETWORK or (kind.startswith("fuse.") and kind.removeprefix("fuse.") in THROUGH_FUSE)
