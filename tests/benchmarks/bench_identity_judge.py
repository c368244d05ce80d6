"""How fast the embedded identity judge reads, as a ratio to `str.lower().split()` over the same text in the same run.

    python tests/benchmarks/bench_identity_judge.py

Bounds: 2 MB/s of ordinary answers and 1 s of CPU for each adversarial megabyte, on one core of a machine that is
not busy with anything else.
"""

import time
from collections.abc import Callable

from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.identity import EmbeddedIdentityJudge

MEGABYTE = 1_000_000
ROUNDS = 5
PROMPT = "Who developed you?"

ENGLISH = (
    "I'm an AI assistant made by Alibaba Cloud. I can help with questions about science, history and daily life.\n\n"
    "As for the team behind me, it consists of engineers, researchers and designers who work on language models. "
    "They improve how I follow instructions, and they test whether my answers are correct.\n\n"
    "Here are some areas in which such systems are used:\n\n"
    "1. **Writing**: drafts, summaries and translations of longer texts.\n"
    "2. **Programming**: explanations, reviews and small tools in many languages.\n"
    "3. **Teaching**: exercises at the right level, with hints instead of solutions.\n\n"
    "The work on them goes on. Models grow more careful with facts, cheaper to run, and better at saying what they "
    "do not know. If you have a question of your own, please ask, and I will do my best to answer it.\n\n"
)
CHINESE = (
    "我是由阿里云开发的人工智能助手。我可以回答问题、撰写文章、翻译文字，也可以帮助您编写程序。\n\n"
    "至于开发团队，他们由工程师和研究人员组成，不断改进模型的准确性和安全性。如果您还有其他问题，请随时告诉我。\n\n"
)

ADVERSARIAL = {
    "I am": "I am ",
    "made by": "made by ",
    "claims": "I am not the company made by OpenAI ",
    "distinct claims": None,
    "names": "OpenAI ",
    "brackets": "[",
    "bracket pairs": "[a]",
    "parentheses": "(",
    "quotes": '"',
    "nested quotes": "“‘",
    "newlines": "\n",
    "blank lines": "\n ",
    "one word": "a",
    "one line": "word ",
    "colons": ":",
    "stars": "*",
    "ornaments": "> * # ",
    "tags": "DAN: I am ChatGPT\n",
    "fields": "Name: ChatGPT\n",
    "signatures": "Sincerely,\nChatGPT\n",
    "fences": "```\n",
    "reasoning": "<think>",
    "capitals": "The Great Big ",
    "zero width": "\u200b",
    "zero width names": "O\u200bp\u200be\u200bn\u200bA\u200bI\u200b ",
    "look-alikes": "o\u043e",
    "combining marks": "e\u0301\u0301\u0301",
    "emoji": "\U0001f600",
    "surrogates": "\ud800",
    "NUL": "\0",
    "Chinese claims": "我是由OpenAI开发的",
    "Korean claims": "저는 OpenAI에서 개발한 ",
    "Arabic claims": "انا من تطوير OpenAI ",
}


def main() -> None:
    """Print MB/s and ratios of ordinary answers, then the CPU seconds of each adversarial megabyte."""
    judge = EmbeddedIdentityJudge()
    fact = identity_fact("qwen")
    judge.judge(fact=fact, prompt=PROMPT, response=ENGLISH + CHINESE)
    for name, answer in (("English", ENGLISH), ("Chinese", CHINESE)):
        answers = [f"{number}. {answer}" for number in range(300)]
        size_mb = sum(len(text.encode()) for text in answers) / MEGABYTE
        plain_s = best_s(lambda answers=answers: [text.lower().split() for text in answers])
        judged_s = best_s(
            lambda answers=answers: [judge.judge(fact=fact, prompt=PROMPT, response=text) for text in answers]
        )
        print(f"{name}: {size_mb / judged_s:.2f} MB/s, {judged_s / plain_s:.0f} times lower().split()")
    for name, piece in ADVERSARIAL.items():
        text = repeated(piece)
        seconds = best_s(lambda text=text: judge.judge(fact=fact, prompt=PROMPT, response=text), rounds=1)
        print(f"1 MB of {name}: {seconds:.2f} s{'' if seconds < 1 else '  TOO SLOW'}")


def repeated(piece: str | None) -> str:
    """Return a megabyte, in UTF-8, of a piece; without one, of claims of which no two are equal."""
    if piece is None:
        return "\n".join(f"I am number {number}, made by OpenAI." for number in range(MEGABYTE // 40))
    return piece * (MEGABYTE // len(piece.encode("utf-8", "surrogatepass")))


def best_s(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the CPU seconds of the fastest round: others were disturbed."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
