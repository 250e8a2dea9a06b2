"""The feed that is a log: everything public has a number in it, and nobody can rewrite it."""
