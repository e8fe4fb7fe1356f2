import pytest

from tests.bench import work


@pytest.mark.parametrize("name", ["ingest", "plan_to_file"])
def test_the_whole_job_can_be_measured(name: str) -> None:
    seconds, peak_mib = work.alone(name, 40)
    assert seconds > 0
    assert peak_mib > 0
