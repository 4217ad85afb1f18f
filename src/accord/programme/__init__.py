"""Programme files: strict YAML in, a validated programme out, or every mistake with its line."""
