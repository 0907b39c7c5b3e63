"""What every projection stands on: the declaration, rows, pages, names in pinyin."""
