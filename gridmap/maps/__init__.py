"""Frames in, folium maps out: layers, legends, escaping, offline assets."""
