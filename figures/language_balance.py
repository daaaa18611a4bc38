"""The share of each topic in either language, with its keywords in both."""

from topiclib import draw


def make(run, lang):
    return draw.language_balance(run, lang=lang)


if __name__ == "__main__":
    from make import main

    raise SystemExit(main("language_balance"))
