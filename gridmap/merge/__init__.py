"""The engine: cleans departmental layers, overlays them, and joins the pieces to unified grids. Pure: no files, no output."""
