"""Downloads from a real server on this machine."""

import contextlib
import gzip
import hashlib
import io
import os
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gdown
import pytest

from alignsweep.data import retrieve
from alignsweep.data.resources import RESOURCES, Resource

CONTENT = bytes(range(256)) * 4000  # a megabyte


class Server:
    """Serves CONTENT at every path; `plan` says how the next requests go."""

    def __init__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                act = outer.plan.pop(0) if outer.plan else "serve"
                outer.requests.append(self.headers)
                asked = self.headers.get("Range")
                if isinstance(act, int):
                    self.send_error(act)
                    return
                same = self.headers.get("If-Range", outer.version) == outer.version
                start = int(asked[6:-1]) if asked and same and act != "ignore range" else 0
                if start >= len(CONTENT):
                    self.answer(416, b"", {"Content-Range": f"bytes */{len(CONTENT)}"})
                    return
                span = f"bytes {start + (act == 'shift')}-{len(CONTENT) - 1}/{len(CONTENT)}"
                headers = {"Content-Range": span} if start else {}
                if act == "page":
                    headers["Content-Type"] = "text/html; charset=utf-8"
                rest = CONTENT[start:]
                if "gzip" in self.headers.get("Accept-Encoding", ""):
                    headers["Content-Encoding"], rest = "gzip", gzip.compress(rest)
                cut = 300_000 if act == "cut" else None
                self.answer(206 if start else 200, rest, headers | {"ETag": outer.version}, cut)

            def answer(self, status, body, headers, cut=None):
                self.send_response(status)
                for key, value in (headers | {"Content-Length": str(len(body))}).items():
                    self.send_header(key, value)
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # who refuses the answer hangs up
                    self.wfile.write(body[:cut])

            def log_message(self, *arguments):
                pass

        self.plan, self.requests, self.version = [], [], '"1"'
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def ranges(self):
        return [headers.get("Range") for headers in self.requests]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(retrieve, "PAUSE", 0.001)
    running = Server()
    yield running
    running.close()


@pytest.fixture
def known(monkeypatch, server):
    """A resource of that server with its checksum."""
    resource = Resource("x/data.bin", (f"{server.url}/data.bin",), sha256(CONTENT))
    monkeypatch.setitem(RESOURCES, resource.name, resource)
    return resource


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_a_file_is_fetched_and_verified(tmp_path, known):
    target = tmp_path / "x" / "data.bin"
    retrieve.retrieve(known.name, target)
    assert target.read_bytes() == CONTENT
    assert [p.name for p in target.parent.iterdir()] == ["data.bin"]


def test_a_cut_download_goes_on_where_it_stopped(tmp_path, known, server):
    server.plan = ["cut", "cut"]
    retrieve.retrieve(known.name, tmp_path / "data.bin")
    assert (tmp_path / "data.bin").read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=262144-", "bytes=524288-"]


@pytest.fixture
def begun(tmp_path, known, server):
    """A target of which an earlier run fetched 262144 bytes."""
    server.plan = ["cut", 404]
    with pytest.raises(ValueError, match="404"):
        retrieve.retrieve(known.name, tmp_path / "data.bin")
    server.requests.clear()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data.bin.part", "data.bin.part.source"]
    return tmp_path / "data.bin"


def test_an_earlier_run_is_resumed(begun, known, server):
    retrieve.retrieve(known.name, begun)
    assert begun.read_bytes() == CONTENT
    assert server.ranges == ["bytes=262144-"]
    assert [p.name for p in begun.parent.iterdir()] == ["data.bin"]


def test_one_that_was_whole_is_not_fetched_again(begun, known, server):
    begun.with_name("data.bin.part").write_bytes(CONTENT)
    retrieve.retrieve(known.name, begun)
    assert begun.read_bytes() == CONTENT
    assert server.ranges == [f"bytes={len(CONTENT)}-"]


def test_one_that_is_too_long_is_fetched_anew(begun, known, server):
    begun.with_name("data.bin.part").write_bytes(bytes(len(CONTENT) + 5))
    retrieve.retrieve(known.name, begun)
    assert begun.read_bytes() == CONTENT
    assert server.ranges == [f"bytes={len(CONTENT) + 5}-", None]


