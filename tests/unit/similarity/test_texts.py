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


def test_points_end_with_sentences_and_lines_and_paragraphs_are_counted():
    text = take_apart("Cats purr. Dogs bark!\n\nBirds of 2.5 kg? 鸟叫。鱼游")
    assert [min(point) for point in text.points] == ["cat", "bark", "bird", "叫", "游"]
    assert text.paragraphs == 2


def test_the_numbers_of_list_items_are_no_words():
    text = take_apart("1. Use 2.5 lamps\n2) or 1,000\n3、三\n(4) last\n10.none\n2.5 is said")
    assert "".join(text.kinds) == "NNNNNP"
    assert text.numbers == {"2.5", "1000"}


def test_a_term_stands_where_it_is_said_first():
    assert take_apart("lamp lion lamp wolf").places == {"lamp": 0, "lion": 0.25, "wolf": 0.75}


def test_nested_lists_and_bold_words_are_seen():
    assert take_apart("- one\n  - two").indents
    assert not take_apart("- one\n- two").indents
    assert take_apart("a **b**").emphasises


def test_chinese_terms_are_characters_and_pairs_without_those_that_carry_grammar():
    assert set(take_apart("我的睡眠").places) == {"睡", "眠", "睡眠"}
    assert take_apart("我的睡眠").function_words == {"我": 1, "的": 1}


def test_a_word_of_a_megabyte_is_cut():
    assert max(map(len, take_apart("x" * 1_000_000).terms)) <= 40
