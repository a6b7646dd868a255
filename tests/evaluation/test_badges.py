"""Badges: the best, and the cheap ones of those tied with it."""

from automl_core.evaluation import BADGE_RULES, Contender, award_badges

BEST = Contender(0.10, True, False, True, 3.0, 300)
RUN = Contender(0.11, True, True, True, 9.0, 900)
SLOW = Contender(0.12, True, False, True, 5.0, 100)
CHEAP = Contender(0.30, False, False, True, 0.1, 1)
CONSTANT = Contender(0.50, True, False, False, 0.0, 0)
FAILED = Contender(None, False, False, False, None, None)


def test_badges_go_to_the_best_and_to_the_cheap_ones_of_the_tied() -> None:
    assert award_badges([BEST, RUN, SLOW, CHEAP, CONSTANT, FAILED]) == (
        ("Best", "Fastest", "Tied"),
        ("Recommended", "Tied"),
        ("Smallest", "Tied"),
        (),
        (),
        (),
    )


def test_one_alone_is_no_band() -> None:
    assert award_badges([BEST, CHEAP]) == (("Best",), ())
    assert award_badges([FAILED]) == ((),)
    assert award_badges([]) == ()


def test_each_badge_has_its_rule() -> None:
    awarded = award_badges([BEST, RUN, SLOW])
    assert {badge for mine in awarded for badge in mine} == set(BADGE_RULES)
