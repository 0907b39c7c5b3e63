"""What a partner's own words mean is told over GraphQL too, and read there."""

from tests.api.door import Door

TEACH = """mutation M($input: TeachWordInput!) {
  teachWord(input: $input) { partner { words { of word means } } errors { code path } }
}"""


async def test_a_word_is_taught_read_and_forgotten(door: Door) -> None:
    word = {"of": "ROSTER", "word": "人员代码", "means": "employee_no"}
    taught = (await door.data(TEACH, input=word))["teachWord"]
    assert taught == {"partner": {"words": [word]}, "errors": []}
    assert await door.data("{ partner { words { word } } }") == {
        "partner": {"words": [{"word": "人员代码"}]}
    }
    forgotten = await door.change("forgetWord", of="ROSTER", word="人员代码")
    assert forgotten["errors"] == []
    assert await door.data("{ partner { words { word } } }") == {"partner": {"words": []}}


async def test_a_meaning_that_there_is_not_is_refused_at_its_field(door: Door) -> None:
    word = {"of": "POST", "word": "导购", "means": "employee_no"}
    refused = (await door.data(TEACH, input=word))["teachWord"]
    assert refused["errors"] == [{"code": "word_meaning_unknown", "path": ["input", "means"]}]
