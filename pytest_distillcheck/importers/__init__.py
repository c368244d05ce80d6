"""Result files of other tools, read into lines of our recordings, and what their rows mean there."""

from pytest_distillcheck.identity.paper import TEACHERS, paper_scores
from pytest_distillcheck.importers.alpaca_eval import import_alpaca_eval
from pytest_distillcheck.importers.arena_hard import import_arena_hard
from pytest_distillcheck.importers.easyjailbreak import import_easyjailbreak
from pytest_distillcheck.importers.lines import Imported, Line
from pytest_distillcheck.importers.questions import Place, place_of_messages

__all__ = [
    "TEACHERS",
    "Imported",
    "Line",
    "Place",
    "import_alpaca_eval",
    "import_arena_hard",
    "import_easyjailbreak",
    "paper_scores",
    "place_of_messages",
]
