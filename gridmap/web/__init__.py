"""What pages share: session and language, the store's handle, the look, charts, tables, figures, jobs and messages."""
