"""What pages share: session, language, messages, map and chart frames."""
