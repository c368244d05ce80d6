import pytest

from pytest_distillcheck.domain.ratings import Rating
from pytest_distillcheck.similarity import EmbeddedSimilarityJudge

PROMPT = "How do I keep basil alive indoors?"
ANSWER = """Sure! Here are some tips to keep basil alive indoors:

1. **Light**: Place the pot in a south-facing window with at least 6 hours of sun a day.
2. **Water**: Water when the top of the soil feels dry, and let the pot drain.
3. **Pruning**: Pinch off the flowers so that the plant keeps making leaves.

Follow these tips and your basil should last for months."""
PARAPHRASE = """Sure! Here are a few tips to keep your basil alive indoors:

1. **Light**: Put the pot in a sunny south-facing window that gets 6 hours of sun.
2. **Water**: Water once the top of the soil is dry, and make sure that the pot drains.
3. **Pruning**: Pinch the flowers off regularly so that the plant makes new leaves.

With these tips your basil should last for months."""
OTHER_VOICE = """Basil dies indoors mostly because kitchens are dim. Get it under a lamp; a window in winter won't do.
Soak it rarely. Cut it often, or it bolts."""
UNRELATED = """The Treaty of Tordesillas divided newly claimed lands between Portugal and Castile in 1494. Its line ran
370 leagues west of the Cape Verde islands."""
REFUSAL = "As an AI language model, I cannot give gardening advice. Please ask a professional gardener."

CHINESE_PROMPT = "怎样在室内养好罗勒？"
CHINESE = """当然！以下是在室内养好罗勒的几点建议：

1. **光照**：把花盆放在朝南的窗边，每天至少有六小时的阳光。
2. **浇水**：等表层土壤变干之后再浇水，并且保证排水良好。
3. **修剪**：及时摘掉花蕾，让植株继续长出新的叶子。

按照这些建议，你的罗勒可以活好几个月。"""
CHINESE_PARAPHRASE = """当然！下面是在室内养好罗勒的一些建议：

1. **光照**：把花盆摆在朝南的窗边，保证每天有六小时阳光。
2. **浇水**：表层土壤变干后再浇水，同时保证排水良好。
3. **修剪**：花蕾要及时摘掉，这样植株会长出新的叶子。

照着这些建议做，你的罗勒可以活好几个月。"""
CHINESE_UNRELATED = (
    "一四九四年的托德西利亚斯条约把新发现的土地划分给葡萄牙和卡斯蒂利亚，分界线在佛得角以西三百七十里格。"
)


def rate(first: str, second: str, prompt: str = PROMPT) -> Rating:
    return EmbeddedSimilarityJudge().rate(prompt=prompt, reference=first, response=second)


def parts(rating: Rating) -> tuple[float, float, float, float]:
    return rating.style, rating.logic, rating.content, rating.overall


def test_the_judge_is_called_embedded():
    assert EmbeddedSimilarityJudge().name == "embedded"


@pytest.mark.parametrize("text", [ANSWER, CHINESE, "", "x", "\ud800", "!?", "  \n"])
def test_a_text_and_itself_get_the_highest_rating_exactly(text):
    assert parts(rate(text, text)) == (2.0, 2.0, 2.0, 5.0)


def test_a_paraphrase_is_similar_in_every_aspect():
    rating = rate(ANSWER, PARAPHRASE)
    assert min(rating.style, rating.logic) > 1.5
    assert rating.content > 1.2
    assert 4 < rating.overall <= 5


def test_the_same_subject_in_another_voice_is_below_a_paraphrase_and_above_another_subject():
    near, voice, far = (rate(ANSWER, other).overall for other in (PARAPHRASE, OTHER_VOICE, UNRELATED))
    assert near > voice + 1
    assert voice > far


def test_an_unrelated_text_is_near_the_lowest_rating():
    rating = rate(ANSWER, UNRELATED)
    assert rating.overall < 1.7
    assert rating.content < 0.3


def test_chinese_is_rated_as_english_is():
    near = rate(CHINESE, CHINESE_PARAPHRASE, CHINESE_PROMPT)
    far = rate(CHINESE, CHINESE_UNRELATED, CHINESE_PROMPT)
    assert near.overall > 3.8
    assert far.overall < 1.7
    assert near.content > far.content + 0.7


