"""The network of trusted sites: pools of key, relays hop by hop, routes and the most that any routing could do."""
