"""Pictures of the plant's chapter: its hours, its energy, its money, its ways to hydrogen."""
