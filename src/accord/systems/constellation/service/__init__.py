"""From radio link to price: link, capacity, demand, deployment and cost of a constellation over its region."""
