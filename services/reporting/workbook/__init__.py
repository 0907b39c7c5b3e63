"""A month's report as a workbook: its content, tables and sheets."""
