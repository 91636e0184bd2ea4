"""The only place that writes the district's DuckDB file."""
