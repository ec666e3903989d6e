"""Where a folder lies, from what Linux says about its mounts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from reviews.disks import network_file_system

ROOT = "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw"


def mounted(kind, options="rw", point="/data"):
    return f"{ROOT}\n40 22 0:50 / {point} rw,relatime shared:1 - {kind} there:/share {options}\n"


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "fuse.glusterfs", "ceph", "afs"])
def test_a_folder_on_a_network_is_known(kind):
    assert network_file_system(Path("/data/goodword"), mounted(kind)) == kind


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "overlay", "tmpfs", "zfs", "fuse.grpcfuse", "virtiofs", "fakeowner", "fuseblk"]
)
def test_a_disk_of_this_machine_and_a_laptops_share_in_docker_are_not(kind):
    assert network_file_system(Path("/data/goodword"), mounted(kind)) == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("rw,aname=drvfs;path=C:\\;uid=1000,trans=fd,rfdno=4", "9p"),
        ("rw,trans=tcp,port=564", "9p"),
        ("rw,trans=fd,rfdno=4,wfdno=4", ""),
    ],
)
def test_9p_is_refused_as_windows_seen_from_linux_and_over_tcp_not_as_a_containers_root(options, said):
    assert network_file_system(Path("/data"), mounted("9p", options)) == said


def test_the_nearest_mount_decides_and_of_two_on_one_place_the_upper():
    home = mounted("nfs4", point="/home")
    assert network_file_system(Path("/home/ada/var"), home) == "nfs4"
    assert network_file_system(Path("/home/ada/var"), home + "41 40 8:2 / /home/ada rw - ext4 /dev/sdb rw") == ""
    assert network_file_system(Path("/home/ada/var"), home + "41 40 8:2 / /home rw - xfs /dev/sdb rw") == ""
    assert network_file_system(Path("/homes/ada"), home) == ""


def test_a_space_in_a_name_is_read():
    assert network_file_system(Path("/our data/x"), mounted("nfs", point="/our\\040data")) == "nfs"


@pytest.mark.parametrize("rubbish", ["", "\n\n", "no mounts here", "1 2 - nfs", " - ", "1 2 3 4 - "])
def test_what_cannot_be_read_refuses_nobody(rubbish):
    assert network_file_system(Path("/data"), rubbish) == ""


def test_the_folder_of_these_tests_is_on_a_disk_of_this_machine():
    assert network_file_system(settings.DATA_DIR) == ""


PRETEND = """
import sys
from pathlib import Path
from reviews import disks
disks.MOUNTS = Path(sys.argv.pop(1))
import manage
manage.main()
"""


def checked_on_nfs(folder, **variables):
    mounts = folder / "mountinfo"
    mounts.write_text(mounted("nfs4", point=folder))
    environ = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), "GOODWORD_NO_VENV": "1", **variables}
    command = [sys.executable, "-c", PRETEND, str(mounts), "check"]
    return subprocess.run(command, cwd=settings.ROOT, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.processes
def test_sqlite_on_a_network_is_refused_in_one_sentence(tmp_path):
    answer = checked_on_nfs(tmp_path)
    assert (answer.returncode, len(answer.stderr.splitlines())) == (1, 1)
    assert answer.stderr.startswith("SQLite on a network file system (nfs4) is corrupted sooner or later")


@pytest.mark.processes
@pytest.mark.parametrize("variable", [{"SQLITE_ON_NETWORK": "1"}, {"DATABASE_URL": "postgres://h/nobody_asks"}])
def test_who_knows_better_and_who_has_postgresql_may(tmp_path, variable):
    answer = checked_on_nfs(tmp_path, **variable)
    assert "network file system" not in answer.stderr
