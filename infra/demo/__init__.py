"""Demo partners, made by commands like any other: three made-up ones and three real offices."""
