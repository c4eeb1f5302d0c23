"""Bayes' rule at one place of a plane, as the words of the read-out line."""

from __future__ import annotations

from engine.plane import Bayes
from gui.widgets.elided import Spans
from gui.widgets.numbers import nats


def bayes_words(at: str, bayes: Bayes | None) -> Spans:
    """ln prior + ln likelihood − ln evidence = ln posterior `at` a place, each in its colour."""
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
