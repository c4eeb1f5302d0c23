"""The bars of the ELBO decomposition: their lengths, their positions, and their text for a screen reader."""

import pytest

from gui.plots.curves.decomposition_bars import DecompositionBars, Sum

ENCODER = Sum("x", -109.72, 8.46, -116.65, 0.0004, best=-116.83)
EDITED = Sum("y", -150.0, 8.0, -116.65, 0.02, best=-116.83, encoder=-118.18)
DENSITY = Sum("x", 1500.0, 9.0, 1493.5, 0.0, best=1493.0)  # pixels with a density, so ln p can be positive


@pytest.fixture
def bars(qtbot):
    bars = DecompositionBars("bars")
    qtbot.addWidget(bars)
    bars.resize(340, bars.sizeHint().height())
    return bars


@pytest.fixture(params=[ENCODER, EDITED, DENSITY], ids=["encoder", "edited q", "density"])
def shown(request, bars):
    bars.show_sum(request.param)
    return bars


def ends(bars, i):
    """Return the pixels at which bar `i` starts and ends."""
    part, box = bars.parts[i], bars.box(i)
    low, high = box.left(), box.right()
    return (low, high) if part.start < part.end else (high, low)


def test_each_bar_starts_at_the_end_of_the_last_one(shown):
    reconstruction, kl, elbo, gap, whole = (ends(shown, i) for i in range(5))
    assert kl[0] == pytest.approx(reconstruction[1])
    assert elbo[1] == pytest.approx(kl[1])
    assert gap[0] == pytest.approx(elbo[1])
    assert whole[1] == pytest.approx(gap[1], abs=1.0)  # a bar is a pixel wide at least
    assert reconstruction[0] == elbo[0] == whole[0]


def test_bars_are_as_long_as_their_numbers(shown):
    s, width = shown.sum, shown.box(0).width()
    for i, nats in enumerate((s.reconstruction, s.kl, s.elbo, s.gap, s.log_evidence)):
        expected = max(1.0, width * abs(nats / s.reconstruction))
        assert shown.box(i).width() == pytest.approx(expected, abs=1e-6)


def test_all_bars_and_the_gaps_parts_are_inside_the_widget(shown):
    boxes = [shown.box(i) for i in range(5)] + [shown.close_up(part) for part in shown.split]
    for box in boxes:
        assert 0 <= box.left() <= box.right() <= shown.width()
        assert 0 <= box.top() < box.bottom() <= shown.height()


def test_the_enlarged_gap_has_two_parts(bars):
    bars.show_sum(ENCODER)
    amortisation, approximation = (bars.close_up(part) for part in bars.split)
    assert amortisation.left() == pytest.approx(bars.box(2).left())
    assert approximation.left() == pytest.approx(amortisation.right())
    assert amortisation.width() / approximation.width() == pytest.approx(1.35 / 0.18, rel=1e-6)


def test_a_screen_reader_receives_the_names_of_all_bars(shown):
    text = shown.accessibleDescription()
    for name in ("reconstruction", "KL(q‖p(z))", "ELBO", "gap", f"ln p({shown.sum.symbol})", "approximation"):
        assert name in text


def test_an_error_is_shown_if_it_is_visible_in_the_last_digit(bars):
    bars.show_sum(EDITED)
    assert bars.parts[4].text == "−116.65 ± 0.02"
    bars.show_sum(ENCODER)
    assert bars.parts[4].text == "−116.65"


@pytest.mark.parametrize("sum_", [None, ENCODER, EDITED, DENSITY, Sum("x", -70.0, 5.0, -74.0, 0.0)])
def test_every_sum_is_painted(bars, sum_):
    bars.show_sum(sum_)
    empty = bars.grab().toImage()
    empty.fill(bars.palette().window().color())
    assert (bars.grab().toImage() != empty) is (sum_ is not None)
