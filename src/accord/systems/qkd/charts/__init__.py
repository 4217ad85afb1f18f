"""Pictures of the chapter by subject: the map, passes and losses of satellites, the network's pools."""
