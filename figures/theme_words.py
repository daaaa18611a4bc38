"""The words that distinguish two sides, by theme and language."""

from topiclib import draw


def make(run, lang):
    return draw.theme_words(run, lang=lang)


if __name__ == "__main__":
    from make import main

    raise SystemExit(main("theme_words"))
