"""Key from recorded detections, between two ends over a socket."""