def test_one_that_changed_meanwhile_is_fetched_anew(begun, known, server):
    server.version = '"2"'
    begun.with_name("data.bin.part").write_bytes(bytes(10))
    retrieve.retrieve(known.name, begun)
    assert begun.read_bytes() == CONTENT
    assert len(server.requests) == 1


def test_another_source_is_fetched_anew(begun, known, server):
    retrieve.retrieve(known.name, begun, f"{server.url}/mirror")
    assert begun.read_bytes() == CONTENT
    assert server.ranges == [None]


@pytest.mark.parametrize(("act", "requests"), [("ignore range", 1), ("shift", 2)])
def test_a_server_without_ranges_starts_anew(begun, known, server, act, requests):
    server.plan = [act]
    retrieve.retrieve(known.name, begun)
    assert begun.read_bytes() == CONTENT
    assert len(server.ranges) == requests


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(tmp_path, known, server, status):
    server.plan = [status] * 3
    retrieve.retrieve(known.name, tmp_path / "data.bin")
    assert len(server.requests) == 4
    server.plan = [status] * 4
    with pytest.raises(ValueError, match=rf"{known.name} cannot be fetched from http.* \({status}"):
        retrieve.retrieve(known.name, tmp_path / "other.bin")


@pytest.mark.parametrize(("act", "reason"), [(404, "404"), ("page", "a web page came in place")])
def test_a_missing_file_is_not_asked_for_again(tmp_path, known, server, act, reason):
    server.plan = [act] * 9
    with pytest.raises(ValueError, match=rf"x/data.bin cannot .*{reason}.*put it at .*data_mirror"):
        retrieve.retrieve(known.name, tmp_path / "data.bin")
    assert len(server.requests) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_next_source_is_tried(tmp_path, known, server, monkeypatch):
    two = Resource(known.name, (f"{server.url}/gone", *known.sources), known.sha256)
    monkeypatch.setitem(RESOURCES, two.name, two)
    server.plan = [404]
    retrieve.retrieve(two.name, tmp_path / "data.bin")
    assert (tmp_path / "data.bin").read_bytes() == CONTENT


def test_a_download_with_the_wrong_checksum_is_kept_aside(tmp_path, known, monkeypatch):
    wrong = Resource(known.name, known.sources, "0" * 64)
    monkeypatch.setitem(RESOURCES, wrong.name, wrong)
    with pytest.raises(ValueError, match="kept as") as error:
        retrieve.retrieve(wrong.name, tmp_path / "data.bin")
    for part in (sha256(CONTENT), "0" * 64, known.sources[0], "data.bin.rejected"):
        assert part in str(error.value)
    assert [p.name for p in tmp_path.iterdir()] == ["data.bin.rejected"]


def test_a_file_of_the_users_is_verified_and_left_alone(tmp_path, known, server):
    target = tmp_path / "data.bin"
    target.write_bytes(b"mine")
    with pytest.raises(ValueError, match=r"data.bin: the checksum .* nothing was deleted"):
        retrieve.retrieve(known.name, target)
    assert target.read_bytes() == b"mine"
    assert server.ranges == []


def test_a_damaged_file_is_told_with_what_was_expected(tmp_path, monkeypatch):
    resource = Resource("x/data.gz", ("https://example.org/data.gz",), sha256(CONTENT))
    monkeypatch.setitem(RESOURCES, resource.name, resource)
    (tmp_path / "data.gz").write_bytes(gzip.compress(CONTENT)[:-20])
    with pytest.raises(ValueError, match=r"damaged.*nothing was deleted") as error:
        retrieve.retrieve(resource.name, tmp_path / "data.gz")
    for part in (resource.sha256, resource.sources[0], str(tmp_path / "data.gz")):
        assert part in str(error.value)
    assert (tmp_path / "data.gz").exists()


def test_without_a_published_checksum_the_first_one_holds(tmp_path):
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "new.pkl").write_bytes(b"first")
    target = tmp_path / "here" / "new.pkl"
    retrieve.retrieve("new.pkl", target, str(mirror))
    note = target.parent / "new.pkl.sha256"
    assert note.read_text() == f"{sha256(b'first')}  new.pkl\n"
    target.write_bytes(b"second")
    with pytest.raises(ValueError, match=f"expected: {sha256(b'first')}"):
        retrieve.retrieve("new.pkl", target, str(mirror))