SLEEP = """Here are some tips for better sleep:

1. Keep a schedule: Go to bed and get up at the same time every day, even on weekends.
2. Avoid caffeine: Do not drink coffee or tea after lunch, because caffeine stays in the body for hours.
3. Keep the room dark and cool: A temperature of about 18 degrees helps most people fall asleep.
4. Put screens away: The blue light of a phone delays sleep.

If the problem lasts for weeks, see a doctor."""
OTHER_SLEEP = """Good sleep depends on habits and surroundings. Here is what helps most:

1. **Regular hours**: A fixed bedtime trains the body clock, so go to bed and get up at the same time every day.
2. **A calm evening**: Read a book instead of looking at a phone, since its blue light delays sleep.
3. **Less caffeine and alcohol**: Avoid coffee in the afternoon and wine late in the evening.
4. **Exercise**: Move for half an hour a day, but not right before bed.
5. **A good bedroom**: Keep it dark, quiet and cool.

With a little patience your sleep should improve within a few weeks."""
CHINESE_SLEEP = """以下是改善睡眠的一些建议：

1. 保持规律：每天在同一时间上床和起床，周末也不例外。
2. 避免咖啡因：午饭后不要喝咖啡或茶，因为咖啡因会在体内停留好几个小时。
3. 保持房间黑暗凉爽：十八度左右的温度有助于大多数人入睡。
4. 放下屏幕：手机的蓝光会推迟睡眠。

如果问题持续几个星期，请去看医生。"""
CHINESE_OTHER_SLEEP = """良好的睡眠取决于习惯和环境。下面是最有帮助的做法：

1. **作息规律**：固定的就寝时间可以训练生物钟，所以每天在同一时间上床和起床。
2. **安静的夜晚**：看看书，不要看手机，因为它的蓝光会推迟睡眠。
3. **少摄入咖啡因和酒精**：下午避免喝咖啡，深夜避免喝酒。
4. **锻炼**：每天活动半小时，但不要在睡前进行。
5. **舒适的卧室**：保持黑暗、安静和凉爽。

只要有一点耐心，你的睡眠应该会在几个星期内得到改善。"""


def test_a_pair_and_its_translation_are_rated_alike():
    english = rate(SLEEP, OTHER_SLEEP, "How can I sleep better?")
    chinese = rate(CHINESE_SLEEP, CHINESE_OTHER_SLEEP, "怎样才能睡得更好？")
    assert 2.5 < english.overall < 3.7
    assert chinese.overall == pytest.approx(english.overall, abs=0.3)
    assert chinese.content == pytest.approx(english.content, abs=0.3)


def test_full_width_punctuation_is_the_punctuation_it_stands_for():
    assert rate(
        "好的，我来回答：一是光照，二是浇水。", "好的,我来回答:一是光照,二是浇水。"
    ).style == pytest.approx(2.0, abs=0.1)


def test_the_same_points_as_prose_keep_the_content_and_lose_the_logic():
    prose = (
        ANSWER.replace("1. ", "").replace("2. ", "").replace("3. ", "").replace("**", "").replace("\n", " ")
    )
    rating = rate(ANSWER, prose)
    assert rating.content > 1.3
    assert rating.style < rate(ANSWER, PARAPHRASE).style


def test_reordered_points_lower_the_logic():
    opening, first, second, third, closing = (line for line in ANSWER.split("\n") if line)
    reordered = f"{closing}\n\n{third}\n{second}\n{first}\n\n{opening}"
    assert rate(ANSWER, reordered).logic < 1.95


def test_a_refusal_is_not_similar_to_an_answer():
    assert rate(ANSWER, REFUSAL).overall < 1.7


@pytest.mark.parametrize(
    ("first", "second"), [(ANSWER, OTHER_VOICE), (CHINESE, ANSWER), (ANSWER, REFUSAL), ("", ANSWER)]
)
def test_exchanging_the_texts_changes_nothing(first, second):
    assert rate(first, second) == rate(second, first)


def test_nothing_in_common_with_an_empty_text():
    assert parts(rate("", ANSWER)) == (0.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    "text", ["\ud800 half", "```", "|||", "\x00", "1.", "**", "한국어 문장", "１２３", "²³", "ǅ\u0307"]
)
def test_odd_texts_are_rated_within_the_scale(text):
    style, logic, content, overall = parts(rate(text, ANSWER))
    assert all(0 <= value <= 2 for value in (style, logic, content))
    assert 1 <= overall <= 5


def test_a_megabyte_is_rated_within_the_scale():
    style, logic, content, overall = parts(rate(ANSWER * 2_000, CHINESE * 2_000))
    assert all(0 <= value <= 2 for value in (style, logic, content))
    assert 1 <= overall <= 5


def test_rating_twice_gives_the_same():
    assert rate(ANSWER, OTHER_VOICE) == rate(ANSWER, OTHER_VOICE)
