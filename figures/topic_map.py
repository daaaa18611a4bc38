"""Map of the passages in two dimensions, with topic labels in Persian and Arabic; for exploration only."""

from topiclib import draw


def make(run, lang):
    return draw.topic_map(run, lang=lang)


if __name__ == "__main__":
    from make import main

    raise SystemExit(main("topic_map"))