def test_a_mirror_is_a_folder_or_a_server(tmp_path, known, server):
    place = tmp_path / "mirror" / "x"
    place.mkdir(parents=True)
    (place / "data.bin").write_bytes(CONTENT)
    retrieve.retrieve(known.name, tmp_path / "one", str(tmp_path / "mirror"))
    assert server.ranges == []
    retrieve.retrieve(known.name, tmp_path / "two", f"{server.url}/")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes() == CONTENT


def test_a_mirror_that_lacks_the_file_is_named(tmp_path, known):
    with pytest.raises(ValueError, match=rf"x/data.bin cannot be fetched from {tmp_path}/x/data"):
        retrieve.retrieve(known.name, tmp_path / "data.bin", str(tmp_path))


def test_a_server_that_is_down_is_told_with_the_cause(tmp_path, server):
    server.close()
    with pytest.raises(
        ValueError, match=r"y.pkl cannot be .*refused\); put it at .*y.pkl"
    ) as error:
        retrieve.retrieve("y.pkl", tmp_path / "y.pkl", server.url)
    assert "Max retries" not in str(error.value)


def test_a_file_without_a_place_is_asked_for(tmp_path):
    with pytest.raises(ValueError, match=r"own.pkl is missing and own.pkl has no official place"):
        retrieve.retrieve("own.pkl", tmp_path / "own.pkl")


@pytest.fixture
def drive(monkeypatch):
    """Google Drive as gdown shows it: `answer` is a file's content or an error."""

    def download(id, output, resume, retries, timeout):
        download.asked.append(id)
        assert resume
        assert retries == 3
        if os.path.isfile(output):
            return output
        if isinstance(download.answer, Exception):
            raise download.answer
        with open(output, "wb") as file:
            file.write(download.answer)
        return output

    download.asked, download.answer = [], CONTENT
    monkeypatch.setattr(gdown, "download", download)
    return download


def test_google_drive_is_asked_by_id(tmp_path, drive):
    name = "multibench/humor.pkl"
    retrieve.retrieve(name, tmp_path / "humor.pkl")
    assert drive.asked == [RESOURCES[name].sources[0].removeprefix("gdrive:")]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["humor.pkl", "humor.pkl.sha256"]


def test_google_drive_does_not_take_a_part_for_the_whole(tmp_path, server, drive):
    server.plan = ["cut", 404]
    name, target = "multibench/humor.pkl", tmp_path / "humor.pkl"
    with pytest.raises(ValueError, match="in that data_mirror"):
        retrieve.retrieve(name, target, server.url)
    retrieve.retrieve(name, target)
    assert target.read_bytes() == CONTENT


def test_what_google_drive_refuses_is_to_be_fetched_by_hand(tmp_path, drive):
    drive.answer = gdown.exceptions.FileURLRetrievalError("Failed:\n\n\ttoo many users viewed it")
    with pytest.raises(ValueError, match=r"by hand from https://drive.*Failed: too many.*put it"):
        retrieve.retrieve("multibench/humor.pkl", tmp_path / "humor.pkl")


def archive(path, top, names, level):
    with tarfile.open(path, "w:gz", compresslevel=level) as file:
        for name in names:
            info = tarfile.TarInfo(f"{top}/{name}")
            info.size = len(name)
            file.addfile(info, io.BytesIO(name.encode()))
    return path


def test_a_digest_does_not_depend_on_the_packing(tmp_path):
    one = archive(tmp_path / "1.tar.gz", "v1.0", ["a.csv", "b.csv", "README"], 9)
    two = archive(tmp_path / "2.tar.gz", "d6938f", ["b.csv", "a.csv"], 1)
    assert retrieve.content_digest(one, r".*\.csv") == retrieve.content_digest(two, r".*\.csv")
    assert retrieve.content_digest(one) != retrieve.content_digest(two)
    listed = "".join(f"{sha256(n.encode())}  {n}\n" for n in ("a.csv", "b.csv"))
    assert retrieve.content_digest(two) == sha256(listed.encode())
    for level in (1, 9):
        (tmp_path / f"{level}.gz").write_bytes(gzip.compress(CONTENT, level))
        assert retrieve.content_digest(tmp_path / f"{level}.gz") == sha256(CONTENT)


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "x.gz").write_bytes(gzip.compress(CONTENT)[:-20])
    with pytest.raises(ValueError, match=r"x.gz: damaged, or not a gzip file"):
        retrieve.content_digest(tmp_path / "x.gz")
