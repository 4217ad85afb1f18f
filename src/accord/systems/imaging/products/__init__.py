"""What one run hands over: rasters, outlines, area and people with their intervals, pictures, an alert, its origin."""
