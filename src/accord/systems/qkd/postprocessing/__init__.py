"""From detections to delivered key, between two processes: the classical half of quantum key distribution."""
