"""Indicators and counted questions, one .sql file each."""
