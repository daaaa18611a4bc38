"""Outputs to share: an HTML report, a methods section, tables, a workbook, and a bundle without article text."""

from topiclib.report.export import escape_formulas, export_tables, write_bundle, write_workbook
from topiclib.report.methods import methods
from topiclib.report.page import write_report

__all__ = ["escape_formulas", "export_tables", "methods", "write_bundle", "write_report", "write_workbook"]
