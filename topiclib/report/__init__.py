"""What is sent to others: a report, a methods section, the tables, and a bundle that may be published."""

from topiclib.report.export import escape_formulas, export_tables, write_bundle
from topiclib.report.methods import methods
from topiclib.report.page import write_report

__all__ = ["escape_formulas", "export_tables", "methods", "write_bundle", "write_report"]
