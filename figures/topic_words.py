"""The keywords of the largest topics, Persian and Arabic side by side."""

from topiclib import draw


def make(run, lang):
    return draw.topic_words(run, lang=lang)


if __name__ == "__main__":
    from make import main

    raise SystemExit(main("topic_words"))
