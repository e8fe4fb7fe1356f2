from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from huishoudboekje.storage import archive
from huishoudboekje.storage.archive import FileKind
from tests.storage.conftest import BY


def test_a_file_is_kept_once_and_read_back_as_it_was(session: Session, tmp_path: Path) -> None:
    coming = tmp_path / "afschrift.xml"
    coming.write_bytes(b"<Document/>")
    first = archive.store(session, FileKind.STATEMENT, coming.name, coming, BY)
    again = archive.store(session, FileKind.STATEMENT, "andere naam", b"<Document/>", BY)
    assert first == again
    assert [first] == archive.files(session, FileKind.STATEMENT)
    assert first == archive.known(session, FileKind.STATEMENT, archive.sha256_of(coming))
    assert archive.known(session, FileKind.PAYMENT_FILE, first.sha256) is None
    with archive.open_file(archive.file(session, first.id)) as opened:
        assert opened.read() == b"<Document/>"
    assert list((archive.path_of(first.sha256).parent.parent).glob("coming-*")) == []


def test_a_file_that_was_changed_or_is_gone_is_told(session: Session) -> None:
    kept = archive.store(session, FileKind.STATEMENT, "afschrift.xml", b"<Document/>", BY)
    archive.path_of(kept.sha256).write_bytes(b"<Document></Document>")
    with pytest.raises(archive.FileChanged):
        archive.open_file(kept)
    archive.path_of(kept.sha256).unlink()
    with pytest.raises(archive.FileGone):
        archive.open_file(kept)
