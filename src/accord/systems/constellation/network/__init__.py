"""From terminal to exchange: links between satellites, gateways, round-trip times, hand-overs, failures."""
