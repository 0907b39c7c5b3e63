"""Which passwords are refused, and that good ones are not."""

import pytest

from domain.kernel.errors import Refusal
from services.people.passwords import require_password

KNOWN = ("li.xiaolong", "李小龙", "杭州渠道", "hz01")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("x" * 1025, "password_too_long"),
        ("1234567890", "password_guessable"),
        ("password123", "password_guessable"),
        ("Passw0rd2026!", "password_guessable"),
        ("qwertyuiop12", "password_guessable"),
        ("1qaz2wsx3edc", "password_guessable"),
        ("woaini1314520", "password_guessable"),
        ("aaaaaaaaaaaaaaaa", "password_guessable"),
        ("abababababababab", "password_guessable"),
        ("Li.Xiaolong88", "password_guessable"),
        ("李小龙李小龙李小龙李小龙", "password_guessable"),
        ("杭州渠道2026年度", "password_guessable"),
        ("hz01chudan2026", "password_guessable"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        require_password(password, *KNOWN)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "小河边的三只鸭子很吵",
        "vK3#qT9wZp",
        "demo-3f0a9c1",
        "kd8-password-wj2",
    ],
)
def test_what_nobody_guesses_first_is_taken(password: str) -> None:
    require_password(password, *KNOWN)
