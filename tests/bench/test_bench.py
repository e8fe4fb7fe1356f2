import pytest

from tests.bench import work


@pytest.mark.parametrize("name", ["ingest", "plan_to_file"])
def test_the_whole_job_can_be_measured(name: str) -> None:
    took = work.alone(name, 40)
    assert took.seconds > 0
    assert took.peak_mib > 0
