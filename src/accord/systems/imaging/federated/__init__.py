"""Learning across sites whose pixels stay where they are: what may leave, what did leave, what is learnt from it."""
