"""The documentation: its code, its links, and what the pages must name."""
