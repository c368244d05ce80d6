"""`--distill-profile paper`: suites as Lee et al. (ACL 2025) asked."""

from dataclasses import replace

from pytest_distillcheck.fuzzing import PAPER_SETTINGS, MctsExploreSelection
from pytest_distillcheck.identity.paper import protocol_questions
from pytest_distillcheck.suites import Suite


def with_paper_protocol(suite: Suite) -> Suite:
    """Return a suite whose identity section follows the paper's protocol.

    It asks the fifty questions that stand for the paper's, and its campaign, if it has one, searches with the paper's
    limits and selection policy. Templates, facts and gates stay the suite's: the paper's templates are not ours to
    give, and it has no gates.
    """
    identity = suite.identity
    if identity is None:
        return suite
    questions = protocol_questions()
    campaign = identity.campaign
    if campaign:
        campaign = replace(
            campaign, questions=questions, search=PAPER_SETTINGS, policy=MctsExploreSelection.name
        )
    return replace(suite, identity=replace(identity, bank=False, questions=questions, campaign=campaign))
