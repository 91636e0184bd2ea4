"""The meeting room's views: ask by drawing and in SQL, disputes, moving borders, scenarios, minutes."""
