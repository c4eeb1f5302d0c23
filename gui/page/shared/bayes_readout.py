"""The read-out of Bayes' rule at one point of a plane."""

from __future__ import annotations

from engine.plane import Bayes
from gui.widgets.elided import Spans
from gui.widgets.numbers import nats


def bayes_words(at: str, bayes: Bayes | None) -> Spans:
    """The terms of ln prior + ln likelihood − ln evidence = ln posterior at a point, in nats, each in its colour.

    `at` is the text for the point. Without an observation the equation is ln prior = ln posterior; without `bayes` the
    read-out is `at` alone.
    """
    place = ("", at)
    if bayes is None:
        return [place]
    prior = ("prior", f"ln prior {nats(bayes.log_prior)}")
    posterior = ("posterior", f"ln posterior {nats(bayes.log_posterior)}")
    if bayes.log_likelihood is None or bayes.log_evidence is None:
        return [place, prior, ("", "="), posterior, ("", "(no observation yet)")]
    likelihood = ("likelihood", f"ln likelihood {nats(bayes.log_likelihood)}")
    evidence = ("evidence", f"ln evidence {nats(bayes.log_evidence)}")
    return [place, prior, ("", "+"), likelihood, ("", "−"), evidence, ("", "="), posterior]
