"""Losses of radio links in the lower atmosphere, after ITU-R: rain, gases, clouds, scintillation and their sum."""
