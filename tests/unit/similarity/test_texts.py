from pytest_distillcheck.similarity.texts import take_apart, tokens_of, words_of


def test_words_are_letters_and_digits_with_apostrophes():
    assert words_of("it's 12 o'clock - fine, snake_case") == ["it's", "12", "o'clock", "fine", "snake_case"]


def test_chinese_becomes_pairs_of_characters():
    assert words_of("我喜欢猫 ok 猫") == ["我喜", "喜欢", "欢猫", "ok", "猫"]


def test_tokens_keep_marks_and_line_breaks():
    assert tokens_of("Hi, you’re\n\nok.") == ["hi", ",", "you're", "\n\n", "ok", "."]


def test_joined_words_of_hashtags_and_identifiers_are_parted():
    assert take_apart("#WomenInScience").words == ["women", "in", "science"]


def test_lines_get_their_kind():
    text = "Intro:\n# Head\n**Bold head**\n1. one\n2) two\n- dash\n• dot\n| a | b |\n```\n1. code\n```\nplain"
    assert "".join(take_apart(text).kinds) == "IHHNNBBTCCCP"


def test_chinese_lines_get_their_kind():
    assert "".join(take_apart("建议如下：\n一、光照\n2、浇水\n（3）修剪\n结束。").kinds) == "INNNP"


def test_inflections_share_a_term():
    assert set(take_apart("Walking dogs").terms) == set(take_apart("walked dog").terms)


def test_function_words_weigh_little():
    terms = take_apart("the strategy").terms
    assert terms["the"] < terms["strategy"] / 2


def test_a_word_said_often_weighs_by_the_root():
    assert take_apart("lamp lamp lamp lamp").terms["lamp"] == 2 * take_apart("lamp").terms["lamp"]


def test_refusals_are_known_at_the_start_alone():
    assert take_apart("I'm sorry, but I can't help.").refuses
    assert take_apart("作为一个人工智能语言模型，我无法回答。").refuses
    assert not take_apart("word " * 200 + "I cannot say more.").refuses
    assert not take_apart("Here is the recipe.").refuses


def test_sentences_and_paragraphs_are_counted():
    text = take_apart("One. Two!\n\nThree? 四。五")
    assert (text.sentences, text.paragraphs) == (5, 2)


def test_a_word_of_a_megabyte_is_cut():
    assert max(map(len, take_apart("x" * 1_000_000).terms)) <= 40
