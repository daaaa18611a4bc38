"""The pipeline, the tables of a fitted model, and the run folder."""
