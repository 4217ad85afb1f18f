"""Pure functions shared by systems; one noun, one file, every equation with its source."""
