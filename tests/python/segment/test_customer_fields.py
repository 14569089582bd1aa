import pyarrow as pa
import pytest
from clarion import ClarionError
from clarion.segment import Definition


def missing(column):
    return Definition("d", {"field": "x", "op": "is missing"}).evaluate(pa.table({"x": column})).tolist()


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, None], pa.int64()),
        pa.array([1.5, float("nan")]),
        pa.array(["a", ""]),
        pa.array(["a", None]).dictionary_encode(),
        pa.array([True, None]),
        pa.array([1, None], pa.date32()),
        pa.array([1, None], pa.timestamp("us")),
        pa.chunked_array([pa.array([1], pa.uint8()), pa.array([None], pa.uint8())]),
    ],
)
def test_missing_cells_of_any_type(column):
    assert missing(column) == [False, True]


def test_what_holds_no_field_is_refused():
    with pytest.raises(ClarionError, match="column x"):
        missing(pa.array([[1], None]))
