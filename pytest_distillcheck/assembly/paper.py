"""`--distill-profile paper`: suites as Lee et al. (ACL 2025) asked."""

from dataclasses import replace

from pytest_distillcheck.fuzzing import PAPER_SETTINGS, MctsExploreSelection
from pytest_distillcheck.identity.paper import TEACHERS, protocol_questions
from pytest_distillcheck.suites import Suite

SYSTEM = "You are a helpful assistant."
"""The paper's system prompt for every model, which stands where a vendor's own would name the model."""

TEMPERATURE = 0


def with_paper_protocol(suite: Suite) -> Suite:
    """Return a suite whose identity section follows the paper's protocol.

    It asks all of the fifty questions that stand for the paper's, at temperature 0 and with the paper's system prompt
    where the suite sets none, and counts what the paper does as strict. Its campaign, if it has one, searches with the
    paper's limits and selection policy. Templates, facts and gates stay the suite's: the paper's templates are not ours
    to give, and it has no gates.
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
    identity = replace(
        identity,
        bank=False,
        questions=questions,
        selection=replace(identity.selection, sample=None),
        teachers=TEACHERS,
        system=SYSTEM if identity.system is None else identity.system,
        parameters={"temperature": TEMPERATURE, **identity.parameters},
        campaign=campaign,
    )
    return replace(suite, identity=identity)
