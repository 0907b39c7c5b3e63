"""What the words in a partner's sheets mean is taught, said anew and forgotten."""

from domain.people.partner import Partner, TaughtWord
from tests.gwt import fact, given

JOINED = fact(Partner.Joined, code="hz", name="杭州渠道")
TAUGHT = fact(Partner.WordTaught, of="roster", word="人员代码", means="employee_no")


def test_a_word_is_taught() -> None:
    given(Partner, JOINED).when(
        lambda partner: partner.teach_word(of="roster", word="人员代码", means="employee_no")
    ).then(TAUGHT)


def test_nothing_is_written_where_a_word_means_that_already() -> None:
    given(Partner, JOINED, TAUGHT).when(
        lambda partner: partner.teach_word(of="roster", word="人员 代码", means="employee_no")
    ).then()


def test_a_word_that_is_taught_anew_means_what_was_said_last() -> None:
    anew = fact(Partner.WordTaught, of="roster", word="人员代码", means="phone")
    given(Partner, JOINED, TAUGHT).when(
        lambda partner: partner.teach_word(of="roster", word="人员代码", means="phone")
    ).then(anew)


def test_a_word_means_something_else_over_another_kind_of_sheet() -> None:
    given(Partner, JOINED, TAUGHT).when(
        lambda partner: partner.teach_word(of="orders", word="人员代码", means="employee_no")
    ).then(fact(Partner.WordTaught, of="orders", word="人员代码", means="employee_no"))


def test_a_word_is_forgotten_once() -> None:
    given(Partner, JOINED, TAUGHT).when(
        lambda partner: [partner.forget_word(of="roster", word="人员代码") for _ in range(2)]
    ).then(fact(Partner.WordForgotten, of="roster", word="人员代码"))


def test_the_words_are_listed_as_they_were_said_last() -> None:
    partner = Partner.join("partner-1", code="hz", name="杭州渠道")
    partner.teach_word(of="roster", word="人员代码", means="phone")
    partner.teach_word(of="post", word="导购", means="sales")
    partner.teach_word(of="roster", word="人员代码", means="employee_no")
    assert partner.words == [
        TaughtWord("roster", "人员代码", "employee_no"),
        TaughtWord("post", "导购", "sales"),
    ]
