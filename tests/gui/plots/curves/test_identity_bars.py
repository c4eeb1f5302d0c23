"""The bars of the identity: as long as their numbers, each where the one before ended, and told in words."""

import pytest

from gui.plots.curves.identity_bars import IdentityBars, Sum

ENCODER = Sum("x", -109.72, 8.46, -116.65, 0.0004, best=-116.83)
HAND = Sum("y", -150.0, 8.0, -116.65, 0.02, best=-116.83, encoder=-118.18)
DENSITY = Sum("x", 1500.0, 9.0, 1493.5, 0.0, best=1493.0)  # of pixels that are densities


@pytest.fixture
def bars(qtbot):
    made = IdentityBars("bars")
    qtbot.addWidget(made)
    made.resize(340, made.sizeHint().height())
    return made


@pytest.fixture(params=[ENCODER, HAND, DENSITY], ids=["encoder", "by hand", "density"])
def shown(request, bars):
    bars.show_sum(request.param)
    return bars


def ends(bars, i):
    """Where bar i starts and ends, in nats, read off its pixels."""
    part, box = bars.parts[i], bars.box(i)
    low, high = box.left(), box.right()
    return (low, high) if part.start < part.end else (high, low)


def test_each_bar_starts_where_the_one_before_ended(shown):
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


def test_the_gap_is_drawn_once_more_as_wide_as_the_widget_in_its_two_parts(bars):
    bars.show_sum(ENCODER)
    amortisation, approximation = (bars.close_up(part) for part in bars.split)
    assert amortisation.left() == pytest.approx(bars.box(2).left())
    assert approximation.left() == pytest.approx(amortisation.right())
    assert amortisation.width() / approximation.width() == pytest.approx(1.35 / 0.18, rel=1e-6)


def test_whatever_is_drawn_is_told_to_a_screen_reader(shown):
    told = shown.accessibleDescription()
    for words in ("reconstruction", "KL(q‖p(z))", "ELBO", "gap", f"ln p({shown.sum.symbol})", "approximation"):
        assert words in told


def test_an_error_is_told_where_it_can_be_seen(bars):
    bars.show_sum(HAND)
    assert bars.parts[4].text == "−116.65 ± 0.02"
    bars.show_sum(ENCODER)
    assert bars.parts[4].text == "−116.65"


@pytest.mark.parametrize("sum_", [None, ENCODER, HAND, DENSITY, Sum("x", -70.0, 5.0, -74.0, 0.0)])
def test_every_sum_is_painted(bars, sum_):
    bars.show_sum(sum_)
    empty = bars.grab().toImage()
    empty.fill(bars.palette().window().color())
    assert (bars.grab().toImage() != empty) is (sum_ is not None)
