"""The learned flood map: labelled chips, honest splits, the shipped trees, their cards, learning across sites."""
