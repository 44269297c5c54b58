import io
import tarfile

import pytest

from alignsweep.data.readers import archives


def archive(path, *members):
    with tarfile.open(path, "w:gz") as file:
        for info, content in members:
            info = tarfile.TarInfo(info) if isinstance(info, str) else info
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return path


def test_members_are_named_below_the_top_folder(tmp_path):
    path = archive(tmp_path / "a.tar.gz", ("top/x/1.txt", b"one"), ("top/2.csv", b"two"))
    assert [(n, f.read()) for n, f in archives.members(path)] == [
        ("x/1.txt", b"one"),
        ("2.csv", b"two"),
    ]
    assert [n for n, _ in archives.members(path, r"x/.*\.txt")] == ["x/1.txt"]


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil.txt", "top/../../evil.txt"])
def test_a_member_that_leaves_its_folder_is_refused(tmp_path, name):
    path = archive(tmp_path / "a.tar.gz", (name, b"x"))
    with pytest.raises(ValueError, match=r"evil.txt' leaves the archive's folder; refused"):
        list(archives.members(path))


def test_a_link_is_refused(tmp_path):
    link = tarfile.TarInfo("top/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    path = archive(tmp_path / "a.tar.gz", (link, b""))
    with pytest.raises(ValueError, match="'top/link' is a link or a device; refused"):
        list(archives.members(path))


@pytest.mark.parametrize("keep", [0, 30, 60])
def test_a_damaged_archive_is_named(tmp_path, keep):
    path = archive(tmp_path / "a.tar.gz", ("top/1.txt", bytes(range(256)) * 40))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"a.tar.gz: not a tar archive, or damaged"):
        list(archives.members(path))


def test_a_member_that_is_cut_short_is_named_too(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as file:
        info = tarfile.TarInfo("top/1.txt")
        info.size = 5000
        file.addfile(info, io.BytesIO(bytes(5000)))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ValueError, match=r"a.tar: not a tar archive, or damaged"):
        [file.read() for _, file in archives.members(path)]
