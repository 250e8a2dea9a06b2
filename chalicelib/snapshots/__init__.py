"""The public world as files to take away: SQLite, JSON Lines, CSV, Parquet."""
