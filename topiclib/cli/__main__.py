"""`python -m topiclib.cli`: the command line where the script `topiclib` is not on the path."""

from topiclib.cli.main import main

raise SystemExit(main())
