"""The sentences that people read, by area: of pages, answers, commands, reports and files."""
