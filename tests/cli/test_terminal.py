"""What may reach a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from fastinit.cli.terminal import print_line, print_table, printable


@given(st.text())
def test_printable_text_is_printable_and_encodable(text):
    made = printable(text)
    assert made.isprintable()
    assert made.encode().decode() == made


@given(st.text().filter(str.isprintable))
def test_printable_text_stays(text):
    assert printable(text) == text


def test_markup_and_emoji_are_text(capsys):
    print_line("w[bold] :smile: [/]")
    print_table(("name", "n>"), [("[red]a", "1"), (":b:\x1b[0m", "10")])
    assert capsys.readouterr().out == (
        "w[bold] :smile: [/]\nname         n\n[red]a       1\n:b:\\x1b[0m  10\n"
    )


def test_a_line_is_not_wrapped(capsys):
    print_line("word " * 100 + "end")
    assert capsys.readouterr().out == "word " * 100 + "end\n"
