"""How water, burn and slides are told from the rest, one method a module; every answer may also be *unseen*."""
