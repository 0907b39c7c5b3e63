"""Demo partners, made by commands like any other: three made-up ones, three real offices and a
beginner; and people of head office."""
