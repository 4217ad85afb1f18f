"""A small convolutional network beside the trees: what it is, how it is trained, how it runs over scenes."""
