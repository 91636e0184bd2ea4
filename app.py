"""Navigation of the dashboard."""
