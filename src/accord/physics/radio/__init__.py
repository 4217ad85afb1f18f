"""Radio links between ground and space: budget, modulation and coding, the geostationary arc, limits of flux."""
