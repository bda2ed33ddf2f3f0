"""Texts fit, labels don't touch, and nobody is left out who has room."""

from hypothesis import given
from hypothesis import strategies as st

from hub.charts.lettering import Area, fitted, labels_near, leader, lines, span, spread

ROOM = Area(0, 0, 400, 300)


def test_lines_break_between_words_and_in_words_that_have_none() -> None:
    assert lines("Days since the case was filed", span("Days since the case"), 3) == [
        "Days since the case",
        "was filed",
    ]
    assert lines("广州互联网仲裁院", span("广州互联"), 3) == ["广州互联", "网仲裁院"]
    assert lines("Domestic (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}9)", span("Domestic (n"), 2) == [
        "Domestic",
        "(n = 9)",
    ]
    assert lines("", 100) == [""]


@given(st.text(max_size=80), st.floats(20, 400), st.integers(1, 4))
def test_no_line_is_wider_than_its_room(text: str, room: float, most: int) -> None:
    found = lines(text, room, most)
    assert 1 <= len(found) <= most
    assert all(span(one) <= room for one in found)


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    assert fitted("Harbour", 300) == "Harbour"
    assert fitted("Harbour Online Dispute", 100) == "Harbour O…"


@given(st.lists(st.floats(0, 300), min_size=1, max_size=12), st.floats(5, 60))
def test_labels_in_a_column_keep_their_order_and_distance(wished: list[float], gap: float) -> None:
    placed = spread(wished, gap, 0, 300)
    room = min(gap, 300 / max(1, len(wished) - 1))
    heights = [height for _, height in sorted(zip(wished, placed, strict=True))]
    assert all(
        later - earlier >= room - 1e-6 for earlier, later in zip(sorted(placed), sorted(placed)[1:], strict=False)
    )
    assert all(-1e-6 <= one <= 300 + 1e-6 for one in heights)


PLACES = st.tuples(st.floats(10, 390), st.floats(10, 290))


@given(
    st.lists(st.tuples(PLACES, st.sampled_from(["A", "Harbour ODR", "莲花调解"])), max_size=12),
    st.lists(PLACES, max_size=9),
)
def test_labels_near_points_touch_nothing(
    points: list[tuple[tuple[float, float], str]], others: list[tuple[float, float]]
) -> None:
    told = [(x, y, text) for (x, y), text in points]
    placed = labels_near(told, others, ROOM)
    areas = [one for one in placed if one is not None]
    assert all(ROOM.holds(one) for one in areas)
    assert not any(a.meets(b) for number, a in enumerate(areas) for b in areas[number + 1 :])
    for number, (x, y, _) in enumerate(told):
        foreign = [area for other, area in enumerate(placed) if area is not None and other != number]
        assert not any(area.left < x < area.right and area.top < y < area.bottom for area in foreign)


def test_a_label_goes_out_of_the_way_of_other_points() -> None:
    [free] = labels_near([(100, 100, "Harbour")], [], ROOM)
    [moved] = labels_near([(100, 100, "Harbour")], [(x, 100) for x in range(115, 190, 12)], ROOM)
    assert free is not None
    assert moved is not None
    assert free.left > 100
    assert moved != free
    assert leader(100, 100, free) is None


def test_where_there_is_no_room_there_is_no_label() -> None:
    assert labels_near([(5, 5, "Harbour")], [], Area(0, 0, 10, 10)) == [None]


def test_a_line_leads_from_beside_the_point_to_the_label() -> None:
    assert leader(100, 100, Area(90, 150, 130, 168)) == ((100, 110), (100, 150))
